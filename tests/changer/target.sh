# shellcheck shell=bash disable=SC2034
# For tests with the programs as they are installed: sets bin, samples and work (a folder that is wiped at the end).

bin=$(realpath "$1")
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
samples=$source/samples
work=$(mktemp -d)
target=
cleanup() {
    [ -z "$target" ] || { kill "$target" 2>/dev/null || true; wait "$target" 2>/dev/null || true; }
    rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "FAILED: $*"; exit 1; }

# serve: shstore-target with $work/library.json, in $work/san
serve() {
    mkdir "$work/san"
    : >"$work/target.log"
    "$bin/shstore-target" "$work/library.json" --directory "$work/san" >"$work/target.log" 2>&1 &
    target=$!
    until grep -qx ready "$work/target.log"; do
        kill -0 "$target" 2>/dev/null || { cat "$work/target.log"; fail "shstore-target did not start"; }
        sleep 0.1
    done
}
