import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { inRoot, root } from './paths.mjs'
import { fail, say } from './run.mjs'

const lock = inRoot('build/lock')
const breaking = inRoot('build/lock.breaking')
const pollMs = 100
const waitMsMax = 20 * 60_000 // then: give up and name the directory
const breakingMsMax = 10_000 // then: its owner has died between two system calls

/**
 * Runs `work` while no other process of this clone builds.
 * @param {() => void} work
 */
export function withLock(work) {
  acquire()
  // Also on process.exit(), which a failing step calls.
  process.on('exit', release)
  work()
  process.off('exit', release)
  release()
}

function acquire() {
  const deadline = Date.now() + waitMsMax
  let said = false
  while (!tryAcquire()) {
    const owner = ownerOf()
    if (owner !== undefined && !isAlive(owner)) {
      breakLock(owner)
      continue
    }
    if (!said && owner !== undefined) say(`waiting for process ${owner}, which is building here`)
    said ||= owner !== undefined
    if (Date.now() > deadline) {
      fail(
        `process ${owner} has held ${path.relative(root, lock)} for too long; remove it if stale`,
      )
    }
    sleep(pollMs)
  }
}

// Renaming a directory with the pid already inside: there is no moment with a lock and no owner.
function tryAcquire() {
  const mine = `${lock}.${process.pid}`
  mkdirSync(mine, { recursive: true })
  writeFileSync(path.join(mine, 'pid'), String(process.pid))
  try {
    renameSync(mine, lock)
    return true
  } catch {
    rmSync(mine, { recursive: true, force: true })
    return false
  }
}

function release() {
  if (ownerOf() === process.pid) rmSync(lock, { recursive: true, force: true })
}

// One at a time: of two that saw the same dead owner the slower would remove the faster one's lock.
function breakLock(/** @type {number} */ deadOwner) {
  try {
    mkdirSync(breaking)
  } catch {
    const stat = statSync(breaking, { throwIfNoEntry: false })
    if (stat && Date.now() - stat.mtimeMs > breakingMsMax) rmSync(breaking, { recursive: true })
    sleep(pollMs)
    return
  }
  if (ownerOf() === deadOwner) rmSync(lock, { recursive: true, force: true })
  rmdirSync(breaking)
}

/** @returns {number | undefined} */
function ownerOf() {
  try {
    return Number(readFileSync(path.join(lock, 'pid'), 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** @param {number} ms */
function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
