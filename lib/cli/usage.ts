/** A mistake in the command line: one line on stderr, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A whole number within min..max from the text given to `flag`. */
export function integerArgument(
  flag: string,
  text: string,
  min: number,
  max: number,
  unit = '',
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value) || value < min || value > max) {
    const allowed = `an integer from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}`
    throw badArgument(flag, text, allowed)
  }
  return value
}

export function choiceArgument<Choice extends string>(
  flag: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text)
  if (found === undefined) {
    throw badArgument(flag, text, `one of ${choices.join(', ')}`)
  }
  return found
}

export function badArgument(flag: string, text: string, allowed: string): UsageError {
  return new UsageError(`${flag} ${JSON.stringify(text)}: must be ${allowed}`)
}
