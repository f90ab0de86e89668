import { describe, expect, it } from 'vitest'
import { dial } from '../../../bench/scale/dialling.js'
import type { Fleet } from '../../../bench/scale/fleet.js'

/** One server and one client, which lose some connections right after each batch. */
function leakyFleet(lostEach: number) {
  const asked: number[] = []
  let accepted = 0
  let closed = 0
  const fleet = {
    clients: [{}],
    async askClients([command = '']: readonly string[]) {
      const [word, count] = command.split(' ')
      if (word === 'dial') {
        asked.push(Number(count))
        accepted += Number(count)
        closed += lostEach
      }
      return [{ event: word, failure: '', open: accepted - closed }]
    },
    askServers: async () => [{ event: 'stats', refused: 0, accepted }],
    counts: async () => ({ accepted, closed, hooks: closed, beats: 0 }),
  }
  return { fleet: fleet as unknown as Fleet, asked }
}

const size = { connections: 1200, servers: 1, clients: 1 }

describe('dialling a fleet', () => {
  it('is over when each has been dialled, though some are lost meanwhile', async () => {
    const { fleet, asked } = leakyFleet(1)
    const dialled = await dial(fleet, size)
    expect(asked).toEqual([500, 500, 200])
    expect(dialled).toMatchObject({ connections: 1197, stoppedBy: '3 lost while dialling' })
  })

  it('has its goal where none is lost', async () => {
    const dialled = await dial(leakyFleet(0).fleet, size)
    expect(dialled).toMatchObject({ connections: 1200, stoppedBy: undefined })
  })
})
