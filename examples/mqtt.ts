// An MQTT broker, by the package aedes: a client whose connection is lost has its will published,
// within the keepalive of the connection, and the cleanup hook says why it was lost.
//
//   PORT=1883 npx tsx examples/mqtt.ts
//   mosquitto_sub -p 1883 -t 'room/#' -v        mosquitto_pub -p 1883 -t room/1 -m hello

import { Aedes } from 'aedes'
import { listen } from 'holdfast'

const broker = await Aedes.createBroker()

// What a client does wrong ends its connection; there is nothing else to do about it.
broker.on('clientError', (client, error) => console.log(`${client.id}: ${error.message}`))
broker.on('connectionError', (_client, error) => console.log(`no client: ${error.message}`))

const server = await listen({
  port: Number(process.env.PORT ?? 0),
  keepalive: 'interactive',
  handler: {
    open(conn) {
      const client = broker.handle(conn.toDuplex())
      conn.onCleanup(({ reason }) => console.log(`${client.id ?? 'nobody'}: ${reason}`))
    },
  },
})

process.once('SIGTERM', () => {
  void server.close({ deadlineMs: 5_000 }).then(() => broker.close())
})
console.log(`listening on ${server.address.host}:${server.address.port}`)
