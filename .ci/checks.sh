#!/usr/bin/env bash
# The checks of .ci/run that are more than one command: .ci/checks.sh NAME [ARGUMENT...]
# The environment holds $here (this tree), $scratch (thrown away at the end) and $clone.
set -eu -o pipefail

install_packages() {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@"
}

require_tools() {
  local tool missing=0
  for tool in "$@"; do
    command -v "$tool" || { echo "missing: $tool" && missing=1; }
  done
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number)
    if (major < 20 || (major === 20 && minor < 19)) throw new Error("Node 20.19 or newer is needed")'
  return $missing
}

build_with_cmake() {
  rm -rf build/Release build/stamps
  node scripts/ensure.mjs
  test -f build/Release/CMakeCache.txt
  must_load "$here"
}

# What a machine without cmake sees: PATH holds everything else.
build_with_gyp() {
  local tree=$scratch/gyp bin=$scratch/bin directory program
  mkdir -p "$bin"
  while IFS= read -r -d : directory; do
    [ -d "$directory" ] || continue
    for program in "$directory"/*; do
      case ${program##*/} in
        cmake* | ctest* | cpack* | ninja* | node_modules) ;;
        *) [ -e "$bin/${program##*/}" ] || [ ! -e "$program" ] || ln -sf "$program" "$bin/" ;;
      esac
    done
  done <<<"$PATH:"
  git clone -q "$here" "$tree"
  cd "$tree"
  # A fresh clone, so this is also the README's path for somebody without cmake.
  PATH=$bin node scripts/ensure.mjs
  test ! -e build/Release/CMakeCache.txt
  must_load "$tree"
}

must_load() {
  node -e 'const { createRequire } = require("node:module")
    for (const name of ["holdfast", "testkit"]) {
      console.log(name, Object.keys(require(`${process.argv[1]}/build/Release/${name}.node`)))
    }' "$1"
}

# The README's first command, in a clone with nothing built: it must answer, then end well.
fresh_clone_start() {
  rm -rf "$clone"
  git clone -q "$here" "$clone"
  cd "$clone"
  node "$here/.ci/start-check.mjs"
}

# The README's second command, in the same clone.
fresh_clone_test() {
  cd "$clone"
  npm test
}

"$@"
