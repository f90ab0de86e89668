import { scaledPresets } from '../detection/scaled-presets.js'
import type { Target } from './targets.js'

/** That everyone was found, for the right reason, and nobody else, is asserted by the bench. */
const ofDetection = ['holdfast-epoll', 'holdfast-uv'].flatMap((contestant) =>
  scaledPresets().flatMap(({ name, latestMs }) =>
    ['idle', 'data in flight'].map(
      (kind): Target => ({
        title: `dead found, ${name}, ${kind}`,
        bench: 'detection',
        scenario: `${name}, ${kind}`,
        figure: 'maxMs',
        contestant,
        limit: latestMs,
        limitIs: 'most',
        unit: 'ms',
      }),
    ),
  ),
)

/** Of some thirty counts for each: how many are not what the model of loss allows. */
const ofLoss = ['holdfast-epoll', 'holdfast-uv'].map(
  (contestant): Target => ({
    title: 'losses that the model does not explain',
    bench: 'loss',
    scenario: 'all rates and policies',
    figure: 'outsideModel',
    contestant,
    limit: 0,
    limitIs: 'most',
    unit: '×',
  }),
)

export const targetsOfTheDead: readonly Target[] = [...ofDetection, ...ofLoss]
