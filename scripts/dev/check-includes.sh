#!/bin/sh
# Do includes point one way? cli > server > config > net, plugin > hub > store > leaves; testing is
# below cli and above net; of plugin/, vm/ knows the leaves only. And each library is known to one layer only;
# Lua to testing as well, for tests are Lua. Prints a line per fault; exit code 1 if any.
#
#   check-includes.sh [CORE]        checks that folder (default: core/ of this tree)
#   check-includes.sh --self-test   proves that the check can fail
set -eu

check() {
  find "$1" -name '*.[ch]' | sort | xargs awk -v core="$1/" '
    # The layer of a path relative to core/: its folder; main.c belongs to cli, the other files of
    # core/ itself and json/ are leaves.
    function layer(path) {
      if (path == "main.c")
        return "cli"
      if (path ~ /^json\//)
        return "leaf"
      if (path ~ /^plugin\/vm\//)
        return "vm"
      if (path ~ /\//) {
        sub(/\/.*/, "", path)
        return path
      }
      return "leaf"
    }
    function fault(text) {
      printf "%s:%d: %s\n", FILENAME, FNR, text
      faults++
    }
    BEGIN {
      may["leaf"] = " leaf "
      may["store"] = " store leaf "
      may["hub"] = " hub store leaf "
      may["vm"] = " vm leaf "
      may["plugin"] = " plugin vm hub store leaf "
      may["net"] = " net hub store leaf "
      may["testing"] = " testing net plugin vm hub store leaf "
      may["config"] = " config net plugin vm hub store leaf "
      may["server"] = " server config net plugin vm hub store leaf "
      may["cli"] = " cli server testing config net plugin vm hub store leaf "
      owner["libwebsockets.h"] = "net"
      owner["lua.h"] = owner["lauxlib.h"] = owner["lualib.h"] = "plugin vm testing"
      owner["sqlite3.h"] = "store"
    }
    FNR == 1 {
      mine = layer(substr(FILENAME, length(core) + 1))
      files++
      if (!(mine in may))
        fault("no layer is called " mine)
    }
    match($0, /^[ \t]*#[ \t]*include[ \t]*[<"][^>"]*[>"]/) {
      name = substr($0, RSTART, RLENGTH)
      sub(/^[^<"]*[<"]/, "", name)
      sub(/[>"]$/, "", name)
      if (name ~ /^openssl\//)
        owner[name] = "plugin"
      if (name in owner) {
        if (index(" " owner[name] " ", " " mine " ") == 0)
          fault(name " is for " owner[name] "/ only")
      } else if ($0 ~ /"/) {
        if (name ~ /\.\./)
          fault(name ": write the path from core/")
        theirs = layer(name)
        if (index(may[mine], " " theirs " ") == 0)
          fault(mine " must not include " name " (" theirs ")")
      }
    }
    END {
      if (files == 0) {
        print "no C files found"
        faults = 1
      }
      exit faults > 0
    }'
}

# expect_fault NAME FILE LINE: a tree with that one bad line must be found faulty, and for that.
expect_fault() {
  mkdir -p "$tree/$(dirname "$2")"
  echo "$3" >"$tree/$2"
  if out=$(check "$tree") || [ "$(echo "$out" | grep -c "$2:1:")" -lt 1 ]; then
    echo "not ok - check-includes notices $1"
    failed=1
  else
    echo "ok - check-includes notices $1"
  fi
  rm "$tree/$2"
}

self_test() {
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  failed=0
  mkdir -p "$tree/hub" "$tree/net"
  printf '#include "hub/hub.h"\n#include <uv.h>\n#include <libwebsockets.h>\n' >"$tree/net/good.c"
  printf '#include "buf.h"\n#include "store/store.h"\n' >"$tree/hub/good.c"
  if check "$tree"; then
    echo "ok - check-includes accepts what is right"
  else
    echo "not ok - check-includes accepts what is right"
    failed=1
  fi
  expect_fault "a leaf that includes the hub" "buf.c" '#include "hub/hub.h"'
  expect_fault "a store that includes the hub" "store/a.c" '#include "hub/hub.h"'
  expect_fault "a hub that includes net" "hub/a.h" '# include "net/net.h"'
  expect_fault "net that includes plugin" "net/a.c" '#include "plugin/plugin.h"'
  expect_fault "plugin that includes net" "plugin/a.c" '#include "net/net.h"'
  expect_fault "a Lua machine that includes the hub" "plugin/vm/a.c" '#include "hub/hub.h"'
  expect_fault "a Lua machine that knows plugins" "plugin/vm/a.c" '#include "plugin/plugin.h"'
  expect_fault "a layer that includes the configuration" "net/b.c" '#include "config/config.h"'
  expect_fault "a server that includes the command line" "server/b.c" '#include "cli/cli.h"'
  expect_fault "lua.h in the hub" "hub/b.c" '#include <lua.h>'
  expect_fault "sqlite3.h at the top" "server/a.c" '#include <sqlite3.h>'
  expect_fault "libwebsockets.h in a plugin" "plugin/b.c" '#include "libwebsockets.h"'
  expect_fault "OpenSSL in the hub" "hub/c.c" '#include <openssl/hmac.h>'
  expect_fault "an unknown layer" "misc/a.c" '#include "buf.h"'
  exit "$failed"
}

root=$(cd "$(dirname "$0")/../.." && pwd)
case ${1:-} in
  --self-test) self_test ;;
  *) check "${1:-$root/core}" ;;
esac
