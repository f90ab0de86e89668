import { getSystemErrorName } from 'node:util'
import type { DisconnectCompletion } from '../../lib/core/completion.js'
import { actorOf } from '../../lib/core/reasons.js'
import type { TcpInfo } from '../../lib/core/tcp-info.js'
import { KeepalivePolicy } from '../../lib/index.js'
import type { Scenario } from './scenario.js'

// What holds for every completion, whatever the scenario expected: the reason follows from the
// evidence that is attached to it.

// What the kernel makes of an ICMP answer, or of a machine that has no way itself (icmp_err_convert,
// icmpv6_err_convert, inet6_csk_xmit).
const UNREACHABLE_CODES: readonly (string | null)[] = [
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNREFUSED',
  'EACCES',
  'ENOPROTOOPT',
  'EHOSTDOWN',
  'ENONET',
]

/** What is known of the connection besides. */
export interface Known {
  detectionMs: number
  /** The server ended its side, so its FIN counts as a byte. */
  finSent: boolean
  /** The caller has set TCP_USER_TIMEOUT. */
  userTimeout: boolean
}

/** Every contradiction between the name and the evidence; empty when there is none. */
export function misnomers(completion: DisconnectCompletion, known: Known): string[] {
  const { reason, actor, code, errno, detectedMs, evidence } = completion
  const { tcp, decidedBy } = evidence
  if (tcp === null) return [`${reason} without TCP_INFO`]
  const problems: string[] = []
  const must = (holds: boolean, what: string): void => {
    if (!holds) problems.push(`${reason} (${code ?? 'no code'}), but ${what}`)
  }
  must(actor === actorOf(reason), `its actor is ${actor}`)
  must(code === (errno === 0 ? null : getSystemErrorName(errno)), `its errno is ${errno}`)

  const unanswered = Math.max(tcp.retransmits ?? 0, tcp.probes ?? 0)
  const outstanding = outstandingBytes(completion, tcp, known.finSent)
  // An error of the kernel's has closed the socket; the clock finds it as it was.
  const closed = tcp.state === 'close'
  must(closed === (decidedBy === 'kernel' && code !== null), `its state is ${tcp.state}`)
  if (decidedBy === 'liveness-clock') {
    must(reason === 'send-timeout' || reason === 'unreachable', 'the clock gives other names')
    must(outstanding > 0, 'the clock watches what is outstanding alone')
    must(unanswered >= 2, `the peer was asked ${unanswered} times, not twice`)
    const silentMs = detectedMs ?? Number.NaN
    must(silentMs >= known.detectionMs, `the clock decided after ${silentMs} ms`)
  }
  switch (reason) {
    case 'keepalive-timeout':
      must(code === 'ETIMEDOUT', 'its code is another')
      must(decidedBy === 'kernel', 'the kernel did not decide')
      must(outstanding === 0, `${outstanding} bytes were outstanding`)
      must((tcp.probes ?? 0) > 0, 'no probe was unanswered')
      must(tcp.retransmits === 0, `there were ${tcp.retransmits} retransmissions`)
      break
    case 'send-timeout':
      must(code === 'ETIMEDOUT', 'its code is another')
      must(outstanding > 0, 'nothing was outstanding')
      // A user timeout ends a peer that answers and takes nothing, too.
      must(unanswered > 0 || known.userTimeout, 'the peer was never asked')
      break
    case 'unreachable':
      must(UNREACHABLE_CODES.includes(code), 'no ICMP answer makes that code')
      must(unanswered > 0, 'the peer was never asked')
      break
    case 'peer-reset':
      must(code === 'ECONNRESET' || code === 'EPIPE', 'its code is another')
      must(detectedMs === null, `it claims ${detectedMs} ms of silence`)
      break
    case 'io-error':
      must(code !== null && !UNREACHABLE_CODES.includes(code), 'another name has that code')
      must(code !== 'ETIMEDOUT' && code !== 'ECONNRESET', 'another name has that code')
      break
    default:
      must(code === null, 'no error belongs to it')
  }
  return problems
}

/** The same of a scenario's completion; nothing to say where nothing was reported. */
export function misnomersOf(
  { policy, traffic }: Scenario,
  completion: DisconnectCompletion | null,
): string[] {
  if (completion === null) return []
  const steps = [...(traffic.before ?? []), ...(traffic.after ?? [])]
  const finSent = steps.some((step) => step.at === 'server' && 'do' in step && step.do === 'end')
  const detectionMs = KeepalivePolicy.from(policy).detectionMs ?? Number.NaN
  const userTimeout = typeof policy.userTimeoutMs === 'number'
  return misnomers(completion, { detectionMs, finSent, userTimeout })
}

/** Of what the server wrote, a FIN included. A dead socket has emptied its queue: compare the sums. */
function outstandingBytes(
  { bytesWritten, evidence }: DisconnectCompletion,
  { bytesAcked }: TcpInfo,
  finSent: boolean,
): number {
  const inKernel = bytesWritten + (finSent ? 1 : 0) - (bytesAcked ?? 0)
  return evidence.bytesUnsent + Math.max(0, inKernel)
}
