import { isDeepStrictEqual } from 'node:util'
import { boundOf } from './judge.js'
import type { Scenario } from './scenario.js'

// A control is kept for longer than what it is the control of may take.
const LONGER_MS = 350

/**
 * The scenarios, and after them a control for each that has a cut and names none: the same topology,
 * policy and traffic without the cut, one for all that have them in common. `others` are scenarios
 * that run anyway: one that fits is the control.
 */
export function withControls(
  scenarios: readonly Scenario[],
  others: readonly Scenario[],
): Scenario[] {
  const controls = new Map<string, Scenario>()
  const named = scenarios.map((scenario): Scenario => {
    if (scenario.cut === null || scenario.control !== undefined) return scenario
    const other = others.find((one) => covers(one, scenario))
    if (other !== undefined) return { ...scenario, control: other.name }
    const control = controlOf(scenario)
    const known = controls.get(control.name)
    controls.set(control.name, known === undefined ? control : merged(known, control))
    return { ...scenario, control: control.name }
  })
  return [...named, ...controls.values()]
}

function covers(one: Scenario, scenario: Scenario): boolean {
  const same = (['topology', 'middlebox', 'policy', 'traffic'] as const).every((part) =>
    isDeepStrictEqual(one[part], scenario[part]),
  )
  const families = scenario.families.every((family) => one.families.includes(family))
  const live = one.cut === null && one.expect === null
  return same && families && live && boundOf(one) >= boundOf(scenario)
}

function controlOf(scenario: Scenario): Scenario {
  const { topology, middlebox, families, policy, traffic } = scenario
  const { idleMs, intervalMs, count } = policy
  const where = middlebox?.name ?? topology
  return {
    // By every thing that tells two controls apart.
    name: `control: ${traffic.name} (${where}, ${idleMs} + ${intervalMs} * ${count} ms)`,
    topology,
    ...(middlebox === undefined ? {} : { middlebox }),
    families,
    policy,
    traffic,
    cut: null,
    expect: null,
    holdMs: boundOf(scenario) + LONGER_MS,
    // The peer was asked, and answered.
    witness: { counters: { TcpExtTCPKeepAlive: [1, 20] } },
  }
}

function merged(one: Scenario, other: Scenario): Scenario {
  const families = [...new Set([...one.families, ...other.families])]
  return { ...one, families, holdMs: Math.max(boundOf(one), boundOf(other)) }
}
