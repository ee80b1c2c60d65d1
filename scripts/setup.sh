#!/usr/bin/env bash
# Installs what is missing and nothing else; a second run only looks. Run before demo, bench, rig and every kind of test.
set -euo pipefail
cd "$(dirname "$0")/.."

node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)' || {
  echo "setup: Sarachi needs Node 20.19 or newer, this is $(node --version). Install a newer Node, then run the command again." >&2
  exit 69
}

declare -A package_of=(
  [redis-server]=redis-server [adb]=adb [toybox]=toybox [mksh]=mksh [mkfs.ext4]=e2fsprogs
  [pdftotext]=poppler-utils [setpriv]=util-linux [flock]=util-linux [unshare]=util-linux [nsenter]=util-linux
  [umockdev-run]=umockdev [pkg-config]=pkg-config [gcc]=gcc [idevicepair]=libimobiledevice-utils
)
# Only the tests of the panel need a browser: `scripts/setup.sh browser`.
[ "${1:-}" = browser ] && package_of[chromium]=chromium
missing=()
for command in "${!package_of[@]}"; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
# The `usb` package loads libudev at run time.
ldconfig -p 2>/dev/null | grep -q 'libudev\.so\.1' || missing+=(libudev1)
# The fast rig of the tests (docs/rigs.md) is compiled against umockdev.
pkg-config --exists umockdev-1.0 2>/dev/null || missing+=(libumockdev-dev)
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
# better-sqlite3 compiles where its prebuilt file cannot be fetched.
if [ ! -d node_modules/better-sqlite3/build ]; then
  for command in python3 make g++; do command -v "$command" >/dev/null || missing+=("$command"); done
fi

if [ ${#missing[@]} -gt 0 ]; then
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
  sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  if [ -n "$sudo" ] && ! sudo -n true 2>/dev/null; then
    echo "setup: missing Debian packages. Type:  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 69
  fi
  echo "setup: installing ${missing[*]}"
  # Named here, since sudo passes on nothing else.
  apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get"
  $apt update -qq
  $apt install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# `npm ci` rejects a lock that was made where a registry lacks some platform packages (npm/cli#9846),
# so this is `npm install` with the committed lock, and the lock must come out unchanged.
stamp=node_modules/.sarachi-lock
lock=$(sha256sum package-lock.json package.json | sha256sum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$lock" ]; then
  echo "setup: installing npm packages (the first time takes a minute or two)"
  before=$(sha256sum package-lock.json)
  npm install --no-audit --no-fund --loglevel=error
  if [ "$before" != "$(sha256sum package-lock.json)" ]; then
    echo "setup: npm changed package-lock.json; restore it with: git checkout package-lock.json" >&2
    exit 70
  fi
  echo "$lock" > "$stamp"
fi
