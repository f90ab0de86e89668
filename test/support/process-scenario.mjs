// Runs a scenario (a function's source text) in a process or worker of its own. Started by
// process-scenario.ts as a process, and by itself as a worker.

import { writeSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** @typedef {import('./process-scenario.js').Tools} Tools */
/** @typedef {{ source: string, io: 'epoll' | 'uv', input: unknown }} Order */

/** @type {Order} */
const order = isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData

/** @type {Tools} */
const tools = {
  io: order.io,
  input: order.input,
  load: () => import('holdfast'),
  // Not process.stdout: a worker's would be written by the main thread later, if at all.
  say: (word, value) => {
    writeSync(1, `${JSON.stringify(value === undefined ? { word } : { word, value })}\n`)
  },
  startWorker: (scenario, input) => {
    const data = { source: String(scenario), io: order.io, input }
    return new Worker(new URL(import.meta.url), { workerData: data })
  },
  parentPort,
}

// Not awaited: a module that waits for ever would change the exit code to 13.
void runInThisContext(`(${order.source})`)(tools)
