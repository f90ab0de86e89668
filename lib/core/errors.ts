import { HoldfastError } from '../native/errors.js'

export { HoldfastError }

/** A value of the wrong kind. `code` starts with `ERR_HOLDFAST_`. */
export class HoldfastTypeError extends TypeError {
  override readonly name = 'HoldfastTypeError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A value of the right kind outside what is allowed. `code` starts with `ERR_HOLDFAST_`. */
export class HoldfastRangeError extends RangeError {
  override readonly name = 'HoldfastRangeError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

// Long enough to recognise a value by, short enough for one line of a log.
const PRINTED_CHARS_MAX = 60

/** One short line for any value; never throws and never runs code of the value's own. */
export function printValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return shorten(JSON.stringify(value))
    case 'bigint':
      return shorten(`${value}n`)
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'object':
      if (value === null) {
        return 'null'
      }
      return Array.isArray(value) ? 'an array' : 'an object'
    default:
      return String(value)
  }
}

function shorten(text: string): string {
  return text.length <= PRINTED_CHARS_MAX ? text : `${text.slice(0, PRINTED_CHARS_MAX)}...`
}

/** ERR_HOLDFAST_OPTION_TYPE: the option exists, the value is of another type. */
export function optionType(option: string, value: unknown, allowed: string): HoldfastTypeError {
  return new HoldfastTypeError(
    'ERR_HOLDFAST_OPTION_TYPE',
    `${option} must be ${allowed}; got ${printValue(value)}`,
  )
}

/** ERR_HOLDFAST_OPTION_RANGE: the type is right, the value is not allowed. */
export function optionRange(option: string, value: unknown, allowed: string): HoldfastRangeError {
  return new HoldfastRangeError(
    'ERR_HOLDFAST_OPTION_RANGE',
    `${option} must be ${allowed}; got ${printValue(value)}`,
  )
}

/** ERR_HOLDFAST_OPTION_RANGE: bytes, of which there are too few or too many. */
export function optionSize(option: string, bytes: number, allowed: string): HoldfastRangeError {
  return new HoldfastRangeError(
    'ERR_HOLDFAST_OPTION_RANGE',
    `${option} must be ${allowed}; got ${bytes} bytes`,
  )
}

/** ERR_HOLDFAST_UNKNOWN_OPTION: no option has this name. */
export function unknownOption(
  owner: string,
  option: string,
  known: readonly string[],
): HoldfastTypeError {
  return new HoldfastTypeError(
    'ERR_HOLDFAST_UNKNOWN_OPTION',
    `${owner} has no option ${printValue(option)}; known: ${known.join(', ')}`,
  )
}

/** ERR_HOLDFAST_UNKNOWN_PRESET: no keepalive preset has this name. */
export function unknownPreset(name: string, known: readonly string[]): HoldfastRangeError {
  return new HoldfastRangeError(
    'ERR_HOLDFAST_UNKNOWN_PRESET',
    `keepalive has no preset ${printValue(name)}; known: ${known.join(', ')}`,
  )
}

/** ERR_HOLDFAST_UNKNOWN_PROTOCOL: no protocol has this name. */
export function unknownProtocol(name: unknown, known: readonly string[]): HoldfastRangeError {
  return new HoldfastRangeError(
    'ERR_HOLDFAST_UNKNOWN_PROTOCOL',
    `there is no protocol ${printValue(name)}; known: ${known.join(', ')}`,
  )
}

/** ERR_HOLDFAST_NO_CODEC: send() on a connection whose handler has no codec. */
export function noCodec(): HoldfastError {
  return new HoldfastError(
    'ERR_HOLDFAST_NO_CODEC',
    'send: the handler of this server has no codec; use write(), or make the handler by protocol()',
  )
}

/** ERR_HOLDFAST_MESSAGE: a codec cannot make one message of it. */
export function unfitMessage(why: string): HoldfastRangeError {
  return new HoldfastRangeError('ERR_HOLDFAST_MESSAGE', `the message cannot be encoded: ${why}`)
}

/** ERR_HOLDFAST_ENCODE: a codec's encode() does not keep to the rules. */
export function badEncoding(rule: string): HoldfastError {
  return new HoldfastError('ERR_HOLDFAST_ENCODE', rule)
}

/** ERR_HOLDFAST_DECODE: a codec's decode() does not keep to the rules. */
export function badDecoding(rule: string): HoldfastError {
  return new HoldfastError('ERR_HOLDFAST_DECODE', rule)
}

/** ERR_HOLDFAST_CLOSED: the connection has ended, so there is no socket to ask or to change. */
export function connectionClosed(operation: string): HoldfastError {
  return new HoldfastError('ERR_HOLDFAST_CLOSED', `${operation}: the connection has ended`)
}

/** ERR_HOLDFAST_SOCKET: a socket that is not holdfast's own cannot be worked on. */
export function socketUnusable(operation: string, why: string): HoldfastError {
  return new HoldfastError('ERR_HOLDFAST_SOCKET', `${operation}: ${why}`)
}

// No tcp_diag; no sock_diag(7) in this kernel; no netlink(7) in it; another system.
const NO_SOCK_DIAG: unknown[] = ['ENOENT', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ENOSYS']

/** ERR_HOLDFAST_SOCK_DIAG: the kernel does not tell what sockets there are, or not now, or not us. */
export function noSocketTable(cause: Error): HoldfastError {
  const { code } = cause as { code?: unknown }
  const why = NO_SOCK_DIAG.includes(code)
    ? `this system does not list its sockets: sock_diag(7) answered ${String(code)} (Linux with the module tcp_diag is needed)`
    : `the sockets of this system could not be listed: ${cause.message}`
  return new HoldfastError('ERR_HOLDFAST_SOCK_DIAG', why, { cause })
}

/** ERR_HOLDFAST_HOOK_LATE: cleanup went on without these hooks. */
export function hooksLate(count: number, timeoutMs: number): HoldfastError {
  const hooks = count === 1 ? 'one cleanup hook' : `${count} cleanup hooks`
  return new HoldfastError(
    'ERR_HOLDFAST_HOOK_LATE',
    `${hooks} had not settled after ${timeoutMs} ms`,
  )
}
