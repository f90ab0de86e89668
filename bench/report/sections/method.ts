import type { Results } from '../../harness/results.js'
import { html } from '../html.js'
import type { Section } from '../section.js'

/** How it was measured, where that ends, and the commands to do it again. */
export function methodSection(runs: readonly Results[]): Section {
  const commands = [...new Set(runs.map(({ command }) => commandOf(command)))]
  return {
    id: 'method',
    title: 'Method and limits',
    body: html`<ul>
<li>The server has one core, the load generator another; a round measures every contestant once, in turns, each in a process of its own.</li>
<li>Multiples are taken within a round, then the median of the rounds. Behind it stand the smallest and the largest: a handful of rounds has no meaningful percentiles.</li>
<li>CPU is read from the process clock, by who makes the load, at both ends of the window: all threads, user and system time.</li>
<li>Everything runs on loopback, where a send carries the receiver’s whole path through TCP: ratios between servers come out smaller than on a network card.</li>
<li>What is computed is dashed and says so. What was not measured is named, with what the machine lacked.</li>
</ul>
<p>All of it, bench by bench, stands in <code>bench/README.md</code> of the repository. To measure again, in a clone of it:</p>
<pre tabindex="0"><code>${commands.join('\n')}</code></pre>`,
  }
}

function commandOf(words: readonly string[]): string {
  return ['npm run bench', ...(words.length === 0 ? [] : ['--', ...words.map(shellWord)])].join(' ')
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
