import type { Edge } from './imports.js'

/**
 * A floor plan: lowest floor first, several names on one floor are neighbours.
 * A file may use its own directory, every floor below, and a neighbour as long as that neighbour's
 * directory does not use it back.
 */
export interface FloorPlan {
  below: string
  floors: readonly (readonly string[])[]
}

export const nativePlan: FloorPlan = {
  below: 'addon/src/',
  floors: [['base'], ['platform'], ['io', 'time', 'queues'], ['net'], ['reactor'], ['binding']],
}

export const libPlan: FloorPlan = {
  below: 'lib/',
  // index.ts is what users import, and testing/index.ts what their tests do.
  floors: [
    ...[['native'], ['core'], ['codecs', 'adapters'], ['protocols'], ['index.ts']],
    ['testing', 'cli'],
  ],
}

/** The plan as docs/ARCHITECTURE.md draws it. */
export function drawPlan(plan: FloorPlan): string {
  return plan.floors
    .filter((floor) => !floor.includes('index.ts'))
    .map((floor) => (floor.length > 1 ? `{${floor.join(', ')}}` : floor.join()))
    .join(' -> ')
}

export function floorViolations(plan: FloorPlan, files: Iterable<string>, edges: Edge[]): string[] {
  const violations: string[] = []
  for (const file of files) {
    if (levelOf(plan, file) < 0) violations.push(`${file} is on no floor`)
  }
  for (const { from, to, kind } of edges) {
    if (kind === 'missing') violations.push(`${from} uses ${to}, which is not there`)
    if (kind !== 'file') continue
    if (!to.startsWith(plan.below)) violations.push(`${from} reaches out of the house: ${to}`)
    else if (levelOf(plan, to) > levelOf(plan, from)) violations.push(`${from} reaches up to ${to}`)
  }
  const rooms = edges
    .filter(({ from, to, kind }) => kind === 'file' && roomOf(plan, from) !== roomOf(plan, to))
    .map(({ from, to }) => ({ from: roomOf(plan, from), to: roomOf(plan, to) }))
  for (const circle of circlesIn(rooms)) violations.push(`directories in a circle: ${circle}`)
  return violations
}

export function fileCircles(edges: Edge[]): string[] {
  return circlesIn(edges.filter(({ kind }) => kind === 'file'))
}

function roomOf(plan: FloorPlan, file: string): string {
  return file.slice(plan.below.length).split('/')[0] ?? ''
}

function levelOf(plan: FloorPlan, file: string): number {
  return plan.floors.findIndex((floor) => floor.includes(roomOf(plan, file)))
}

// Depth first; a way back to a node of the present path is a circle.
function circlesIn(edges: readonly { from: string; to: string }[]): string[] {
  const next = new Map<string, Set<string>>()
  for (const { from, to } of edges) next.set(from, (next.get(from) ?? new Set()).add(to))
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (node: string, trail: readonly string[]) => {
    const start = trail.indexOf(node)
    if (start >= 0) circles.push([...trail.slice(start), node].join(' -> '))
    if (start >= 0 || done.has(node)) return
    for (const target of next.get(node) ?? []) visit(target, [...trail, node])
    done.add(node)
  }
  for (const node of next.keys()) visit(node, [])
  return circles
}
