import type { NativeProxy } from '../native/reactor.js'
import { parseCidr } from './cidr.js'
import { HoldfastRangeError, optionType } from './errors.js'
import { checkOptionNames, choiceOption, integerOption, objectOption } from './validate.js'

/**
 * Clients behind a proxy that speaks the PROXY protocol, version 1 or 2: its header is read before
 * `open`, so that addresses, limits and rules are those of the real client. A header that is
 * malformed, late or missing is refused as proxy-header.
 */
export interface ProxyOptions {
  /**
   * Whose word is taken: '10.0.0.0/8', '2001:db8::1'; 1 to 1024 of them. Whoever can connect from
   * there can claim any address.
   */
  from: readonly string[]
  /** From the accept until the header is complete, 100 to 60000. Default 5000. */
  headerMs?: number
  /**
   * Peers outside of `from`. Default 'allow': they are clients themselves, and no header is read;
   * 'deny': refused as proxy-header.
   */
  others?: 'allow' | 'deny'
}

const FROM_MAX = 1024
const HEADER_MS_DEFAULT = 5_000

/**
 * Checks the option proxy and fills in the defaults; null: there are no proxies.
 * @throws HoldfastTypeError, HoldfastRangeError naming the option, its value and what is allowed
 */
export function resolveProxy(input: unknown): NativeProxy | null {
  if (input === undefined) {
    return null
  }
  const given = objectOption('proxy', input)
  checkOptionNames('proxy', given, ['from', 'headerMs', 'others'])
  const { from, headerMs = HEADER_MS_DEFAULT, others = 'allow' } = given
  const allowed = `an array of 1 to ${FROM_MAX} addresses or networks`
  if (!Array.isArray(from)) {
    throw optionType('proxy.from', from, allowed)
  }
  if (from.length === 0 || from.length > FROM_MAX) {
    throw new HoldfastRangeError(
      'ERR_HOLDFAST_OPTION_RANGE',
      `proxy.from must be ${allowed}; got ${from.length} of them`,
    )
  }
  return {
    from: from.map((text: unknown, index) => {
      const { address, family, bits } = parseCidr(`proxy.from[${index}]`, text)
      return { address, family, bits }
    }),
    headerMs: integerOption('proxy.headerMs', headerMs, 100, 60_000, 'ms'),
    denyOthers: choiceOption('proxy.others', others, ['allow', 'deny']) === 'deny',
  }
}
