import type { Command } from 'commander'
import { KeepalivePolicy } from '../core/keepalive-policy.js'
import {
  DEFAULT_KEEPALIVE_PRESET,
  KEEPALIVE_PRESET_NAMES,
  KEEPALIVE_PRESET_NOTES,
} from '../core/presets.js'
import { printLines } from './print.js'

/** `holdfast presets`: the named policies, and why they are as they are. */
export function addPresets(program: Command): void {
  program
    .command('presets')
    .description('list the keepalive policies that have a name, and their basis')
    .option('--json', 'one JSON object', false)
    .action(({ json }: { json: boolean }) => printLines(json ? [presetsJson()] : presetsText()))
}

function presetsJson(): string {
  const presets = KEEPALIVE_PRESET_NAMES.map((preset) => {
    const { enabled, idleMs, intervalMs, count, detectionMs } = KeepalivePolicy.from(preset)
    const probes = enabled ? { idleMs, intervalMs, count } : {}
    const isDefault = preset === DEFAULT_KEEPALIVE_PRESET
    return { preset, isDefault, enabled, ...probes, detectionMs, ...KEEPALIVE_PRESET_NOTES[preset] }
  })
  return JSON.stringify({ presets })
}

function presetsText(): string[] {
  const rows = KEEPALIVE_PRESET_NAMES.map((preset) => {
    const { enabled, idleMs, intervalMs, count, detectionMs } = KeepalivePolicy.from(preset)
    const { purpose, basis } = KEEPALIVE_PRESET_NOTES[preset]
    const probes = [seconds(idleMs), seconds(intervalMs), String(count), seconds(detectionMs ?? 0)]
    return [preset, ...(enabled ? probes : ['', '', '', 'never']), purpose, basis]
  })
  const head = ['preset', 'idle', 'interval', 'count', 'within', 'for', 'basis']
  return aligned([head, ...rows])
}

/** Columns as wide as their widest cell, two spaces apart. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths?.[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}
