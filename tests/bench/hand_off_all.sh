#!/bin/bash
# hand_off_all.sh [COUNT]: hand_off.sh with the plugin as it is and with its predecessor's, side by side, so many times each (default 40),
# both again with jobs of any length, then with one that has no hand-off; prints medians and ratios. SHSTORE_BEFORE=PLUGIN: that one in
# place of the predecessor's, which is built. SHSTORE_PARTS: which of "alike varying retries". Exit status 1 only if a run failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
BUILD=$(realpath "${SHSTORE_BUILD:-../../build}")
count=${1:-40} sites=2
out=$BUILD/hand-off
mkdir -p "$out"
before=${SHSTORE_BEFORE:-$(./predecessor.sh shstore-sd)/lib/shstore-sd.so}

parts=${SHSTORE_PARTS:-alike varying retries}
# begin NAME PLUGIN COUNT [varying]: on two sites of their own; PIDS
declare -A PIDS
begin() {
    local name=$1 plugin=$2 site
    for ((site = 0; site < sites; site++)); do
        timeout 3000 ./hand_off.sh "$plugin" $((($3 + site) / sites)) "$name-$site" "${@:4}" >"$out/$name-$site.ms" 2>"$out/$name-$site.log" &
        PIDS[$name-$site]=$!
        sleep 1 # two must not choose the same ports
    done
}
# finish NAME: $out/NAME has a line for each hand-off
finish() {
    local name=$1 site
    for ((site = 0; site < sites; site++)); do
        wait "${PIDS[$name-$site]}" || { tail -n 30 "$out/$name-$site.log" >&2; return 1; }
    done
    cat "$out/$name"-[0-9].ms >"$out/$name"
}
# column NAME COLUMN [told|untold]: 1 to the lock, 2 from there to the first byte, 3 both. Told: sooner before than the longest pause of
# who waits, so that it has heard of it
column() { awk -v c="$2" -v of="${3:-}" '{ told = $3 != "-" && $3 >= 650 } (of == "told" && !told) || (of == "untold" && told) { next } { print c == 3 ? $1 + $2 : $c }' "$out/$1" | sort -n; }
rank() { column "${@:2}" | awk -v p="$1" '{ v[NR] = $1 } END { n = int((NR * p + 99) / 100); print NR ? v[n] : "-" }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }'; }
show() { # NAME
    printf '%-14s %3d times: to the lock median %s ms, 99th percentile %s; then to the first byte %s, %s; both %s, %s; foreseen %s times: to the lock %s, unforeseen: %s\n' \
        "$1" "$(wc -l <"$out/$1")" "$(rank 50 "$1" 1)" "$(rank 99 "$1" 1)" "$(rank 50 "$1" 2)" "$(rank 99 "$1" 2)" "$(rank 50 "$1" 3)" "$(rank 99 "$1" 3)" \
        "$(column "$1" 1 told | wc -l)" "$(rank 50 "$1" 1 told)" "$(rank 50 "$1" 1 untold)"
}
compare() { # WITH BEFORE
    local column name=("" "to the lock" "then to the first byte" "both")
    for column in 1 2 3; do
        echo "${name[column]}, $1 : $2 = $(ratio "$(rank 50 "$1" $column)" "$(rank 50 "$2" $column)"), 99th percentile $(ratio "$(rank 99 "$1" $column)" "$(rank 99 "$2" $column)")"
    done
}

echo "load when it began: $(cut -d' ' -f1-3 /proc/loadavg)"
if [[ $parts = *alike* ]]; then
    begin before "$before" "$count"
    begin with "$BUILD/lib/shstore-sd.so" "$count"
    finish before
    finish with
    show before
    show with
    compare with before
fi
if [[ $parts = *varying* ]]; then
    begin before-varying "$before" $((count / 2)) varying
    begin with-varying "$BUILD/lib/shstore-sd.so" $((count / 2)) varying
    finish before-varying
    finish with-varying
    show before-varying
    show with-varying
    compare with-varying before-varying
fi
if [[ $parts = *retries* ]]; then
    begin without "$BUILD/lib/retries/shstore-sd.so" 20
    finish without
    show without
    [[ $parts != *alike* ]] || compare without with
fi
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
