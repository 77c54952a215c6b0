#!/bin/bash
# try_open_here.sh: try_open.sh on a drive of shstore-target, with what $SHSTORE_BUILD has.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(realpath "${SHSTORE_BUILD:-$here/../../build}")
SITE=$(mktemp -d)
target=
end() {
    [ -z "$target" ] || { kill "$target"; wait "$target" || true; }
    rm -r "$SITE"
}
trap end EXIT
"$BUILD/bin/shstore-target" "$here/../../samples/san.json" --directory "$SITE/san" >"$SITE/log" 2>&1 &
target=$!
until [ -S "$SITE/san/cibou/sg0" ] && [ -S "$SITE/san/dir/sg4" ]; do
    kill -0 "$target" 2>/dev/null || { cat "$SITE/log" >&2; exit 1; }
    sleep 0.05
done
echo key=bac999 >"$SITE/dir.conf"
chmod 0600 "$SITE/dir.conf"
ctl() { "$BUILD/bin/storage-ctl" "$SITE/san/dir/sg4" "$1" --config "$SITE/dir.conf"; }
export -f ctl
export BUILD SITE
"$here/try_open.sh" "$SITE/san/cibou/sg0" "$BUILD/lib/shstore-sd.so" "$BUILD/bin/try_open_time" "ctl lock" "ctl unlock" "$BUILD/bin/bare_try"
