#!/bin/sh
# From nothing to a running server: installs what is missing, builds, starts, says what to try.
set -eu

usage() {
  cat <<USAGE
usage: examples/quickstart.sh [--port N] [--background]

Installs what is missing (Debian packages), builds HD1 and starts it with two sessions, "demo" and
"solar". Ctrl-C stops it.

  --port N       listen on 127.0.0.1:N instead of 8080
  --background   return once it runs, and say how to stop it
USAGE
}

die() {
  echo "quickstart: $*" >&2
  exit 1
}

port=8080
is_background=
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --background) is_background=yes ;;
    --port | --port=*)
      case $1 in
        --port=*) port=${1#--port=} ;;
        *) port=${2:-} && [ $# -gt 1 ] && shift ;;
      esac
      case $port in
        '' | *[!0-9]* | ??????*) usage >&2 && exit 2 ;;
      esac
      if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
        usage >&2 && exit 2
      fi
      ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

cd "$(dirname "$0")/.."
logs=build/quickstart
url=http://127.0.0.1:$port
mkdir -p "$logs"
. scripts/dev/packages.sh
. scripts/dev/build.sh

# shellcheck disable=SC2086 # lists of words
packages_need "$logs/packages.log" $PACKAGES_BUILD $PACKAGES_RUN || exit 1

# Nobody there: curl ends with 7, connection refused.
status=0
curl -s -o "$logs/port.out" --max-time 2 "$url/healthz" || status=$?
[ "$status" -eq 7 ] ||
  die "port $port is in use. Stop what listens there, or choose another: $0 --port $((port + 1))"

echo "building (log: $logs/build.log)"
build_preset release "$logs/build.log" hd1 || exit 1

# A session of its own: Ctrl-C reaches this script alone, which then asks the server to stop.
setsid build/release/hd1 serve --config examples/hd1.lua --listen "127.0.0.1:$port" \
  >"$logs/server.out" 2>"$logs/server.log" </dev/null &
pid=$!
stop_server() {
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}
trap 'stop_server; echo; echo "stopped"; exit 130' INT TERM HUP

tries=0
until curl -fs -o "$logs/ready.out" --max-time 2 "$url/readyz"; do
  if ! kill -0 "$pid" 2>/dev/null; then
    cat "$logs/server.log" >&2
    die "the server did not start"
  fi
  tries=$((tries + 1))
  if [ "$tries" -ge 150 ]; then
    tail -n 20 "$logs/server.log" >&2
    stop_server
    die "the server is not ready after 30 seconds"
  fi
  sleep 0.2
done

cat <<NEXT

HD1 runs on $url with the sessions "demo" (a gallery) and "solar" (in motion).
Its log is $logs/server.log. Try in another terminal, in this folder:

# watch the demo session live; then do the rest beside it
python3 examples/clients/watch.py --url $url --session demo

# what is there
curl -s '$url/api/sessions'
curl -s '$url/api/sessions/demo/objects?limit=3'

# create an object, move it, say something
curl -s --json '{"name":"rose","type":"sphere","y":3}' '$url/api/sessions/demo/objects'
curl -s -X PATCH --json '{"x":2,"z":-1}' '$url/api/sessions/demo/objects/rose'
curl -s --json '{"type":"chat_message","data":{"text":"hello"}}' '$url/api/sessions/demo/events'

# everything that ever happened there
curl -s '$url/api/sessions/demo/events?since=0&limit=1000'

# refused: outside of the world; and no such object
curl -s --json '{"name":"lost","type":"cube","x":99}' '$url/api/sessions/demo/objects'
curl -s -X PATCH --json '{"x":1}' '$url/api/sessions/demo/objects/nothing'

# planets in motion
python3 examples/clients/watch.py --url $url --session solar --all --count 30

NEXT

if [ -n "$is_background" ]; then
  trap - INT TERM HUP
  echo "Stop it with: kill $pid"
  exit 0
fi
echo "Ctrl-C stops it."
wait "$pid" || die "the server ended by itself; see $logs/server.log"
