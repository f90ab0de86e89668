/** How a server looks in every plot, and what it is. */
export interface ServerWords {
  /** Of the style sheet's series, from 0. */
  readonly color: number
  /** Of the symbols of a plot, from 0. */
  readonly symbol: number
  readonly about?: string
}

type Entry = readonly [name: string, color: number, symbol: number, about: string]

const holdfast = 'holdfast with a handler in TypeScript'
const proxy = 'a proxy in front of raw-epoll: two connections an echo, so no rival'

const entries: readonly Entry[] = [
  ['holdfast-epoll', 0, 0, `${holdfast}, on its own epoll loop`],
  ['holdfast-uv', 5, 1, `${holdfast}, on libuv, Node’s event loop`],
  ['raw-epoll', 2, 2, 'the same work as a program in C, straight on epoll: the least it can cost'],
  ['raw-libuv', 6, 3, 'the same work as a program in C on libuv'],
  ['node-net', 1, 4, 'the same work in JavaScript on Node’s own node:net'],
  ['haproxy', 3, 5, `HAProxy, ${proxy}`],
  ['nginx-stream', 4, 3, `nginx, ${proxy}`],
  ['go', 7, 1, 'the same work in Go, a goroutine for each connection'],
  ['netty', 6, 5, 'the same work in Java on Netty, one event loop'],
  ['keepalive-off', 4, 3, 'nobody asks: what the connections cost when left alone'],
  ['kernel-probes', 0, 0, 'holdfast, its connections asked by the kernel’s TCP keepalive'],
  ['heartbeat', 1, 1, 'holdfast, its connections asked by a message from the application'],
  ['keepalive-off-epoll', 4, 3, 'holdfast-epoll with keepalive off: nobody is watched'],
  ['keepalive-off-uv', 4, 5, 'holdfast-uv with keepalive off: nobody is watched'],
  ['broadcast-epoll', 0, 0, 'holdfast-epoll: one call of server.broadcast() to all'],
  ['broadcast-uv', 5, 1, 'holdfast-uv: one call of server.broadcast() to all'],
  ['writes-epoll', 2, 2, 'holdfast-epoll: a write() to each connection'],
  ['writes-uv', 6, 3, 'holdfast-uv: a write() to each connection'],
  ['raw-epoll-loop', 2, 4, 'a program in C: a loop of send(2)'],
  ['node-net-loop', 1, 5, 'node:net: a loop of socket.write()'],
  [
    'lines-decoded',
    0,
    0,
    'holdfast-epoll, a message a line; those of a chunk are answered at once',
  ],
  [
    'length-decoded',
    1,
    1,
    'holdfast-epoll, a length in front of each message; those of a chunk are answered at once',
  ],
  ['lines-slice', 2, 2, 'a message a line, each answered by itself; handed over as a view'],
  ['length-slice', 3, 3, 'a length in front of each, each answered by itself; as a view'],
  ['lines-latin1', 4, 4, 'a message a line, each answered by itself; as text'],
  ['length-buffer', 5, 5, 'a length in front of each, each answered by itself; as a Buffer'],
  ['node-http', 1, 4, 'http.createServer() on sockets of node:net'],
  [
    'holdfast-http-epoll',
    0,
    0,
    'the same http.createServer() on conn.toDuplex() of holdfast-epoll',
  ],
  ['holdfast-http-uv', 5, 1, 'the same http.createServer() on conn.toDuplex() of holdfast-uv'],
  ['redis-server', 3, 2, 'Debian’s Redis'],
  ['resp-epoll', 0, 0, 'the Redis protocol on holdfast-epoll'],
  ['resp-uv', 5, 1, 'the Redis protocol on holdfast-uv'],
  ['holdfast-wheel', 0, 0, 'the deadlines of holdfast, in a timing wheel'],
  ['no-deadlines', 2, 2, 'the same connections without deadlines'],
  ['uv-timer-each', 1, 4, 'a uv_timer_t for each connection'],
]

/** What a name ends in, for a server that is another but for this. */
const endings: readonly (readonly [
  ending: string,
  color: number,
  symbol: number,
  about: string,
])[] = [
  ['-again', 4, 5, 'a second time: how far it comes from the first is what the method can tell'],
  ['-per-socket', 1, 1, 'with keepalive set on each accepted socket'],
  ['-inherited', 0, 0, 'with keepalive inherited from the listener'],
  ['-off', 4, 3, 'with keepalive off'],
  ['-keepalive', 1, 1, 'with keepalive, which it sets on each socket'],
  ['-per-address', 1, 1, 'with a limit of connections per address that nobody reaches'],
  ['-read-limit', 1, 1, 'with a limit of 1 MiB a second read from each client'],
]

/** A server that is not known has the first look and no words. */
export function serverWords(name: string): ServerWords {
  const known = entries.find(([it]) => it === name)
  if (known !== undefined) return { color: known[1], symbol: known[2], about: known[3] }
  const end = endings.find(([ending]) => name.endsWith(ending))
  if (end === undefined) return { color: 0, symbol: 0 }
  const [ending, color, symbol, about] = end
  return { color, symbol, about: `${name.slice(0, -ending.length)}, ${about}` }
}
