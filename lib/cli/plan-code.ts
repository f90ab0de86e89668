import { LOSS_DEFAULT } from '../core/keepalive-policy-loss.js'
import type { WithinOptions } from '../core/keepalive-policy-within.js'
import type { PresetValues } from '../core/presets.js'

/** What `listen` takes for a policy that was chosen by its bound. */
export function codeWithin(withinMs: number, demands: WithinOptions): string {
  const { loss, ...others } = demands
  const said = loss === LOSS_DEFAULT ? others : demands
  const options = Object.entries(said).map(([name, value]) => `${name}: ${literal(value)}`)
  const second = options.length === 0 ? '' : `, { ${options.join(', ')} }`
  return `keepalive: KeepalivePolicy.within(${literal(withinMs)}${second})`
}

/** What `listen` takes for a preset, or for values of one's own. */
export function codeOf(
  policy: PresetValues & { preset: string | null; pathTimeoutMs: number | null },
): string {
  const { preset, idleMs, intervalMs, count, pathTimeoutMs } = policy
  const values = `{ idleMs: ${literal(idleMs)}, intervalMs: ${literal(intervalMs)}, count: ${count} }`
  const path = pathTimeoutMs === null ? '' : `, pathTimeoutMs: ${literal(pathTimeoutMs)}`
  return `keepalive: ${preset === null ? values : `'${preset}'`}${path}`
}

/** Whole numbers with their thousands apart. */
function literal(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US').replaceAll(',', '_') : `${value}`
}
