# Sourced: builds a CMake preset with a line of progress every few seconds.

# build_preset PRESET LOGFILE [TARGET...]: configures and builds.
build_preset() {
  build_preset=$1
  build_log=$2
  shift 2
  if ! cmake --preset "$build_preset" >"$build_log" 2>&1; then
    tail -n 20 "$build_log" >&2
    return 1
  fi
  if [ $# -gt 0 ]; then
    set -- --target "$@"
  fi
  build_jobs=$(nproc 2>/dev/null || echo 2)
  cmake --build --preset "$build_preset" -j "$build_jobs" "$@" >>"$build_log" 2>&1 &
  build_pid=$!
  build_shown=
  while kill -0 "$build_pid" 2>/dev/null; do
    build_now=$(sed -n 's/^\[ *\([0-9]*%\)\].*/\1/p' "$build_log" | tail -n 1)
    if [ -n "$build_now" ] && [ "$build_now" != "$build_shown" ]; then
      echo "  compiling: $build_now"
      build_shown=$build_now
    fi
    sleep 2
  done
  if ! wait "$build_pid"; then
    grep -E -A4 'error|warning|\*\*\*' "$build_log" | head -n 40 >&2
    echo "the build failed (log: $build_log)" >&2
    return 1
  fi
}
