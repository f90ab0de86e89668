import { withControls } from './control.js'
import type { Scenario } from './scenario.js'
import { alive } from './scenarios/alive.js'
import { endings } from './scenarios/endings.js'
import { flap } from './scenarios/flap.js'
import { killed } from './scenarios/killed.js'
import { middlebox } from './scenarios/middlebox.js'
import { ownQueue } from './scenarios/own-queue.js'
import { reboot } from './scenarios/reboot.js'
import { silence } from './scenarios/silence.js'
import { stopped } from './scenarios/stopped.js'
import { unreachable } from './scenarios/unreachable.js'
import { userTimeout } from './scenarios/user-timeout.js'

/** Every scenario of the laboratory, in the order of the table. */
export const catalogue: readonly Scenario[] = [
  ...alive,
  ...silence,
  ...unreachable,
  ...userTimeout,
  ...endings,
  ...withControls([...reboot, ...killed, ...middlebox, ...flap, ...ownQueue, ...stopped], alive),
]
