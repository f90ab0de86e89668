/** All of the report's appearance. Plots take their colours from the same properties. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fdfdfc; --ink: #1b1f24; --muted: #535b64; --line: #d5dade; --soft: #f1f3f4;
  --series-1: #1f63c6; --series-2: #bd4b00; --series-3: #08785c; --series-4: #a3297f;
  --series-5: #7a6100; --series-6: #6a4bbc; --series-7: #0a7285; --series-8: #8c3a45;
  --other: #858d96; --goal: #b3261e; --good: #08785c; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --ink: #e7e9eb; --muted: #a9b1b9; --line: #383f46; --soft: #1e2226;
    --series-1: #75a9ff; --series-2: #ff9b57; --series-3: #43cda6; --series-4: #f48ccb;
    --series-5: #dcbf4d; --series-6: #b7a0ff; --series-7: #5fd0e6; --series-8: #eda2a2;
    --other: #8b949d; --goal: #ff8a80; --good: #43cda6; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; padding: 2.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; overflow-wrap: break-word;
}
header, main, footer { max-width: 55rem; margin: 0 auto; }
p, ul, ol { max-width: 44rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .75rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .5rem; letter-spacing: -.005em; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
section { margin-top: 3.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: .15em; }
code { font: .875em ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem 1rem; background: var(--soft); border-radius: 4px; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 1.25rem 0 0; padding: 0;
  max-width: none; list-style: none; font-size: .875rem; }
.note { color: var(--muted); font-size: .875rem; }
.smoke { padding: .1rem .45rem; border: 1px solid var(--bad); border-radius: 3px; color: var(--bad);
  font-size: .75rem; font-weight: 600; vertical-align: middle; white-space: nowrap; }
.servers { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; margin: 1rem 0;
  font-size: .875rem; color: var(--muted); }
.servers dt { color: var(--ink); }
.servers dd { margin: 0; }
@media (max-width: 719px) { .servers { display: block; } .servers dd { margin: 0 0 .4rem; } }
.notice { padding: .6rem .9rem; margin: 1rem 0; max-width: none; background: var(--soft);
  border-left: 3px solid var(--bad); }
.notice ul { margin: .25rem 0 0; padding-left: 1.2rem; }
figure { margin: 2rem 0 0; }
figcaption { margin-bottom: .5rem; max-width: 44rem; }
figcaption strong { display: block; }
.panel { margin: .9rem 0 0; font-size: .875rem; font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .4rem 0; padding: 0;
  max-width: none; list-style: none; font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.plot { display: block; width: 100%; height: auto; color: var(--muted); }
.plot text { white-space: pre; }
.narrow { display: none; max-width: 34rem; }
@media (max-width: 719px) { .wide { display: none; } .narrow { display: block; } }
.key { width: 28px; flex: none; }
details { margin: .5rem 0 0; }
summary { cursor: pointer; color: var(--muted); font-size: .875rem; padding: .25rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.35; margin: .5rem 0; }
th, td { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 500; }
td.text { min-width: 7.5rem; }
tbody th { font-weight: 400; min-width: 8rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.reached { color: var(--good); font-weight: 600; }
.missed { color: var(--bad); font-weight: 600; }
.open { color: var(--muted); }
`
