import { Program } from './program.js'
import type { Bench, Family, IoKind, Scenario } from './scenario.js'
import { openTopology } from './topology.js'

export interface OpenBench extends Bench {
  /** Ends both programs and removes the namespaces. */
  close(): Promise<void>
}

/** Namespaces, server and peer of one scenario, with the connection made. */
export async function openBench(
  scenario: Scenario,
  io: IoKind,
  family: Family,
): Promise<OpenBench> {
  const topology = await openTopology(scenario.topology, family)
  const programs: Program[] = []
  const close = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.kill()))
    await topology.close()
  }
  const { traffic, policy } = scenario
  const host = topology.serverHost
  const { allowHalfOpen = false, idleRuleMs = 0 } = traffic
  const order = { host, io, keepalive: policy, allowHalfOpen, idleRuleMs }
  try {
    await scenario.middlebox?.install(topology)
    const program = 'test/failure/programs/server.mjs'
    const server = new Program(topology, 'server', process.execPath, [
      program,
      JSON.stringify(order),
    ])
    programs.push(server)
    const peer = new Program(topology, 'peer', 'python3', ['-B', 'test/failure/programs/peer.py'])
    programs.push(peer)
    const listening = await server.first('listening')
    if (listening.io !== io)
      throw new Error(`the server runs on ${String(listening.io)}, not ${io}`)
    const serverPort = Number(listening.port)
    const receiveBytes = traffic.peerReceiveBytes
    const [connected] = await Promise.all([
      peer.first('connected'),
      server.first('open'),
      peer.order({ do: 'connect', host, port: serverPort, receiveBytes }),
    ])
    const peerPort = Number(connected.port)
    return { topology, server, peer, family, serverPort, peerPort, close }
  } catch (error) {
    await close()
    throw error
  }
}
