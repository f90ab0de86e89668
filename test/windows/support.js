import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { listen } from 'holdfast'

/** @typedef {import('holdfast').Connection} Connection */
/** @typedef {import('holdfast').DisconnectCompletion} DisconnectCompletion */
/** @typedef {import('holdfast').Handler} Handler */
/** @typedef {Partial<Omit<import('holdfast').ListenOptions, 'handler'>>} Options */

/** Most milliseconds of a test that waits for nothing but its own loopback. */
export const quickMs = 15_000

/**
 * A server on a free port, with all that it reported.
 * @param {Handler} handler
 * @param {Options} [options]
 */
export async function serve(handler, options = {}) {
  const server = await listen({ port: 0, ...options, handler })
  /** @type {DisconnectCompletion[]} */
  const completions = []
  server.onDisconnect((completion) => void completions.push(completion))
  const connect = () => connectTo(server.address.port)
  // Nothing is lost: each accepted connection has ended in one completion.
  const close = async () => {
    const counters = await server.close({ deadlineMs: 0 })
    assert.equal(counters.open, 0)
    assert.equal(completions.length, counters.accepted)
    assert.equal(new Set(completions.map(({ id }) => id)).size, counters.accepted)
  }
  return { server, completions, connect, close }
}

/** @param {number} port */
export async function connectTo(port) {
  const socket = net.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/**
 * Waits until it holds; the timeout of the test is the bound.
 * @param {() => unknown} holds
 */
export async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/**
 * @param {net.Socket} socket
 * @param {number} bytes
 */
export async function read(socket, bytes) {
  const chunks = []
  let length = 0
  while (length < bytes) {
    const chunk = socket.read()
    if (chunk === null) {
      await once(socket, 'readable')
    } else {
      chunks.push(chunk)
      length += chunk.length
    }
  }
  return Buffer.concat(chunks)
}
