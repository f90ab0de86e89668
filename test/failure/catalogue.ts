import type { Scenario } from './scenario.js'
import { alive } from './scenarios/alive.js'
import { silence } from './scenarios/silence.js'

/** Every scenario of the laboratory, in the order of the table. */
export const catalogue: readonly Scenario[] = [...alive, ...silence]
