import { inNode } from '../harness/contestants.js'

/** A listener for each policy that is given by `--listeners`. */
export const policiesEpoll = inNode('holdfast-epoll', 'servers/policies.js', '--io', 'epoll')
export const policiesUv = inNode('holdfast-uv', 'servers/policies.js', '--io', 'uv')
/** Takes the idle time alone: interval and count are libuv's, 1 s and 10 probes. */
export const policiesNodeNet = inNode('node-net', 'baselines/node-net-policies.js')
