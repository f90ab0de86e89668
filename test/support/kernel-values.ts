import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_USER_TIMEOUT,
  testkit,
} from './testkit.js'

/** What the kernel holds for a socket, asked without holdfast. */
export interface KernelValues {
  enabled: boolean
  idleMs: number
  intervalMs: number
  count: number
  userTimeoutMs: number
}

export function kernelValues(fd: number): KernelValues {
  const tcp = (name: number) => testkit.getOption(fd, IPPROTO_TCP, name)
  return {
    enabled: testkit.getOption(fd, SOL_SOCKET, SO_KEEPALIVE) !== 0,
    idleMs: tcp(TCP_KEEPIDLE) * 1_000,
    intervalMs: tcp(TCP_KEEPINTVL) * 1_000,
    count: tcp(TCP_KEEPCNT),
    userTimeoutMs: tcp(TCP_USER_TIMEOUT),
  }
}
