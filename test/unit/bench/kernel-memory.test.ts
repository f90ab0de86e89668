import { expect, test } from 'vitest'
import { readKernelMemory, socketSlabOf } from '../../../bench/harness/kernel-memory.js'

const slabinfo = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables
tw_sock_TCP        51502  77616    256   16    1 : tunables    0    0    0
TCP                   10    143   2368   13    8 : tunables    0    0    0
sock_inode_cache      20    361    832   19    4 : tunables    0    0    0
kmalloc-192        37813  42105    192   21    1 : tunables    0    0    0
`

test('objects in use of the caches for sockets count, TIME_WAIT and other caches do not', () => {
  expect(socketSlabOf(slabinfo)).toBe(10 * 2368 + 20 * 832)
})

test('a kernel without those caches is an error, not a zero', () => {
  expect(() => socketSlabOf('kmalloc-192 37813 42105 192 21 1')).toThrow('no caches of sockets')
})

test.runIf(process.platform === 'linux')('this machine tells what its kernel holds', () => {
  expect(readKernelMemory().kernelBytes).toBeGreaterThan(0)
})
