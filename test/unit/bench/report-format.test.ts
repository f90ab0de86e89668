import { describe, expect, test } from 'vitest'
import { labelOf, number, quantity, short, unitOf, wordsOf } from '../../../bench/report/format.js'
import { html } from '../../../bench/report/html.js'

describe('words and numbers', () => {
  test.each([
    ['cpuNs', 'ns', 'CPU', 'CPU, ns'],
    ['besideP99Us', 'µs', 'beside p99', 'beside p99, µs'],
    ['p999Us', 'µs', 'p99.9', 'p99.9, µs'],
    ['perSecond', '/s', 'operations', 'operations/s'],
    ['probesPerSecond', '/s', 'probes', 'probes/s'],
    ['machineCpuCores', 'cores', 'machine CPU', 'machine CPU, cores'],
    ['disturbance', 'cores', 'disturbance', 'disturbance, cores'],
    ['keptRate', '×', 'kept rate', 'kept rate, ×'],
    ['hooksRun', '', 'hooks run', 'hooks run'],
    [
      'bytesPerConnectionDay',
      'bytes per connection and day',
      'traffic',
      'traffic, bytes per connection and day',
    ],
  ])('%s', (figure, unit, words, label) => {
    expect([unitOf(figure), wordsOf(figure), labelOf(figure)]).toEqual([unit, words, label])
  })

  test('three places, groups, and the unit', () => {
    expect([16_104.3, 24.31, 1.026, 0.03124, 0.0000123, 7].map(number)).toEqual([
      ...['16,104', '24.3', '1.03', '0.0312', '1.2e-5', '7'],
    ])
    expect([950, 10_000, 2_500_000, 1e9].map(short)).toEqual(['950', '10k', '2.5M', '1G'])
    expect(quantity(1.0264, '×')).toBe('1.026 ×')
    expect(quantity(820_000_000, 'bytes')).toBe('782 MiB')
    expect(quantity(5, '/s')).toBe('5/s')
  })

  test('values are escaped in elements and attributes, markup of ours is not', () => {
    const value = `<b title="x">'&`
    expect(html`<i title="${value}">${value}${[html`<u>${1}</u>`, undefined]}</i>`.text).toBe(
      '<i title="&lt;b title=&quot;x&quot;&gt;&#39;&amp;">&lt;b title=&quot;x&quot;&gt;&#39;&amp;<u>1</u></i>',
    )
  })
})
