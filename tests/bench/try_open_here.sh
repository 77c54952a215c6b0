#!/bin/bash
# try_open_here.sh: try_open.sh on a drive of shstore-target, with what $SHSTORE_BUILD has.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(realpath "${SHSTORE_BUILD:-$here/../../build}")
work=$(mktemp -d)
target=
end() {
    [ -z "$target" ] || { kill "$target"; wait "$target" || true; }
    rm -r "$work"
}
trap end EXIT
"$BUILD/bin/shstore-target" "$here/../../samples/san.json" --directory "$work/san" >"$work/log" 2>&1 &
target=$!
until [ -S "$work/san/cibou/sg0" ] && [ -S "$work/san/dir/sg4" ]; do
    kill -0 "$target" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.05
done
echo key=bac999 >"$work/dir.conf"
chmod 0600 "$work/dir.conf"
ctl() { "$BUILD/bin/storage-ctl" "$work/san/dir/sg4" "$1" --config "$work/dir.conf"; }
export -f ctl
export BUILD work
"$here/try_open.sh" "$work/san/cibou/sg0" "$BUILD/lib/shstore-sd.so" "$BUILD/bin/try_open_time" "ctl lock" "ctl unlock" "$BUILD/bin/bare_try"
