#!/bin/sh
# How long `hd1 test` takes for 100 cases: each a world of its own with rate_limit, validate and
# chat, two clients, a message that one sends and both receive. Aim: under a second.
#
#   bench_test_command.sh [HD1]     default: build/release/hd1
set -eu

cd "$(dirname "$0")/../.."
hd1=${1:-build/release/hd1}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/test_hundred.lua" <<'LUA'
local test = require("test")
for index = 1, 100 do
  test("case " .. index, function(t)
    local world = t:world({ plugins = { "rate_limit", "validate", "chat" } })
    local alice, bob = world:join("alice"), world:join("bob")
    alice:send("chat_message", { text = "hi" })
    alice:expect("chat_message", { text = "hi" })
    bob:expect("chat_message", { text = "hi" })
    world.clock:advance(1)
  end)
end
LUA
"$hd1" test --time "$folder" >"$folder/out" || {
  cat "$folder/out"
  exit 1
}
tail -n 1 "$folder/out"
sed -n 's/.* # \([0-9.]*\) ms$/\1/p' "$folder/out" | sort -n |
  awk '{ ms[NR] = $1 } END { printf "# per case: median %.1f ms, worst %.1f ms\n", ms[int(NR / 2)], ms[NR] }'
