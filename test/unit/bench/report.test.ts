import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import type { Judgement } from '../../../bench/harness/judging.js'
import { Evidence } from '../../../bench/report/evidence.js'
import { renderReport } from '../../../bench/report/report.js'
import { madeUpResults } from '../../support/bench-results.js'

interface Found {
  readonly textContent: string
  getAttribute(name: string): string | null
  querySelectorAll(selector: string): Iterable<Found>
}

/** The report as a document; its text is asked for as a reader would see it. */
function read(text: string): Found {
  return new JSDOM(text).window.document as unknown as Found
}

const all = (where: Found, selector: string): Found[] => [...where.querySelectorAll(selector)]
const texts = (where: Found, selector: string): string[] =>
  all(where, selector).map((it) => it.textContent.trim())

const full = madeUpResults()
const report = renderReport([full])
const page = read(report)

describe('the report', () => {
  test('has a section for each bench, and says of each what it is', () => {
    const headings = texts(page, 'h2')
    const merged = ['sizes']
    const titles = full.benches.filter(({ name }) => !merged.includes(name))
    for (const { title } of titles) expect(headings).toContain(title)
    expect(headings).toEqual(expect.arrayContaining(['Goals', 'Method and limits']))
    const ids = all(page, 'section').map((it) => it.getAttribute('id'))
    expect(new Set(ids).size).toBe(ids.length)
    expect(all(page, 'nav a').map((it) => it.getAttribute('href'))).toEqual(
      ids.map((id) => `#${id}`),
    )
  })

  test('needs nothing but itself: no script, no address, and a policy that forbids both', () => {
    expect(all(page, 'script, link, img, iframe, object, embed, video, base')).toEqual([])
    expect(report).not.toMatch(/\s(src|srcset|on\w+)=/)
    expect(report).not.toMatch(/url\(|@import|@font-face/)
    expect(report.match(/https?:\/\/[^\s"<]+/g) ?? []).toEqual([])
    expect(report).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    )
  })

  test('describes every plot in words, and gives its data as a table', () => {
    const figures = all(page, 'figure')
    expect(figures.length).toBeGreaterThan(20)
    for (const figure of figures) {
      expect(texts(figure, 'figcaption strong')[0]).not.toBe('')
      const plots = all(figure, 'svg').filter((svg) => svg.getAttribute('role') === 'img')
      expect(plots.length).toBeGreaterThan(0)
      for (const plot of plots) expect(plot.getAttribute('aria-label')).toBeTruthy()
      expect(texts(figure, 'details tbody tr').length).toBeGreaterThan(0)
    }
    expect(report).not.toMatch(/\bNaN\b|\bInfinity\b|\bundefined\b|\[object/)
  })

  test('says of each goal whether it was reached, missed, or not measured', () => {
    const rows = all(page, '#goals tbody tr').map((row) => texts(row, 'th, td'))
    const results = Object.fromEntries(rows.map((row) => [row[0], row.at(-1)]))
    expect(results).toMatchObject({
      'CPU per echo, 50 connections': 'reached',
      'memory per idle connection': 'missed',
      'a goal': 'not measured',
    })
    expect(rows[0]?.[2]).toBe('1.021 × (1.011 … 1.033), n = 5')
  })

  test('says why a goal is not judged, and where others were at work', () => {
    const [first, second, third] = full.judgements
    const told: Partial<Judgement>[] = [
      {
        ...first,
        verdict: 'not judged',
        why: 'heartbeat: -1.05 is below noise',
        measured: undefined,
      },
      { ...second, verdict: 'left out', measured: undefined },
      { ...third, noisy: true },
    ]
    const judgements = told as readonly Judgement[]
    const goals = read(renderReport([madeUpResults({ judgements })]))
    expect(texts(goals, '#goals tbody tr td:last-child').slice(0, 3)).toEqual([
      'not judged: heartbeat: -1.05 is below noise',
      'left out',
      'missed, on a noisy machine',
    ])
    expect(texts(goals, '#goals p').join()).toContain('1 missed, 1 not judged, 1 left out')
  })

  test('names what was skipped, with what was short and how to raise it', () => {
    const skipped = texts(page, '#bench-million .notice').join()
    expect(skipped).toContain('1,000,000 connections held: skipped.')
    expect(skipped).toContain(
      'memory available: 16.0 GiB needed, 9.1 GiB there; end other processes',
    )
  })

  test('says beside the figures what no figure can', () => {
    expect(texts(page, '#bench-hold .notice').join()).toContain(
      '200,000 connections held 60 s, kernel-probes: stopped at nothing',
    )
  })

  test('marks what is computed, and where the measurements end', () => {
    expect(texts(page, '#model .legend li')).toContain('every 1 s')
    const bare = renderReport([
      madeUpResults({ samples: full.samples.filter(({ bench }) => bench === 'heartbeat') }),
    ])
    expect(texts(read(bare), '#model .legend li')).toContain('every 5 s (computed)')
    const rows = all(page, '#model figure tbody tr').map((row) => texts(row, 'th, td'))
    expect(rows.filter((row) => row[0] === 'every 1 s').map((row) => row[4])).toContain('measured')
    const far = rows.filter((row) => row[1] === '10,000,000')
    expect(far.length).toBe(14)
    for (const row of far) expect(row).toContain('computed')
    // 10,000,000 connections, one probe a minute each.
    expect(far.map((row) => row[2])).toContain('166,667')
    expect(texts(page, '#model svg text')).toContain('beyond: computed')
    expect(report).toContain('stroke-dasharray="5 4"')
  })

  test('tells a run that was interrupted, and a bench that failed, before anything else', () => {
    const cut = read(
      renderReport([
        madeUpResults({
          state: 'interrupted',
          benches: [
            {
              name: 'echo',
              title: 'Echo',
              rounds: 5,
              state: 'failed',
              seconds: 3,
              error: 'bytes differ',
            },
          ],
        }),
      ]),
    )
    expect(texts(cut, 'header .notice').join()).toContain('The run was interrupted. Failed: echo.')
    expect(texts(cut, '#bench-echo .notice').join()).toContain('failed: bytes differ')
  })

  test('calls a noisy run noisy', () => {
    const samples = full.samples.map((it) => ({
      ...it,
      figures: { ...it.figures, disturbance: 0.8 },
    }))
    const noisy = read(renderReport([madeUpResults({ samples })]))
    expect(texts(noisy, 'header .notice').join()).toContain('NOISY')
  })

  test('of a run without samples is a head and the method', () => {
    const empty = renderReport([
      madeUpResults({ samples: [], skipped: [], benches: [], judgements: [], micro: [] }),
    ])
    expect(texts(read(empty), 'h2')).toEqual(['Method and limits'])
  })

  test('escapes whatever comes from the results', () => {
    const evil = `<script>alert("1")</script><img src=x onerror='alert(2)'>&`
    const text = renderReport([
      madeUpResults({
        command: [evil],
        environment: { ...full.environment, host: evil, cpu: evil, sysctl: { [evil]: evil } },
        benches: [{ name: evil, title: evil, rounds: 1, state: 'failed', seconds: 1, error: evil }],
        samples: full.samples.slice(0, 40).map((it) => ({
          ...it,
          bench: evil,
          scenario: evil,
          contestant: evil,
          figures: { [evil]: 1 },
        })),
        skipped: [
          {
            bench: evil,
            scenario: `${evil} too`,
            shortages: [{ what: evil, needed: evil, have: evil, raise: evil }],
          },
        ],
        judgements: full.judgements.map((it) => ({ ...it, title: evil, of: evil, limit: evil })),
        micro: full.micro.map((it) => ({ ...it, suite: evil, name: evil })),
      }),
    ])
    const hurt = read(text)
    expect(all(hurt, 'script, img, [onerror]')).toEqual([])
    expect(texts(hurt, 'h2')).toContain(evil)
    expect(texts(hurt, 'svg text')).toContain(evil)
  })
})

describe('several runs', () => {
  const of = (date: string, value: number, scenario: string) =>
    madeUpResults({
      environment: { ...full.environment, date },
      samples: [
        { bench: 'echo', scenario, contestant: 'raw-epoll', round: 0, figures: { cpuNs: value } },
      ],
    })

  test('stand together, by date', () => {
    const evidence = new Evidence([
      of('2026-02-02T00:00:00.000Z', 2, 'N=50'),
      of('2026-01-01T00:00:00.000Z', 3, 'N=1000'),
    ])
    const cells = evidence.of('echo').cells('cpuNs')
    expect(cells.map(({ scenario, median, rounds }) => [scenario, median, rounds])).toEqual([
      ['N=1000', 3, 1],
      ['N=50', 2, 1],
    ])
  })

  test('are not divided by one another', () => {
    const sample = { bench: 'echo', scenario: 'N=50', round: 0, figures: { cpuNs: 5 } }
    const runs = ['raw-epoll', 'holdfast-epoll'].map((contestant) =>
      madeUpResults({ samples: [{ ...sample, contestant }] }),
    )
    const bench = new Evidence(runs).of('echo')
    expect(bench.cells('cpuNs')).toHaveLength(2)
    expect(bench.ratios('cpuNs', 'raw-epoll')).toEqual([])
  })

  test('name what none of them has run', () => {
    expect(texts(page, 'header p').join()).toMatch(/Not run: .*peers.*\./)
    expect(texts(page, 'header p').join()).toContain('Not in all sizes: keepalive, probes.')
  })

  test('a multiple is taken within a round, of the rounds that both have', () => {
    const sample = (contestant: string, round: number, cpuNs: number) => ({
      ...{ bench: 'echo', scenario: 'N=50', contestant, round, figures: { cpuNs } },
    })
    const samples = [
      ...[sample('raw-epoll', 0, 10), sample('raw-epoll', 1, 20), sample('raw-epoll', 2, 0)],
      ...[
        sample('holdfast-epoll', 1, 30),
        sample('holdfast-epoll', 2, 5),
        sample('holdfast-epoll', 3, 5),
      ],
    ]
    const cells = new Evidence([madeUpResults({ samples })]).of('echo').ratios('cpuNs', 'raw-epoll')
    expect(cells).toHaveLength(1)
    expect(cells[0]).toMatchObject({
      contestant: 'holdfast-epoll',
      median: 1.5,
      rounds: 1,
      unit: '×',
    })
  })
})
