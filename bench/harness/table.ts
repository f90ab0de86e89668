import Table from 'cli-table3'
import type { Judgement } from './judging.js'
import { type Described, figureRows, judgementRows, type Rows } from './rows.js'
import type { Samples } from './samples.js'

export function figuresTable(bench: Described, samples: Samples): string {
  return figureRows(bench, samples).map(drawTable).join('\n\n')
}

export function judgementTable(judgements: readonly Judgement[]): string {
  return drawTable(judgementRows(judgements))
}

export function drawTable({ head, rows }: Rows): string {
  const table = plainTable([...head])
  for (const row of rows) table.push([...row])
  return table.toString()
}

export function plainTable(head: string[]): Table.Table {
  return new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: ['left'],
  })
}
