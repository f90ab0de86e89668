import { describe, expect, test } from 'vitest'
import { explain, findAccess } from '../failure/access.js'
import { WELL } from '../support/process-child.js'
import { startHealthy } from './healthy.js'
import { HOST, OwnNetwork } from './own-network.js'
import { startServer } from './server.js'
import { startPython } from './talker.js'

const BACKLOG = 511
// Beyond what the queue holds.
const COOKIES_LEAST = 10_000

const access = await findAccess()
const missing = typeof access === 'string' ? null : explain(access)
// Loud, and where CI=true the skipped test fails the run.
if (missing !== null) console.error(`\n${missing}\n`)

describe.skipIf(missing !== null)('a flood of half-open connections', () => {
  test('SYNs of sources that do not exist: the served go on, new ones are let in, none of it reaches the server', async () => {
    const network = await OwnNetwork.open(typeof access === 'string' ? access : 'root')
    const options = { program: network.inside(process.execPath) }
    const server = await startServer({ host: HOST, backlog: BACKLOG }, options)
    const healthy = await startHealthy(server.port, { host: HOST }, options)
    const flood = startPython('syn_flood.py', [HOST, server.port], network.inside('python3'))
    // The queue of half-open connections is full from here on: the kernel answers with cookies.
    while ((await network.counter('TcpExtSyncookiesSent')) < COOKIES_LEAST) await healthy.served()
    const late = await startHealthy(server.port, { host: HOST }, options)
    await Promise.all([healthy.served(), late.served()])
    expect(await flood.order<number>('stop')).toBeGreaterThan(COOKIES_LEAST)
    expect(await flood.ended).toMatchObject(WELL)
    await late.served()
    await late.leave()
    await healthy.leave()
    const { counters, ends } = await server.close()
    expect(counters.arrived).toBe(100)
    expect(ends).toEqual({ 'peer-end': 100 })
  }, 60_000)
})
