#!/usr/bin/env bash
# pr_trial with shstore-target in the place of the real device server: not one difference. And one that must be found.
set -euo pipefail
trial=$1 target=$2
folder=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; rm -rf "$folder"' EXIT
cat >"$folder/san.json" <<'JSON'
{"drives": [{"name": "d", "vendor": "V", "product": "P", "revision": "1", "serial": "S",
             "reservation_options": ["ALL_TG_PT", "APTPL"]}],
 "initiators": [{"name": "a", "wwpn": "0000000000000011", "devices": {"sg0": "d"}},
                {"name": "b", "wwpn": "0000000000000012", "devices": {"sg0": "d"}},
                {"name": "c", "wwpn": "0000000000000013", "devices": {"sg0": "d"}}]}
JSON
"$target" "$folder/san.json" --directory "$folder" >"$folder/log" 2>&1 &
pid=$!
until grep -qx ready "$folder/log"; do
    kill -0 "$pid" || { cat "$folder/log"; exit 1; }
    sleep 0.1
done
for bits in '' --bits; do
    # shellcheck disable=SC2086
    "$trial" --seed 1 --commands 5000 --abort $bits "$folder/a/sg0" "$folder/b/sg0" "$folder/c/sg0"
done
# Two paths of one nexus are not two nexuses: a trial that does not notice that compares nothing.
if "$trial" --seed 1 --commands 5000 "$folder/a/sg0" "$folder/a/sg0" >"$folder/wrong" 2>&1; then
    echo "the trial did not notice that both paths are one nexus"
    exit 1
fi
