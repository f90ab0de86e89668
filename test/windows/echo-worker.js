import { parentPort } from 'node:worker_threads'
import { echo, listen } from 'holdfast'

// An echo server that tells its port, and closes at the first message.
const server = await listen({ port: 0, handler: echo })
parentPort?.postMessage(server.address.port)
parentPort?.once('message', () => void server.close())
