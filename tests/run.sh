#!/bin/bash
# Every check there is, in one command. Installs what is missing, builds, runs; closes with one line
# "N passed, N failed" and exit code 0 only if none failed and some ran.
set -u -o pipefail

usage() {
  cat <<USAGE
usage: tests/run.sh [--fast | --long] [--only NAME]... [--list] [--no-install]

  --fast        without release build, fuzzers and chaos
  --long        fuzzers for ten minutes each, ThreadSanitizer, long chaos (HD1_LONG=1), a soak of
                half an hour (soak.csv and soak.svg in build/soak), what slow clients and /metrics cost
  --only NAME   only steps whose name contains NAME (builds always happen); may be repeated
  --list        names of the steps
  --no-install  do not look for missing packages
Logs are in build/test-logs/.
USAGE
}

pace=normal
only=()
is_listing=
is_installing=yes
while [ $# -gt 0 ]; do
  case $1 in
    --fast) pace=fast ;;
    --long) pace=long && export HD1_LONG=1 ;;
    --only) only+=("${2:?--only needs a name}") && shift ;;
    --list) is_listing=yes ;;
    --no-install) is_installing= ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

cd "$(dirname "$0")/.." || exit 1
logs=$PWD/build/test-logs
python=/usr/bin/python3 # Debian's, which has Debian's python3-websockets
passed=0
failed=0
failures=()
. scripts/dev/packages.sh
. scripts/dev/build.sh

is_chosen() {
  [ ${#only[@]} -eq 0 ] && return 0
  local word
  for word in "${only[@]}"; do
    [[ $1 == *"$word"* ]] && return 0
  done
  return 1
}

# step NAME SECONDS COMMAND...: runs it with a deadline and counts the lines "ok" and "not ok" of
# its output; without such lines it counts as one. A failure that says no "not ok" is one more.
step() {
  local name=$1 limit=$2 log status good bad began
  shift 2
  is_chosen "$name" || return 0
  if [ -n "$is_listing" ]; then
    echo "$name"
    return 0
  fi
  log=$logs/${name//[^A-Za-z0-9_.-]/_}.log
  began=$(date +%s%N)
  timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null
  status=$?
  good=$(grep -c '^ok\b' "$log")
  bad=$(grep -c '^not ok\b' "$log")
  [ "$status" -eq 124 ] && echo "not done after $limit s" >>"$log"
  [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  [ "$status" -eq 0 ] && [ $((good + bad)) -eq 0 ] && good=1
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$bad" -eq 0 ] && status=ok || status=FAILED
  printf '%-6s %-34s %4d passed %3d failed %7.1f s\n' "$status" "$name" "$good" "$bad" \
    "$((($(date +%s%N) - began) / 100000000))e-1"
  if [ "$bad" -gt 0 ]; then
    failures+=("$name: $log")
    awk '/^not ok/ { on = 1 } /^ok/ { on = 0 } on' "$log" | head -n 60 | sed 's/^/    /'
    echo "    ... and the end of $log:"
    tail -n 25 "$log" | sed 's/^/    | /'
  fi
}

finish() {
  [ -n "$is_listing" ] && exit 0
  local line
  for line in "${failures[@]+"${failures[@]}"}"; do
    echo "failed: $line"
  done
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

build() { # build PRESET [TARGET...]: with progress; without it there is nothing to go on with
  [ -n "$is_listing" ] && return 0
  local began=$SECONDS
  echo "building $1"
  if ! build_preset "$1" "$logs/build-$1.log" "${@:2}"; then
    failed=$((failed + 1))
    failures+=("build $1: $logs/build-$1.log")
    finish
  fi
  echo "built $1 in $((SECONDS - began)) s"
}

# One line per cmocka test of each test program; a program that dies without one is "not ok" itself.
unit_tests() { # unit_tests PRESET
  CMOCKA_MESSAGE_OUTPUT=TAP ctest --test-dir "build/$1" -V -j 2 --timeout 600 \
    >"$logs/ctest-$1.out" 2>&1
  local status=$?
  awk '
    match($0, /^[0-9]+: (not )?ok /) {
      number = substr($0, 1, index($0, ":") - 1)
      line = substr($0, index($0, ":") + 2)
      sub(/ok [0-9]+ - /, "ok - ", line)
      lines[number]++
      if (line ~ /^not ok/)
        bad[number]++
      print line
      next
    }
    match($0, /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: /) {
      number = $0
      sub(/^[^#]*#/, "", number)
      sub(/:.*/, "", number)
      name = substr($0, RLENGTH + 1)
      sub(/ .*/, "", name)
      is_good = $0 ~ / Passed /
      if (!is_good && !bad[number])
        print "not ok - " name " (the program as a whole)"
      else if (is_good && !lines[number])
        print "ok - " name
      next
    }
    { sub(/^[0-9]+: /, ""); print "# " $0 }' "$logs/ctest-$1.out"
  return "$status"
}

check_format() { # of C; Lua's is luacheck's
  find core tests -name '*.[ch]' -print0 | xargs -0 clang-format-14 --dry-run -Werror
}

check_shell() {
  local file status=0
  while read -r file; do
    case $(head -n 1 "$file") in
      '#!/bin/bash'*) bash -n "$file" || status=1 ;;
      *) sh -n "$file" || status=1 ;;
    esac
  done < <(find .ci/run scripts examples tests -name '*.sh' -o -path .ci/run)
  return "$status"
}

check_top() { # what lies at the top is what belongs there, and what builds and runs leave
  ls | grep -vxE 'CMakeLists.txt|CMakePresets.json|LICENSE|README.md|core|examples|plugins|schema|scripts|tests|build|data' |
    sed 's/$/ does not belong at the top/' | grep . && return 1
  return 0
}

fuzz() { # fuzz fuzz_NOUN SECONDS: with its dictionary and seeds; new inputs are kept in build/
  local noun=${1#fuzz_} options=()
  mkdir -p "build/fuzz/corpus/$noun"
  [ -e "tests/fuzz/$noun.dict" ] && options+=("-dict=tests/fuzz/$noun.dict")
  options+=("build/fuzz/corpus/$noun")
  [ -d "tests/fuzz/corpus/$noun" ] && options+=("tests/fuzz/corpus/$noun")
  "build/fuzz/tests/fuzz/$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$logs/" "${options[@]}"
}

scenes() { # scenes FOLDER SECONDS: every *.py is a step
  local file
  for file in tests/"$1"/*.py; do
    [ -e "$file" ] && step "$1/$(basename "$file" .py)" "$2" "$python" "$file"
  done
}

export -f unit_tests check_format check_shell check_top fuzz
export logs
mkdir -p "$logs"

if [ -n "$is_installing" ] && [ -z "$is_listing" ]; then
  # shellcheck disable=SC2086 # lists of words
  packages_need "$logs/packages.log" $PACKAGES_BUILD $PACKAGES_RUN $PACKAGES_TEST &&
    packages_take "$logs/packages.log" prometheus usr/bin/promtool build/tools || {
    failed=1 && finish
  }
fi

step "includes" 60 scripts/dev/check-includes.sh
step "includes/self-test" 60 scripts/dev/check-includes.sh --self-test
# tests/plugins/hostile does what must not be done.
step "luacheck" 60 luacheck --no-color plugins scripts examples core tests/plugins tests/scripts .luacheckrc \
  --exclude-files tests/plugins/hostile
step "format" 60 bash -c check_format
step "shell" 60 bash -c check_shell
step "top" 60 bash -c check_top
step "schemas" 60 "$python" tests/support/check_schemas.py

build dev
step "unit/dev" 1800 bash -c 'unit_tests dev'
step "plugins" 120 build/dev/hd1 test tests/plugins tests/scripts examples/plugins
scenes e2e 1200

if [ "$pace" != fast ]; then
  build release
  step "unit/release" 1200 bash -c 'unit_tests release'
  build plain hd1
  step "plain/test_websocket" 600 env HD1_BINARY="$PWD/build/plain/hd1" "$python" tests/e2e/test_websocket.py
  step "quickstart" 600 "$python" tests/support/check_quickstart.py
  scenes chaos 1200
  seconds=$([ "$pace" = long ] && echo 600 || echo 30)
  for file in tests/fuzz/fuzz_*.c; do
    name=$(basename "$file" .c)
    is_chosen "fuzz/$name" || continue
    build fuzz "$name"
    step "fuzz/$name" $((seconds + 120)) bash -c "fuzz $name $seconds"
  done
fi
if [ "$pace" = long ]; then
  for name in bench_slow bench_metrics; do # with the bounds that they state
    step "bench/$name" 900 "$python" "tests/bench/$name.py"
  done
  step "soak" 2400 "$python" tests/soak/soak.py
  build tsan
  step "unit/tsan" 1800 bash -c 'unit_tests tsan'
fi
finish
