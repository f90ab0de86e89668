import type { Results } from '../harness/results.js'
import { Evidence } from './evidence.js'
import { html } from './html.js'
import { type Section, sectionHtml } from './section.js'
import { barBenches, barsSection } from './sections/bars.js'
import { detectionSection } from './sections/detection.js'
import { echoSection, peersSection } from './sections/echo.js'
import { genericSection } from './sections/generic.js'
import { goalsSection } from './sections/goals.js'
import { headHtml } from './sections/head.js'
import { heldSections } from './sections/held.js'
import { idleSection } from './sections/idle.js'
import { keepaliveSection } from './sections/keepalive.js'
import { lossSection } from './sections/loss.js'
import { methodSection } from './sections/method.js'
import { microSection } from './sections/micro.js'
import { modelSection } from './sections/model.js'
import { probesSection } from './sections/probes.js'
import { style } from './style.js'

const special = new Set([
  ...[
    'echo',
    'sizes',
    'peers',
    'keepalive',
    'probes',
    'heartbeat',
    'detection',
    'loss',
    'idle',
    'hold',
    'million',
  ],
  ...barBenches,
])

/**
 * The report of one run, or of several together, as one HTML file that needs nothing else: no
 * script, no network, no second file. The plots are drawn here, as SVG.
 */
export function renderReport(results: readonly Results[]): string {
  const evidence = new Evidence(results)
  const others = evidence.benches.filter(({ name }) => !special.has(name) && name !== 'micro')
  const sections = [
    goalsSection(evidence),
    keepaliveSection(evidence),
    probesSection(evidence),
    modelSection(evidence),
    detectionSection(evidence),
    lossSection(evidence),
    ...heldSections(evidence),
    echoSection(evidence),
    peersSection(evidence),
    idleSection(evidence),
    ...barBenches.map((name) => barsSection(evidence, name)),
    ...others.map(genericSection),
    microSection(evidence),
    methodSection(evidence.runs),
  ].filter((section): section is Section => section !== undefined)
  const contents = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)
  // The style sheet is ours: nothing of the results is in it.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>holdfast: what holding connections costs</title>
<style>${style}</style>
</head>
<body>
${headHtml(evidence.runs).text}
<main>${html`<nav aria-label="Contents"><ul>${contents}</ul></nav>`.text}
${sections.map((section) => sectionHtml(section).text).join('')}</main>
</body>
</html>
`
}
