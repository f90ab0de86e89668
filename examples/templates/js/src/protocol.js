import { lines, protocol } from 'holdfast'

/** Numbers each line and sends it back in capitals, until the client says `quit`. */
export default protocol({
  // Bytes become messages here: one string for each line, and no line without end.
  codec: lines({ maxMessageBytes: 1024 }),
  // What listen() is given besides: who falls silent for ten minutes is ended.
  options: { keepalive: 'interactive', deadlines: { idleMs: 600_000 } },
  state: () => ({ asked: 0 }),
  open: (conn) => conn.send('welcome to my-protocol'),
  // What it returns, or resolves with, is sent.
  answer(conn, line) {
    if (line === 'quit') {
      conn.send('bye')
      conn.end()
      return undefined
    }
    conn.data.asked++
    return `${conn.data.asked}: ${line.toUpperCase()}`
  },
  malformed: (conn, error) => conn.send(`not understood: ${error.message}`),
  goodbye: (conn) => conn.send('the server closes'),
})
