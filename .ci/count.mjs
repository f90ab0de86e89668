// Prints "PASSED FAILED" of a test report. A skipped test counts as failed: nothing is left out
// silently. A report that cannot be read prints nothing, which the caller counts as a failure.
//
//   node .ci/count.mjs vitest REPORT.json | ctest REPORT.xml

import { readFileSync } from 'node:fs'

const [kind, file = ''] = process.argv.slice(2)
const counters = { vitest: countVitest, ctest: countCtest }

try {
  const count = counters[/** @type {keyof typeof counters} */ (kind)]
  const { total, passed } = count(readFileSync(file, 'utf8'))
  process.stdout.write(`${passed} ${total - passed}\n`)
} catch (error) {
  process.stderr.write(`${file}: ${error}\n`)
  process.exit(1)
}

/** @param {string} text */
function countVitest(text) {
  const report = JSON.parse(text)
  // A file that fails to load has no test of its own to fail.
  const unloaded = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ { status, assertionResults }) =>
      status === 'failed' && assertionResults.length === 0,
  ).length
  return { total: report.numTotalTests + unloaded, passed: report.numPassedTests }
}

/** @param {string} text */
function countCtest(text) {
  const cases = text.match(/<testcase\b[^>]*>/g) ?? []
  const passed = cases.filter((testcase) => /\bstatus="run"/.test(testcase))
  return { total: cases.length, passed: passed.length }
}
