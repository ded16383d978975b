# Sourced by examples/quickstart.sh and tests/run.sh: installs Debian packages that are missing, and
# only those. As root, or by sudo.
# shellcheck shell=sh disable=SC2034

PACKAGES_BUILD="build-essential cmake pkg-config libwebsockets-dev libwebsockets-evlib-uv libuv1-dev
  liburing-dev liblua5.4-dev lua-cjson-dev libsqlite3-dev libssl-dev"
# liblua5.4-dev and the others bring the libraries; libwebsockets-evlib-uv is loaded at run time.
PACKAGES_RUN="curl python3"
PACKAGES_TEST="libcmocka-dev clang-14 clang-format-14 libclang-rt-14-dev python3-websockets lua-check"

packages_missing() {
  for package in "$@"; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
      installed) ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

packages_as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    echo "neither root nor sudo: please install these packages as root: $missing" >&2
    return 1
  fi
}

# packages_need LOGFILE PACKAGE...
packages_need() {
  packages_log=$1
  shift
  if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "not a Debian system: needed are the counterparts of: $*" >&2
    return 0
  fi
  missing=$(packages_missing "$@")
  [ -n "$missing" ] || return 0
  echo "installing: $missing"
  # shellcheck disable=SC2086 # a list of words
  if ! { packages_as_root apt-get update && packages_as_root apt-get \
    -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $missing; } \
    >"$packages_log" 2>&1 </dev/null; then
    tail -n 15 "$packages_log" >&2
    echo "could not install: $missing (log: $packages_log)" >&2
    return 1
  fi
}

# packages_take LOGFILE PACKAGE PATH FOLDER: puts a copy of one file of a package into FOLDER without
# installing the package, which would start a service.
packages_take() {
  packages_file=$4/$(basename "$3")
  [ ! -x "$packages_file" ] || return 0
  command -v dpkg-deb >/dev/null 2>&1 || return 0
  echo "fetching $(basename "$3") from the package $2"
  mkdir -p "$4"
  if ! (
    cd "$4" && { apt-get download "$2" || { packages_as_root apt-get update && apt-get download "$2"; }; } &&
      dpkg-deb --fsys-tarfile "$2"_*.deb | tar -xf - --transform 's,.*/,,' "./$3" && rm "$2"_*.deb
  ) >>"$1" 2>&1 </dev/null; then
    tail -n 15 "$1" >&2
    echo "could not fetch $2 (log: $1)" >&2
    return 1
  fi
}
