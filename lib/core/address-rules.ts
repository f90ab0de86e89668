import type { NativeAdmission } from '../native/reactor.js'
import { parseCidr } from './cidr.js'
import { optionRange, optionType, printValue } from './errors.js'
import { checkOptionNames, choiceOption, integerOption, objectOption } from './validate.js'

/** What a network is allowed. The longest prefix that covers an address decides. */
export interface AddressRule {
  /**
   * '10.0.0.0/8', '2001:db8::/32', or one address. IPv4 clients of a dual-stack server are covered by
   * rules of IPv4 alone, to which '::ffff:10.0.0.0/104' belongs, and '::/0' does not.
   */
  cidr: string
  /** Default 'allow'. */
  action?: 'allow' | 'deny'
  /** Of all its addresses together; above it: per-address. Not for 'deny'. Default: no limit. */
  connections?: number
}

const RULES_MAX = 65_000

/**
 * Checks limits.rules. `total` is limits.connections, 0 for none; no count is above `most`.
 * @throws HoldfastTypeError, HoldfastRangeError naming the option, and the other one where two contradict
 */
export function resolveRules(
  input: unknown,
  total: number,
  most: number,
): NativeAdmission['rules'] {
  if (input === undefined) {
    return []
  }
  if (!Array.isArray(input) || input.length > RULES_MAX) {
    throw optionType('limits.rules', input, `an array of at most ${RULES_MAX} rules`)
  }
  const seen = new Map<string, string>()
  return input.map((item: unknown, index) => {
    const name = `limits.rules[${index}]`
    const rule = objectOption(name, item)
    checkOptionNames(name, rule, ['cidr', 'action', 'connections'])
    const { address, family, bits } = parseCidr(`${name}.cidr`, rule.cidr)
    const network = `${address}/${bits}`
    const earlier = seen.get(network)
    if (earlier !== undefined) {
      throw optionRange(`${name}.cidr`, rule.cidr, `another network than ${earlier}`)
    }
    seen.set(network, `${name}.cidr (${printValue(rule.cidr)})`)
    const given = rule.action === undefined ? 'allow' : rule.action
    const action = choiceOption(`${name}.action`, given, ['allow', 'deny'])
    if (rule.connections === undefined) {
      return { address, family, bits, deny: action === 'deny', connections: 0 }
    }
    const connections = integerOption(`${name}.connections`, rule.connections, 1, most)
    if (action === 'deny') {
      const allowed = `left out where ${name}.action is 'deny'`
      throw optionRange(`${name}.connections`, connections, allowed)
    }
    if (total !== 0 && connections > total) {
      const allowed = `at most limits.connections (${total})`
      throw optionRange(`${name}.connections`, connections, allowed)
    }
    return { address, family, bits, deny: false, connections }
  })
}
