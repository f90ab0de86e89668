import type { Cut } from '../scenario.js'
import { SERVER_LINK } from '../topology.js'

/** A queue of the server's own link that is full all the time: what is sent never leaves (tc-pfifo(8)). */
export const QUEUE_REFUSES: Cut = {
  name: 'the queue of the server’s link refuses everything',
  async apply({ topology }) {
    await topology.run('server', 'tc', 'qdisc', 'add', ...QUEUE, 'pfifo', 'limit', '0')
  },
  async undo({ topology }) {
    await topology.run('server', 'tc', 'qdisc', 'del', ...QUEUE)
  },
  trace: ({ topology }) => topology.run('server', 'tc', 'qdisc', 'show', 'dev', SERVER_LINK),
}

const QUEUE = ['dev', SERVER_LINK, 'root'] as const
