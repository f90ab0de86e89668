import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { renderReport } from '../../bench/report/report.js'
import { madeUpResults } from '../support/bench-results.js'
import { type Look, lookScript, type Shades, shadesScript } from '../support/page-probe.js'
import { haveTools } from '../support/tools.js'

// A browser starts in seconds, and in many of them while every core is busy.
const patienceMs = 90_000
const screenshots = path.resolve('build/reports')
const quiet = ['no-sandbox', 'disable-gpu', 'no-first-run', 'disable-background-networking']
const offline = ['disable-component-update', 'disable-sync', 'disable-default-apps']

describe.skipIf(!haveTools('chromium'))('the report of the benchmarks in a browser', () => {
  let browser: Browser
  let url: string

  beforeAll(async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'holdfast-'))
    const file = path.join(directory, 'report.html')
    await writeFile(file, renderReport([madeUpResults()]))
    await mkdir(screenshots, { recursive: true })
    url = pathToFileURL(file).href
    const where = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' })
    browser = await chromium.launch({
      executablePath: where.stdout.trim(),
      args: [...quiet, ...offline].map((name) => `--${name}`),
      timeout: patienceMs,
    })
    return async () => {
      await browser.close()
      await rm(directory, { recursive: true })
    }
  }, patienceMs)

  const cases = [
    { width: 1280, colorScheme: 'light', shot: 'report-wide-light.png' },
    { width: 1280, colorScheme: 'dark', shot: 'report-wide-dark.png' },
    { width: 390, colorScheme: 'light', shot: 'report-phone-light.png' },
    { width: 390, colorScheme: 'dark', shot: 'report-phone-dark.png' },
  ] as const

  test.each(cases)(
    '$width px, $colorScheme',
    async ({ width, colorScheme, shot }) => {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      const requests: string[] = []
      const complaints: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(url, { waitUntil: 'load' })
      await page.screenshot({ path: path.join(screenshots, shot), fullPage: true })
      const shades = await shadesOf(page)

      const look = await page.evaluate<Look>(lookScript)
      expect(look.plots.length).toBeGreaterThan(30)
      for (const plot of look.plots) {
        expect.soft(plot.width, plot.label).toBeGreaterThan(300)
        expect.soft(plot.height, plot.label).toBeGreaterThan(60)
      }
      expect.soft(look.empty).toEqual([])
      // Every table is open by now.
      expect.soft(look.scrollWidth).toBeLessThanOrEqual(look.clientWidth)
      expect.soft(look.smallestText).toBeGreaterThanOrEqual(10)
      expect.soft(look.collisions).toEqual([])
      expect.soft(look.faint).toEqual([])
      expect.soft(look.faintestMark).toBeGreaterThanOrEqual(3)

      expect.soft(shades.colors).toBeGreaterThan(20)
      if (colorScheme === 'light') expect.soft(shades.mean).toBeGreaterThan(200)
      else expect.soft(shades.mean).toBeLessThan(60)

      expect(requests).toEqual([url])
      expect(complaints).toEqual([])
      await page.close()
    },
    patienceMs,
  )

  test(
    'a script that got in would not run',
    async () => {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      const hurt = renderReport([madeUpResults()]).replace(
        '<body>',
        '<body><script>document.title = 1</script>',
      )
      await writeFile(new URL(url.replace('report.html', 'hurt.html')), hurt)
      await page.goto(url.replace('report.html', 'hurt.html'))
      expect(await page.title()).toBe('holdfast: what holding connections costs')
      expect(complaints.join()).toMatch(/Content.Security.Policy/)
      await page.close()
    },
    patienceMs,
  )

  /** Of a part of the page with a plot in it, decoded by the browser in a page of its own. */
  async function shadesOf(page: Page): Promise<Shades> {
    const figure = await page.locator('#model figure').first().screenshot()
    const other = await browser.newPage()
    const shades = await other.evaluate<Shades>(shadesScript(figure.toString('base64')))
    await other.close()
    return shades
  }
})
