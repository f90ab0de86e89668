import { expect, test } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import { readConnectionInfo } from '../../../lib/core/info.js'
import type { ServerState } from '../../../lib/core/server-state.js'
import { fakeServer } from '../../support/fake-server.js'

test('a stale id has no info', async () => {
  let home: ServerState | null = null
  const { native } = fakeServer({
    open(connection) {
      home = (connection as Connection & { home: ServerState }).home
    },
  })
  const peer = native.connect()
  await native.turn()
  const state = home as unknown as ServerState
  expect(readConnectionInfo(state, peer.slot, peer.generation)).toMatchObject({ bytesQueued: 0 })
  expect(readConnectionInfo(state, peer.slot, peer.generation + 1)).toBeNull()
})
