import { optionRange, optionSize, optionType, unknownOption } from './errors.js'

/** Refuses names outside `known`. `owner` names the object in the message. */
export function checkOptionNames(
  owner: string,
  options: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw unknownOption(owner, name, known)
    }
  }
}

/** An object that is neither null nor an array. */
export function objectOption(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw optionType(name, value, 'an object')
  }
  return value as Readonly<Record<string, unknown>>
}

/** A whole number within min..max, both included; `unit` appears in the message. */
export function integerOption(
  name: string,
  value: unknown,
  min: number,
  max: number,
  unit = '',
): number {
  const allowed = `an integer from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}`
  if (typeof value !== 'number') {
    throw optionType(name, value, allowed)
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw optionRange(name, value, allowed)
  }
  return value
}

/** A number that fits; `allowed` says in the message which do. */
export function numberOption(
  name: string,
  value: unknown,
  allowed: string,
  fits: (value: number) => boolean,
): number {
  if (typeof value !== 'number') {
    throw optionType(name, value, allowed)
  }
  if (!fits(value)) {
    throw optionRange(name, value, allowed)
  }
  return value
}

export function booleanOption(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') {
    throw optionType(name, value, 'true or false')
  }
  return value
}

export function choiceOption<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const allowed = `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`
  if (typeof value !== 'string') {
    throw optionType(name, value, allowed)
  }
  const found = choices.find((choice) => choice === value)
  if (found === undefined) {
    throw optionRange(name, value, allowed)
  }
  return found
}

/** A string, taken as utf8, or bytes: 1 to `maxBytes` of them. */
export function bytesOption(name: string, value: unknown, maxBytes: number): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  if (!(bytes instanceof Uint8Array)) {
    throw optionType(name, value, 'a string or a Uint8Array')
  }
  if (bytes.length === 0 || bytes.length > maxBytes) {
    throw optionSize(name, bytes.length, `1 to ${maxBytes} bytes`)
  }
  return bytes
}

export function functionOption(name: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw optionType(name, value, 'a function')
  }
}
