# Steps of .ci/run: how one is run, timed, counted and shown. Sourced, never run by itself.

scratch=$(mktemp -d)
clone=$scratch/clone
export here scratch clone
trap 'rm -rf "$scratch"' EXIT

# The tree may belong to another user than the one who runs this; git refuses to clone it then.
export GIT_CONFIG_GLOBAL=$scratch/gitconfig
printf '[safe]\n\tdirectory = *\n' >"$GIT_CONFIG_GLOBAL"

passed=0
failed=0
failures=()
began=$SECONDS
tail_lines=60

# Addresses of package sources belong to the machine, not to the log.
without_addresses() {
  sed -u -E -e '/^npm warn Unknown .* config/d' -e 's#(https?|git\+ssh)://[^[:space:]"'\'']+#<address>#g'
}

# step NAME SECONDS_MAX COMMAND...: one check.
step() {
  local name=$1 seconds_max=$2 log status started=$SECONDS
  shift 2
  log=$scratch/${name//[^a-zA-Z0-9]/-}.log
  printf '== %s\n' "$name"
  timeout --kill-after=10 "$seconds_max" "$@" >"$log" 2>&1
  status=$?
  if [ $status -eq 0 ]; then
    passed=$((passed + 1))
    printf '   ok      %4d s\n' $((SECONDS - started))
    return 0
  fi
  failed=$((failed + 1))
  failures+=("$name")
  tail -n "$tail_lines" "$log" | without_addresses | sed 's/^/   | /'
  [ $status -eq 124 ] && printf '   | stopped after %d s\n' "$seconds_max"
  printf '   FAILED  %4d s (exit %d)\n' $((SECONDS - started)) $status
  return 1
}

# suite NAME SECONDS_MAX REPORT COMMAND...: a step whose vitest report is added up as well.
suite() {
  local name=$1 seconds_max=$2 report=$3
  shift 3
  case $report in /*) ;; *) report=$here/$report ;; esac
  rm -f "$report"
  HOLDFAST_TEST_REPORT=$report step "$name" "$seconds_max" "$@"
  add_up "$name" "$(node .ci/count.mjs vitest "$report")"
}

# native_suite: the same for the JUnit file CTest writes.
native_suite() {
  local name=$1 seconds_max=$2 report=$3
  shift 3
  mkdir -p "$(dirname "$report")"
  rm -f "$report"
  step "$name" "$seconds_max" "$@"
  add_up "$name" "$(node .ci/count.mjs ctest "$report")"
}

# add_up NAME "PASSED FAILED": a report that is missing or empty is one failure.
add_up() {
  local name=$1 good bad
  read -r good bad <<<"$2"
  if ! [[ ${good:-} =~ ^[0-9]+$ && ${bad:-} =~ ^[0-9]+$ ]] || [ $((good + bad)) -eq 0 ]; then
    good=0 bad=1
    printf '   no test was counted\n'
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  printf '   tests   %d passed, %d failed\n' "$good" "$bad"
  [ "$bad" -eq 0 ] || failures+=("$name: $bad of its tests")
}

finish() {
  printf '== %d s in all\n' $((SECONDS - began))
  local failure
  for failure in "${failures[@]}"; do printf 'failed: %s\n' "$failure"; done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
