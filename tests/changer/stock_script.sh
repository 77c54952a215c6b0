#!/bin/bash
# What Bacula's own mtx-changer makes of a `mtx status`: tests/changer/stock_script.sh MTX-CHANGER [CASE...]
# Runs the stock script (scripts/mtx-changer of Bacula 9.6.7, unpacked or installed) on each
# tests/golden/changer/stock/CASE/status.txt, with a program in mtx's place that prints this text, and compares what it
# prints with the files beside it; UPDATE_GOLDEN=1 writes them. The unit tests hold shstore-changer against the same files.
set -euo pipefail
script=$(realpath "$1")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../golden/changer/stock"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/mtx" <<'END'
#!/bin/sh
[ "$3" = status ] && cat "$MTX_STATUS"
END
chmod +x "$work/mtx"
cp "$(dirname "$script")/mtx-changer.conf" "$work/mtx-changer.conf"
# The script names its programs and folders by their full paths.
sed -e "s|/etc/bacula/scripts/|$work/|g" -e "s|^MTX=.*|MTX=$work/mtx|" -e "s|/var/lib/bacula|$work|g" "$script" >"$work/mtx-changer"

failed=0
golden() {   # FILE, the output on standard input
    if [ -n "${UPDATE_GOLDEN-}" ]; then cat >"$1"; return; fi
    diff "$1" - || { echo "$PWD/$1 differs (-) from what the stock script prints (+)"; failed=1; }
}
[ "$#" -gt 0 ] || set -- *
for case in "$@"; do
    export MTX_STATUS=$PWD/$case/status.txt
    stock() { sh "$work/mtx-changer" /dev/sg2 "$@"; }
    for command in list listall slots; do stock "$command" | golden "$case/$command.txt"; done
    { stock loaded 0 /dev/nst0 0; stock loaded 0 /dev/nst1 1; } | golden "$case/loaded.txt"
done
exit "$failed"
