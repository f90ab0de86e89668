import { join } from 'node:path'
import { Child, figure } from '../harness/child.js'
import { nativeDirectory } from '../harness/paths.js'
import type { MicroResult } from './suite.js'

const msPerCase = 200
const quickMsPerCase = 10
/** Of a case; what prepares a pass is not in its time. */
const timeoutMs = 60_000

/** The addon's timer wheel with 100,000 deadlines, in C++ (wheel_cpu.cc). */
export async function measureWheel(quick: boolean): Promise<MicroResult[]> {
  const program = join(nativeDirectory, 'wheel_cpu')
  const child = new Child('wheel_cpu', [program, String(quick ? quickMsPerCase : msPerCase)])
  const results: MicroResult[] = []
  try {
    for (;;) {
      const message = await child.nextOf(['micro', 'done'], timeoutMs)
      if (message.event === 'done') return results
      results.push({
        suite: 'wheel of 100,000 deadlines',
        name: String(message.name),
        nsPerOperation: figure(message, 'nsPerOperation'),
        errorPercent: figure(message, 'errorPercent'),
        samples: figure(message, 'samples'),
      })
    }
  } finally {
    await child.end()
  }
}
