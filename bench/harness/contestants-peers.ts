import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { nginxStreamModule } from '../peers/proxies.js'
import type { Contestant } from './contestants.js'
import { benchDirectory, nativeDirectory, scriptDirectory } from './paths.js'

/** A server by others, measured where it is installed. */
export interface Peer extends Contestant {
  /** Programs and files, each with the Debian package that has it. */
  readonly programs: Readonly<Record<string, string>>
  /** Compiles it unless that is done. */
  build(): void
}

function proxied(name: string, proxy: string, programs: Record<string, string>): Peer {
  const script = join(scriptDirectory, 'peers', 'proxied.js')
  const backend = join(nativeDirectory, 'raw_epoll')
  return {
    name,
    programs,
    isProxy: true,
    command: () => [process.execPath, script, '--proxy', proxy, '--backend', backend],
    isBuilt: () => existsSync(script) && existsSync(backend),
    build: () => {},
  }
}

function compiled(
  name: string,
  source: string,
  target: string,
  programs: Record<string, string>,
  how: { compile(source: string, target: string): string[]; run(target: string): string[] },
): Peer {
  const from = join(benchDirectory, 'peers', source)
  const to = join(nativeDirectory, target)
  const isBuilt = () => existsSync(to) && statSync(to).mtimeMs >= statSync(from).mtimeMs
  return {
    name,
    programs,
    command: () => how.run(to),
    isBuilt,
    build: () => {
      if (isBuilt()) return
      mkdirSync(nativeDirectory, { recursive: true })
      run(how.compile(from, to))
    },
  }
}

function run([program = '', ...args]: readonly string[]): void {
  // What Go keeps goes where everything else of the build is.
  const env = { ...process.env, GOCACHE: join(nativeDirectory, 'go-cache'), GOFLAGS: '' }
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env })
  if (status === 0) return
  throw new Error(`${program} ${args.join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`)
}

/** Debian's libnetty-java has no native transports. */
const nettyJars = ['buffer', 'common', 'resolver', 'transport'].map(
  (part) => `/usr/share/java/netty-${part}.jar`,
)
const nettyPrograms = {
  java: 'default-jre-headless',
  javac: 'default-jdk-headless',
  ...Object.fromEntries(nettyJars.map((jar) => [jar, 'libnetty-java'])),
}

export const haproxy = proxied('haproxy', 'haproxy', { haproxy: 'haproxy' })
export const nginx = proxied('nginx-stream', 'nginx', {
  nginx: 'nginx',
  [nginxStreamModule]: 'libnginx-mod-stream',
})
export const go = compiled(
  'go',
  'echo.go',
  'go_echo',
  { go: 'golang-go' },
  {
    compile: (source, target) => ['go', 'build', '-o', target, source],
    run: (target) => [target],
  },
)
export const netty = compiled('netty', 'NettyEcho.java', 'netty/NettyEcho.class', nettyPrograms, {
  compile: (source, target) => [
    'javac',
    '-cp',
    nettyJars.join(':'),
    '-d',
    join(target, '..'),
    source,
  ],
  run: (target) => [
    'java',
    ...['-XX:+UseSerialGC', '-Xms256m', '-cp', [join(target, '..'), ...nettyJars].join(':')],
    'NettyEcho',
  ],
})

export const peers: readonly Peer[] = [haproxy, nginx, go, netty]
