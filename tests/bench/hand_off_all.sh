#!/bin/bash
# hand_off_all.sh [COUNT]: hand_off.sh with the plugin as it is and with one that has no hand-off, so many times each (default
# 20), on four sites side by side; prints medians. Exit status 1 only if a run failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
BUILD=$(realpath "${SHSTORE_BUILD:-../../build}")
count=${1:-20} sites=4
out=$BUILD/hand-off
mkdir -p "$out"

# all NAME PLUGIN: $out/NAME has a line for each hand-off
all() {
    local name=$1 plugin=$2 site pids=()
    for ((site = 0; site < sites; site++)); do
        timeout 1800 ./hand_off.sh "$plugin" $(((count + site) / sites)) "$name-$site" >"$out/$name-$site.ms" 2>"$out/$name-$site.log" &
        pids+=("$!")
        sleep 1 # two must not choose the same ports
    done
    for site in "${!pids[@]}"; do wait "${pids[$site]}" || { tail -n 30 "$out/$name-$site.log" >&2; return 1; }; done
    cat "$out/$name"-[0-9].ms >"$out/$name"
}
# rank PERCENT COLUMN NAME
rank() { awk -v c="$2" '{ print c == 3 ? $1 + $2 : $c }' "$out/$3" | sort -n | awk -v p="$1" '{ v[NR] = $1 } END { n = int((NR * p + 99) / 100); print v[n] }'; }

all with "$BUILD/lib/shstore-sd.so"
all without "$BUILD/lib/retries/shstore-sd.so"
for name in with without; do
    printf '%-7s the hand-off, %d times: median %d ms from the release to the first byte (longest %d), of that %d ms to the lock (longest %d)\n' \
        "$name" "$(wc -l <"$out/$name")" "$(rank 50 3 "$name")" "$(rank 100 3 "$name")" "$(rank 50 1 "$name")" "$(rank 100 1 "$name")"
done
awk -v a="$(rank 50 3 without)" -v b="$(rank 50 3 with)" 'BEGIN { printf "without : with = %.1f\n", a / b }'
