import type { Command } from 'commander'
import { type KeepalivePlan, PRICE_MAX, planKeepalive } from '../core/keepalive-plan.js'
import { KeepalivePolicy } from '../core/keepalive-policy.js'
import { PATH_TIMEOUT_MS_MIN } from '../core/keepalive-policy-path.js'
import { BOUND_MS_MIN, type WithinOptions } from '../core/keepalive-policy-within.js'
import { KEEPALIVE_ALLOWED, keepaliveArgument, onPath } from './keepalive-argument.js'
import { codeOf, codeWithin } from './plan-code.js'
import { planText } from './plan-text.js'
import { printLines } from './print.js'
import { amountArgument, countArgument, durationArgument, shareArgument } from './quantities.js'
import { badArgument, choiceArgument, UsageError } from './usage.js'

/** What commander collects: texts as given. */
interface RawOptions {
  within?: string
  keepalive?: string
  connections?: string
  pathTimeout?: string
  loss: string
  lossTolerance?: string
  outage?: string
  ipVersion: string
  pricePerGb?: string
  json: boolean
}

/** A policy, and what a program writes for it. */
interface Chosen {
  policy: KeepalivePolicy
  code: string
}

const CONNECTIONS_MAX = 1_000_000_000

/** `holdfast plan`: chooses a policy by its bound, or takes one as it is, and says what it costs. */
export function addPlan(program: Command): void {
  // Not commander's requiredOption(): that would hide a mistyped option behind the missing one.
  program
    .command('plan')
    .description('say what a keepalive policy costs and risks; --within chooses one by its bound')
    .option('--within <duration>', 'report a vanished peer within this, 2s or more: 40s, 4min, 1h')
    .option('--keepalive <policy>', `instead of --within: ${KEEPALIVE_ALLOWED}`)
    .option('--connections <n>', 'open at the same time, idle: 1000000, 1e6 or 1,000,000')
    .option(
      '--path-timeout <duration>',
      'how long the path remembers an idle connection, 2260ms or more',
    )
    .option('--loss <share>', 'of segments that are lost, each way: 1% or 0.01', '1%')
    .option('--loss-tolerance <share>', 'highest chance a day that loss ends a healthy connection')
    .option('--outage <duration>', 'an outage that ends no healthy connection: 500ms, 9s')
    .option('--ip-version <n>', '4, 6: for the size of frames', '4')
    .option('--price-per-gb <price>', 'per 10^9 bytes sent, 0 to 1e9')
    .option('--json', 'one JSON object', false)
    .action((raw: RawOptions) => {
      const loss = lossArgument(raw.loss)
      const { policy, code } = choose(raw, loss)
      const plan = checkedPlan(policy, raw, loss)
      printLines(raw.json ? [JSON.stringify(plan)] : planText(plan, code))
    })
}

function checkedPlan(policy: KeepalivePolicy, raw: RawOptions, loss: number): KeepalivePlan {
  if (raw.connections === undefined) {
    throw new UsageError(`--connections is missing: an integer from 1 to ${CONNECTIONS_MAX}`)
  }
  const connections = countArgument('--connections', raw.connections, CONNECTIONS_MAX)
  const ipVersion = choiceArgument('--ip-version', raw.ipVersion, ['4', '6']) === '6' ? 6 : 4
  const price =
    raw.pricePerGb === undefined
      ? {}
      : { pricePerGb: amountArgument('--price-per-gb', raw.pricePerGb, PRICE_MAX) }
  return planKeepalive(policy, { connections, ipVersion, loss, ...price })
}

function choose(raw: RawOptions, loss: number): Chosen {
  const { within, keepalive } = raw
  if (within !== undefined && keepalive !== undefined) {
    throw new UsageError('--within and --keepalive: give one, a bound or a policy, not both')
  }
  if (within !== undefined) {
    return chooseWithin(within, raw, loss)
  }
  if (keepalive !== undefined) {
    return takeAsItIs(keepalive, raw)
  }
  throw new UsageError(
    '--within or --keepalive is missing: a bound such as 40s, or a policy such as mobile',
  )
}

function takeAsItIs(text: string, raw: RawOptions): Chosen {
  const demanded = raw.lossTolerance === undefined ? raw.outage : raw.lossTolerance
  if (demanded !== undefined) {
    const flag = raw.lossTolerance === undefined ? '--outage' : '--loss-tolerance'
    const why = 'with --within only: a policy that is given is not chosen by what it stands'
    throw new UsageError(`${flag} ${JSON.stringify(demanded)}: ${why}`)
  }
  const policy = onPath(keepaliveArgument(text), raw.pathTimeout)
  if (!policy.enabled) {
    throw badArgument('--keepalive', text, 'a policy that is on: without probes there is no plan')
  }
  return { policy, code: codeOf(policy) }
}

function chooseWithin(within: string, raw: RawOptions, loss: number): Chosen {
  const withinMs = durationArgument('--within', within, BOUND_MS_MIN)
  const demands: WithinOptions = { loss }
  if (raw.pathTimeout !== undefined) {
    const ms = durationArgument('--path-timeout', raw.pathTimeout, PATH_TIMEOUT_MS_MIN)
    demands.pathTimeoutMs = ms
  }
  if (raw.lossTolerance !== undefined) {
    demands.lossTolerance = toleranceArgument(raw.lossTolerance)
  }
  if (raw.outage !== undefined) {
    demands.outageMs = durationArgument('--outage', raw.outage, 0)
  }
  return { policy: policyFor(withinMs, demands, raw), code: codeWithin(withinMs, demands) }
}

/** Each value is fit by itself; together they may be more than any policy can keep. */
function policyFor(withinMs: number, demands: WithinOptions, raw: RawOptions): KeepalivePolicy {
  try {
    return KeepalivePolicy.within(withinMs, demands)
  } catch (error) {
    const given = [
      ['--within', raw.within],
      ['--path-timeout', raw.pathTimeout],
      ['--loss', raw.loss],
      ['--loss-tolerance', raw.lossTolerance],
      ['--outage', raw.outage],
    ].flatMap(([flag, text]) => (text === undefined ? [] : [`${flag} ${JSON.stringify(text)}`]))
    throw new UsageError(`${given.join(' ')}: ${(error as Error).message}`)
  }
}

function lossArgument(text: string): number {
  const allowed = 'a share from 0 to below 100%, such as 1% or 0.01'
  const loss = shareArgument('--loss', text, allowed)
  if (loss === 1) {
    throw badArgument('--loss', text, allowed)
  }
  return loss
}

function toleranceArgument(text: string): number {
  const allowed = 'a share above 0, at most 100%, such as 0.01% or 1e-4'
  const tolerance = shareArgument('--loss-tolerance', text, allowed)
  if (tolerance === 0) {
    throw badArgument('--loss-tolerance', text, allowed)
  }
  return tolerance
}
