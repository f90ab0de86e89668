import type { MicroBench } from '../harness/parts.js'
import { plainTable } from '../harness/table.js'
import { decoding, encoding } from './codecs.js'
import { dispatching } from './dispatch.js'
import { policyArithmetic } from './policy.js'
import { type MicroResult, runMicro } from './suite.js'
import { measureWheel } from './wheel.js'

export const micro: MicroBench = {
  name: 'micro',
  title: 'What single operations cost',
  measureMicro,
}

/** Runs all micro suites on the core of the harness and prints one table; nothing is judged. */
async function measureMicro(quick: boolean): Promise<MicroResult[]> {
  const results = [
    ...(await measureWheel(quick)),
    ...(await runMicro([dispatching, decoding, encoding, policyArithmetic], quick)),
  ]
  const table = plainTable(['micro', '', 'ns/operation', '± %', 'samples'])
  for (const { suite, name, nsPerOperation, errorPercent, samples } of results) {
    table.push([suite, name, nsPerOperation.toFixed(1), errorPercent.toFixed(1), samples])
  }
  console.log(`${table.toString()}\n`)
  return results
}
