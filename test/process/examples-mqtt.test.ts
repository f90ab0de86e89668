import { describe, expect, it } from 'vitest'
import { Child, WELL } from '../support/process-child.js'
import { dial, runExample, runTool } from '../support/process-example.js'
import { haveTools } from '../support/tools.js'

interface Subscription {
  child: Child
  /** The next message, as "topic payload". */
  next(): Promise<string>
}

/** Resolves once the broker has acknowledged the subscription. */
async function subscribe(port: number, ...args: string[]): Promise<Subscription> {
  const all = ['-h', '127.0.0.1', '-p', String(port), '-v', '-d', ...args]
  const child = new Child(all, { program: ['stdbuf', '-oL', 'mosquitto_sub'] })
  await child.line((line) => line.startsWith('Subscribed'))
  return {
    child,
    next: () => child.line((line) => !/^(Client|Subscribed) /.test(line)),
  }
}

function publish(port: number, ...args: string[]): Promise<string> {
  return runTool('mosquitto_pub', '-h', '127.0.0.1', '-p', String(port), ...args)
}

describe.skipIf(!haveTools('mosquitto_pub', 'mosquitto_sub', 'stdbuf'))('mqtt.ts', () => {
  it.each([0, 1, 2])('brings a message to a subscriber at QoS %i', async (qos) => {
    const { child, port } = await runExample('mqtt.ts')
    const subscriber = await subscribe(port, '-t', 'room/#', '-q', `${qos}`, '-i', 'ada')
    for (const text of ['hello', 'x'.repeat(100_000)]) {
      await publish(port, '-t', 'room/1', '-m', text, '-q', `${qos}`, '-i', 'bob')
      expect(await subscriber.next()).toBe(`room/1 ${text}`)
      // Who comes first: aedes destroys the connection of a client that has said DISCONNECT.
      expect(await child.line()).toMatch(/^bob: (peer-end|local-abort)$/)
    }
  })

  it('ten thousand messages arrive in their order', async () => {
    const { port } = await runExample('mqtt.ts')
    const subscriber = await subscribe(port, '-t', 'count', '-q', '1')
    const lines = Array.from({ length: 10_000 }, (_, i) => `${i}`)
    const args = ['-h', '127.0.0.1', '-p', String(port), '-t', 'count', '-q', '1', '-l']
    const publisher = new Child(args, { program: ['mosquitto_pub'] })
    publisher.process.stdin?.end(`${lines.join('\n')}\n`)
    for (const line of lines) {
      expect(await subscriber.next()).toBe(`count ${line}`)
    }
    expect(await publisher.ended).toMatchObject(WELL)
  })

  it('publishes the will of a client that was killed, and says why it went', async () => {
    const { child, port } = await runExample('mqtt.ts')
    const mourner = await subscribe(port, '-t', 'wills/#', '-i', 'mourner')
    const will = ['--will-topic', 'wills/lamp', '--will-payload', 'gone', '--will-qos', '1']
    const lamp = await subscribe(port, '-t', 'none', '-i', 'lamp', ...will)
    lamp.child.kill('SIGKILL')
    expect(await mourner.next()).toBe('wills/lamp gone')
    expect(await child.line()).toMatch(/^lamp: peer-(end|reset)$/)
  })

  it('keeps the will of a client that says goodbye', async () => {
    const { child, port } = await runExample('mqtt.ts')
    const mourner = await subscribe(port, '-t', 'wills/#', '-t', 'after', '-i', 'mourner')
    const will = ['--will-topic', 'wills/lamp', '--will-payload', 'gone']
    await publish(port, '-t', 'none', '-m', '-', '-i', 'lamp', ...will)
    expect(await child.line()).toMatch(/^lamp: (peer-end|local-abort)$/)
    await publish(port, '-t', 'after', '-m', 'that', '-i', 'bob')
    expect(await mourner.next()).toBe('after that')
  })

  it('what is no MQTT ends its own connection alone', async () => {
    const { child, port } = await runExample('mqtt.ts')
    const subscriber = await subscribe(port, '-t', 'room', '-i', 'ada')
    const stranger = await dial(port)
    stranger.write('GET / HTTP/1.1\r\n\r\n')
    await stranger.untilOver()
    expect(await child.line((line) => line.startsWith('nobody: '))).toBe('nobody: local-abort')
    await publish(port, '-t', 'room', '-m', 'still here')
    expect(await subscriber.next()).toBe('room still here')
  })

  it('drains at SIGTERM', async () => {
    const { child, port } = await runExample('mqtt.ts')
    const subscriber = await subscribe(port, '-t', 'room', '-i', 'ada')
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
    subscriber.child.kill('SIGKILL')
  })
})
