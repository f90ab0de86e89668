import type { Command, Shared } from './command.js'
import { failure, NO_INTEGER, OK, type Reply, SYNTAX } from './reply.js'
import { ARGUMENTS_MAX, integerOf, type Request } from './request.js'
import { KEY_BYTES_MAX } from './store.js'

const LONG_KEY = failure(`ERR a key has at most ${KEY_BYTES_MAX} bytes`)
const NO_ROOM = failure("OOM command not allowed when used memory > 'maxmemory'.")
const NOT_IN_FUTURE = failure('ERR invalid expire time')
// About 30,000 years: added to the clock it is still counted exactly.
const EXPIRE_MS_MAX = 1e15
const KEY_WITHOUT_END = -1
const NO_KEY = -2

export const keyCommands: readonly Command[] = [
  {
    name: 'get',
    min: 2,
    max: 2,
    run: (_, request, { store }) => store.get(request.text(1)) ?? null,
  },
  { name: 'set', min: 3, max: 7, run: (_, request, { store }) => set(request, store) },
  {
    name: 'del',
    min: 2,
    max: ARGUMENTS_MAX,
    run: (_, request, { store }) => countKeys(request, (key) => store.delete(key)),
  },
  {
    name: 'exists',
    min: 2,
    max: ARGUMENTS_MAX,
    run: (_, request, { store }) => countKeys(request, (key) => store.get(key) !== undefined),
  },
  { name: 'incr', min: 2, max: 2, run: (_, request, { store }) => increment(request, store) },
  { name: 'expire', min: 3, max: 3, run: (_, request, { store }) => expire(request, store) },
  { name: 'ttl', min: 2, max: 2, run: (_, request, { store }) => secondsLeft(request, store) },
  { name: 'dbsize', min: 1, max: 1, run: (_client, _request, { store }) => store.size },
  {
    name: 'flushall',
    min: 1,
    max: 2,
    run: (_client, _request, { store }) => {
      store.clear()
      return OK
    },
  },
]

type Store = Shared['store']

/** SET key value [NX | XX] [EX seconds | PX milliseconds] */
function set(request: Request, store: Store): Reply {
  const key = request.text(1)
  if (key.length > KEY_BYTES_MAX) {
    return LONG_KEY
  }
  let condition = ''
  let expireMs: number | undefined
  for (let i = 3; i < request.count; i++) {
    const option = request.word(i)
    if ((option === 'nx' || option === 'xx') && condition === '') {
      condition = option
    } else if (
      (option === 'ex' || option === 'px') &&
      expireMs === undefined &&
      i + 1 < request.count
    ) {
      expireMs = request.integer(++i) * (option === 'ex' ? 1000 : 1)
      if (!(expireMs > 0 && expireMs <= EXPIRE_MS_MAX)) {
        return Number.isNaN(expireMs) ? NO_INTEGER : NOT_IN_FUTURE
      }
    } else {
      return SYNTAX
    }
  }
  if (condition !== '' && (store.get(key) !== undefined) !== (condition === 'xx')) {
    return null
  }
  if (!store.set(key, request.text(2))) {
    return NO_ROOM
  }
  if (expireMs !== undefined) {
    store.expire(key, expireMs)
  }
  return OK
}

/** Its end, if it has one, stays. */
function increment(request: Request, store: Store): Reply {
  const key = request.text(1)
  if (key.length > KEY_BYTES_MAX) {
    return LONG_KEY
  }
  const next = integerOf(store.get(key) ?? '0') + 1
  if (!Number.isSafeInteger(next)) {
    return NO_INTEGER
  }
  return store.replace(key, String(next)) ? next : NO_ROOM
}

function expire(request: Request, store: Store): Reply {
  const ms = request.integer(2) * 1000
  if (Number.isNaN(ms)) {
    return NO_INTEGER
  }
  return Math.abs(ms) > EXPIRE_MS_MAX ? NOT_IN_FUTURE : Number(store.expire(request.text(1), ms))
}

function secondsLeft(request: Request, store: Store): number {
  const ms = store.left(request.text(1))
  if (ms === undefined) {
    return NO_KEY
  }
  return ms === null ? KEY_WITHOUT_END : Math.round(ms / 1000)
}

function countKeys(request: Request, counts: (key: string) => boolean): number {
  let count = 0
  for (let i = 1; i < request.count; i++) {
    count += Number(counts(request.text(i)))
  }
  return count
}
