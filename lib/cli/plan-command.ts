import type { Command } from 'commander'
import { type KeepalivePlan, planKeepalive } from '../core/keepalive-plan.js'
import { KeepalivePolicy } from '../core/keepalive-policy.js'
import { PATH_TIMEOUT_MS_MIN } from '../core/keepalive-policy-path.js'
import { BOUND_MS_MIN, type WithinOptions } from '../core/keepalive-policy-within.js'
import { planText } from './plan-text.js'
import { printLines } from './print.js'
import { amountArgument, durationArgument, shareArgument } from './quantities.js'
import { badArgument, choiceArgument, integerArgument, UsageError } from './usage.js'

/** What commander collects: texts as given. */
interface RawOptions {
  within: string
  connections: string
  pathTimeout?: string
  loss: string
  lossTolerance?: string
  outage?: string
  ipVersion: string
  pricePerGb?: string
  json: boolean
}

const CONNECTIONS_MAX = 1_000_000_000

/** `holdfast plan`: chooses a policy by its bound and says what it costs. */
export function addPlan(program: Command): void {
  program
    .command('plan')
    .description('choose a keepalive policy by its bound, and say what it costs and risks')
    .requiredOption(
      '--within <duration>',
      'report a vanished peer within this: 500ms, 40s, 4min, 1h',
    )
    .requiredOption('--connections <n>', 'open at the same time, idle')
    .option('--path-timeout <duration>', 'how long the path remembers an idle connection')
    .option('--loss <share>', 'of segments that are lost, each way: 1% or 0.01', '1%')
    .option('--loss-tolerance <share>', 'highest chance a day that loss ends a healthy connection')
    .option('--outage <duration>', 'an outage that ends no healthy connection')
    .option('--ip-version <n>', '4, 6: for the size of frames', '4')
    .option('--price-per-gb <price>', 'per 10^9 bytes sent')
    .option('--json', 'one JSON object', false)
    .action((raw: RawOptions) => {
      const plan = checkedPlan(raw)
      printLines(raw.json ? [JSON.stringify(plan)] : planText(plan))
    })
}

function checkedPlan(raw: RawOptions): KeepalivePlan {
  const withinMs = durationArgument('--within', raw.within, BOUND_MS_MIN)
  const connections = integerArgument('--connections', raw.connections, 1, CONNECTIONS_MAX)
  const loss = lossArgument(raw.loss)
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
  const ipVersion = choiceArgument('--ip-version', raw.ipVersion, ['4', '6']) === '6' ? 6 : 4
  const price =
    raw.pricePerGb === undefined
      ? {}
      : { pricePerGb: amountArgument('--price-per-gb', raw.pricePerGb, 'a number from 0') }
  return planKeepalive(policyFor(withinMs, demands, raw), {
    connections,
    ipVersion,
    loss,
    ...price,
  })
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
