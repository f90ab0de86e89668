import path from 'node:path'
import type { Project } from './project.js'

/** `from` uses `to`. A package or a file that is not there keeps its written name. */
export interface Edge {
  from: string
  to: string
  kind: 'file' | 'package' | 'missing'
}

const posix = path.posix

// Static, re-exporting, side-effect and dynamic imports, and import types.
const importPatterns = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"]+)\1/gm,
  /^\s*import\s*(['"])([^'"]+)\1/gm,
  /\bimport\(\s*(['"])([^'"]+)\1\s*\)/g,
]

export function importsOf(project: Project, below: string): Edge[] {
  const edges: Edge[] = []
  for (const [from, text] of project) {
    if (!from.startsWith(below) || !/\.m?ts$/.test(from)) continue
    for (const pattern of importPatterns) {
      for (const match of withoutComments(text).matchAll(pattern)) {
        edges.push(resolveImport(project, from, match[2] ?? ''))
      }
    }
  }
  return edges
}

/** Quoted includes only: `<uv.h>` and the like are no files of the project. */
export function includesOf(project: Project, below: string): Edge[] {
  const edges: Edge[] = []
  for (const [from, text] of project) {
    if (!from.startsWith(below) || !/\.(h|c|cc|mm)$/.test(from)) continue
    for (const match of withoutComments(text).matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)) {
      const written = match[1] ?? ''
      const places = [posix.join(posix.dirname(from), written), posix.join(below, written)]
      const to = places.find((place) => project.has(place))
      edges.push({ from, to: to ?? written, kind: to ? 'file' : 'missing' })
    }
  }
  return edges
}

function resolveImport(project: Project, from: string, written: string): Edge {
  if (!written.startsWith('.')) return { from, to: written, kind: 'package' }
  const target = posix.join(posix.dirname(from), written)
  const sources = [target, target.replace(/\.js$/, '.ts'), target.replace(/\.mjs$/, '.mts')]
  const to = sources.find((source) => project.has(source))
  return { from, to: to ?? target, kind: to ? 'file' : 'missing' }
}

// Good enough for import lines; a string holding `/*` before an import would hide it.
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
