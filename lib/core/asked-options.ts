import { makeReader } from './reader.js'

/**
 * What a protocol asks of its server holds only where it is handed on. Warns of what was forgotten; an
 * option that is given, whatever its value is, was not.
 */
export function warnOfForgottenOptions(handler: object, given: object): void {
  const { options } = handler as { options?: Readonly<Record<string, unknown>> }
  if (!(makeReader in handler) || typeof options !== 'object' || options === null) {
    return
  }
  const forgotten = Object.keys(options).filter(
    (name) => options[name] !== undefined && !(name in given),
  )
  if (forgotten.length > 0) {
    process.emitWarning(
      `the protocol asks for ${forgotten.join(', ')}: listen({ ...protocol.options, ... })`,
      { type: 'HoldfastWarning', code: 'HOLDFAST_PROTOCOL_OPTIONS' },
    )
  }
}
