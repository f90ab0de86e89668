// A test that is skipped, left as todo, or an empty run is a failure wherever CI=true.

/** @typedef {import('vitest/node').TestModule} TestModule */

/** @typedef {import('vitest/reporters').Reporter} Reporter */

/** @implements {Reporter} */
export default class StrictReporter {
  /** @param {ReadonlyArray<TestModule>} modules */
  onTestRunEnd(modules) {
    let ran = 0
    /** @type {string[]} */
    const skipped = []
    for (const testModule of modules) {
      for (const test of testModule.children.allTests()) {
        if (test.result().state === 'skipped') {
          skipped.push(`${testModule.project.name} ${testModule.moduleId} > ${test.fullName}`)
        } else ran += 1
      }
    }
    if (ran > 0 && skipped.length === 0) return
    process.exitCode = 1
    if (ran === 0) process.stderr.write('no test ran\n')
    for (const name of skipped) process.stderr.write(`skipped, which fails here: ${name}\n`)
  }
}
