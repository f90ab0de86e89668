import { Child, figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { SerialBench } from '../harness/context.js'
import { pinned } from '../harness/cores.js'

// Half a minute of simulated time and more is spent before and after what is measured.
const full = { connections: 1_000_000, seconds: 180 }
const quick = { connections: 20_000, seconds: 5 }

const timeoutMs = 120_000

/** A million connections that must not be idle for 60 s, each sending something every 10 to 50 s. */
export const deadlines: SerialBench = {
  name: 'deadlines',
  title: 'A million deadlines',
  contestants: [
    contestants.deadlineWheel,
    contestants.withoutDeadlines,
    contestants.timerPerConnection,
  ],
  columns: [
    { figure: 'deadlineCpuPercent', title: 'CPU % of a core', digits: 3, relative: true },
    { figure: 'deadlineBytes', title: 'bytes/deadline', digits: 1, relative: true },
    { figure: 'messageNs', title: 'CPU ns/message', digits: 0 },
    { figure: 'messages', title: 'messages', digits: 0 },
  ],
  async measure(contestant, round, context) {
    const { connections, seconds } = context.quick ? quick : full
    const command = contestant.command([], [String(connections), String(seconds)])
    const child = new Child(contestant.name, pinned(context.cores.server, command))
    try {
      const result = await child.next('result', timeoutMs)
      const figures = Object.fromEntries(
        deadlines.columns.map(({ figure: name }) => [name, figure(result, name)]),
      )
      context.samples.add({
        bench: 'deadlines',
        scenario: `${connections}, idle time 60 s`,
        contestant: contestant.name,
        round,
        figures,
      })
    } finally {
      child.kill()
      await child.end()
    }
  },
}
