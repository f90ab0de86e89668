/** A line of smaps_rollup or meminfo (proc(5)), in kB. @throws when it is not there */
export function kilobytesIn(text: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new Error(`no ${name} in what /proc says`)
  return Number(value)
}
