import path from 'node:path'
import type { Edge } from './imports.js'
import type { Project } from './project.js'

const posix = path.posix

export const linesMax = 300
const measuredPlaces = /^(lib|addon\/(src|testkit|test|fuzz)|bench|test|scripts|examples)\//
const sourceEndings = /\.(ts|mts|mjs|js|cc|c|h|mm|sh)$/

export function longFiles(project: Project): string[] {
  const found: string[] = []
  for (const [file, text] of project) {
    if (!measuredPlaces.test(file) || !sourceEndings.test(file)) continue
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    if (lines > linesMax) found.push(`${file} has ${lines} lines, at most ${linesMax} are allowed`)
  }
  return found
}

/** Both builds read addon/sources.txt: a file missing there is missing in the addon. */
export function sourceListProblems(project: Project): string[] {
  const listed = (project.get('addon/sources.txt') ?? '').trim().split(/\s+/).filter(Boolean)
  const present = [...project.keys()]
    .filter((file) => /^addon\/src\/.*\.(cc|mm|c)$/.test(file))
    .map((file) => file.slice('addon/src/'.length))
  return [
    ...present.filter((file) => !listed.includes(file)).map((file) => `${file} is not listed`),
    ...listed.filter((file) => !present.includes(file)).map((file) => `${file} is not there`),
    ...listed.filter((file, at) => listed.indexOf(file) !== at).map((file) => `${file} is twice`),
  ]
}

/** Files of lib/ that neither an entry of the package nor the command line reaches. */
export function deadFiles(project: Project, edges: Edge[]): string[] {
  const alive = new Set<string>()
  const queue = ['lib/index.ts', 'lib/testing/index.ts', 'lib/cli/main.ts']
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (alive.has(file)) continue
    alive.add(file)
    queue.push(...edges.filter(({ from }) => from === file).map(({ to }) => to))
  }
  return [...project.keys()].filter((file) => /^lib\/.*\.ts$/.test(file) && !alive.has(file))
}

export function foreignPackages(edges: Edge[]): string[] {
  return edges
    .filter(({ kind, to }) => kind === 'package' && !to.startsWith('node:'))
    .filter(({ from, to }) => !(to === 'commander' && from.startsWith('lib/cli/')))
    .map(({ from, to }) => `${from} imports ${to}`)
}

/** `exists` is asked about what is no text file: directories and images. */
export function deadLinks(project: Project, exists: (file: string) => boolean): string[] {
  const dead: string[] = []
  for (const [file, text] of project) {
    if (!file.endsWith('.md')) continue
    for (const target of linksIn(text)) {
      const place = posix.normalize(posix.join(posix.dirname(file), target))
      if (!project.has(place) && !exists(place)) dead.push(`${file} links to ${target}`)
    }
  }
  return dead
}

/** Links to a place within a page of the project that has no such place. */
export function deadAnchors(project: Project): string[] {
  const dead: string[] = []
  for (const [file, text] of project) {
    if (!file.endsWith('.md')) continue
    for (const target of targetsIn(text)) {
      const [, page = '', anchor] = /^([^#]*)#(.+)$/.exec(target) ?? []
      const place = page === '' ? file : posix.normalize(posix.join(posix.dirname(file), page))
      const there = place.endsWith('.md') ? project.get(place) : undefined
      if (anchor === undefined || there === undefined) continue
      if (!anchorsOf(there).has(anchor)) dead.push(`${file} links to ${target}`)
    }
  }
  return dead
}

/** As GitHub names its headings: a second one of a name is name-1. */
function anchorsOf(markdown: string): Set<string> {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
  const found = new Set([...prose.matchAll(/<a id="([^"]+)"/g)].map((match) => match[1] ?? ''))
  for (const [, heading = ''] of prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const name = shown.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    let anchor = name
    for (let nth = 1; found.has(anchor); nth++) anchor = `${name}-${nth}`
    found.add(anchor)
  }
  return found
}

/** Targets of relative links, without their anchors. */
export function linksIn(markdown: string): string[] {
  return targetsIn(markdown)
    .map((target) => target.replace(/[#?].*$/, ''))
    .filter((target) => target !== '')
}

function targetsIn(markdown: string): string[] {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)]
  const references = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)]
  return [...inline, ...references]
    .map((match) => decodeURI(match[1] ?? ''))
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
}

export function unlinkedDecisions(project: Project): string[] {
  const index = 'docs/decisions/README.md'
  const linked = linksIn(project.get(index) ?? '').map((target) =>
    posix.join(posix.dirname(index), target),
  )
  return [...project.keys()].filter(
    (file) => /^docs\/decisions\/.*\.md$/.test(file) && file !== index && !linked.includes(file),
  )
}

// None of these patterns matches its own source text.
const machineBound = [
  { what: "a path of somebody's machine", pattern: /(?<!\w)\/(home|root|Users|work)\/\w/ },
  {
    what: 'a package registry',
    pattern: /\b(registry|npm|pypi|artifactory)\.[\w-]+\.[a-z]{2,}\b/i,
  },
  { what: 'a package mirror', pattern: /\b(deb|archive|security|ports)\.(debian|ubuntu)\b/i },
]

export function machineBoundText(project: Project): string[] {
  const found: string[] = []
  for (const [file, text] of project) {
    text.split('\n').forEach((line, at) => {
      const hit = machineBound.find(({ pattern }) => pattern.test(line))
      if (hit) found.push(`${file}:${at + 1} names ${hit.what}`)
    })
  }
  return found
}
