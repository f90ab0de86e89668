import { accept } from './cases/accept.js'
import { acceptStorm } from './cases/accept-storm.js'
import { admission } from './cases/admission.js'
import { broadcast } from './cases/broadcast.js'
import { deadlines } from './cases/deadlines.js'
import { detection } from './cases/detection.js'
import { echo } from './cases/echo.js'
import { fairness } from './cases/fairness.js'
import { heartbeat } from './cases/heartbeat.js'
import { hold } from './cases/hold.js'
import { hostile } from './cases/hostile.js'
import { http } from './cases/http.js'
import { idle } from './cases/idle.js'
import { inspection } from './cases/inspection.js'
import { keepalive } from './cases/keepalive.js'
import { liveness } from './cases/liveness.js'
import { loss } from './cases/loss.js'
import { messages } from './cases/messages.js'
import { million } from './cases/million.js'
import { peers } from './cases/peers.js'
import { probes } from './cases/probes.js'
import { resp } from './cases/resp.js'
import { sizes } from './cases/sizes.js'
import { storm } from './cases/storm.js'
import type { Part } from './harness/parts.js'
import { micro } from './micro/main.js'

/**
 * Every bench, in the order in which a run has them. `rounds` and `secondsPerRound` are those of two
 * quiet cores; the standard ones together stay under 15 minutes.
 */
export const suite: readonly Part[] = [
  { bench: echo, rounds: 3, secondsPerRound: 60, runs: 'standard' },
  { bench: sizes, rounds: 1, secondsPerRound: 18, runs: 'standard' },
  { bench: keepalive, rounds: 1, secondsPerRound: 65, fullSecondsPerRound: 110, runs: 'standard' },
  { bench: accept, rounds: 2, secondsPerRound: 19, runs: 'standard' },
  { bench: heartbeat, rounds: 1, secondsPerRound: 66, runs: 'standard' },
  { bench: probes, rounds: 1, secondsPerRound: 108, fullSecondsPerRound: 1800, runs: 'standard' },
  { bench: detection, rounds: 1, secondsPerRound: 43, runs: 'standard' },
  { bench: loss, rounds: 1, secondsPerRound: 60, runs: 'standard' },
  { bench: idle, rounds: 2, secondsPerRound: 25, runs: 'standard' },
  { bench: acceptStorm, rounds: 1, secondsPerRound: 24, runs: 'standard' },
  { bench: storm, rounds: 1, secondsPerRound: 65, runs: 'standard' },
  { bench: broadcast, rounds: 1, secondsPerRound: 39, runs: 'standard' },
  { bench: fairness, rounds: 2, secondsPerRound: 31, runs: 'standard' },
  { bench: micro, rounds: 1, secondsPerRound: 36, runs: 'standard' },
  { bench: peers, rounds: 2, secondsPerRound: 40, runs: 'all' },
  { bench: http, rounds: 3, secondsPerRound: 20, runs: 'all' },
  { bench: messages, rounds: 3, secondsPerRound: 60, runs: 'all' },
  { bench: resp, rounds: 2, secondsPerRound: 60, runs: 'all' },
  { bench: liveness, rounds: 1, secondsPerRound: 240, runs: 'all' },
  { bench: inspection, rounds: 3, secondsPerRound: 60, runs: 'all' },
  { bench: admission, rounds: 3, secondsPerRound: 60, runs: 'all' },
  { bench: deadlines, rounds: 3, secondsPerRound: 30, runs: 'all' },
  { bench: hostile, rounds: 3, secondsPerRound: 120, runs: 'all' },
  { bench: hold, rounds: 1, secondsPerRound: 95, runs: 'all' },
  { bench: million, rounds: 1, secondsPerRound: 240, runs: 'named' },
]
