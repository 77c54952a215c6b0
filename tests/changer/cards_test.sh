#!/bin/bash
# The cards of a drive and of a library, as administrators give them to others: cards_test.sh BIN-FOLDER
# Each is what its schema says, and no name of the site is in it.
set -euo pipefail
# shellcheck source=tests/changer/target.sh
. "$(dirname "${BASH_SOURCE[0]}")/target.sh"

python3 - "$source/samples/library.json" >"$work/library.json" <<'PY'
import json, sys
san = json.load(open(sys.argv[1]))
del san["changers"][0]["media_folder"]
for drive in san["drives"]:
    del drive["archive"]
san["changers"][0]["media"][5]["barcode"] = "SITE77L4"
json.dump(san, sys.stdout)
PY
serve

printf 'key=bac001\n' >"$work/storage-ctl.conf"
chmod 640 "$work/storage-ctl.conf"
ctl() { "$bin/storage-ctl" "$work/san/cibou/sg0" "$@" --config "$work/storage-ctl.conf"; }
card() { ctl doctor --report --salt "$work/$1"; }
library() { "$bin/shstore-changer" "$work/san/cibou/sg2" report --salt "$work/$1"; }

# valid SCHEMA FILE
valid() {
    python3 - "$source/docs/$1" "$2" <<'PY' || fail "$2 is not what docs/$1 says"
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
errors = list(jsonschema.Draft7Validator(schema).iter_errors(json.load(open(sys.argv[2]))))
for e in errors:
    print("/".join(map(str, e.absolute_path)), e.message)
sys.exit(len(errors) > 0)
PY
}
nameless() {
    local name
    for name in HU10450A DEC0440217 bac001 bac999 A0000 SITE77 2101001b 2100001b "$work" cibou; do
        grep -qiF -- "$name" "$1" && fail "$1 has the name $name in it"
    done
    # A word of its own: a short one is in other words too.
    grep -qiwF -- "$(hostname)" "$1" && fail "$1 has this host's name in it"
    return 0
}
value() { python3 -c 'import json,sys; print(eval("card" + sys.argv[2], {"card": json.load(open(sys.argv[1]))}))' "$work/$1" "$2"; }

ctl lock
card salt >"$work/drive.json"
library salt >"$work/library-card.json"
ctl unlock
ctl unregister
for file in drive.json library-card.json; do nameless "$work/$file"; done
valid drive-card.schema.json "$work/drive.json"
valid library-card.schema.json "$work/library-card.json"

[ "$(value drive.json '["reservations"]["type"]')" = "Exclusive Access" ] || fail "the lock is not on the card"
[ "$(value drive.json '["reservations"]["full_status"][0]["holder"]')" = True ] || fail "the holder is not on the card"
[ "$(value library-card.json '["elements"]["storage"][0]["barcode_pattern"]')" = A99999L4 ] || fail "the barcodes' pattern is not on the card"
[ "$(value library-card.json '["elements"]["storage"][5]["barcode_pattern"]')" = AAAA99L4 ] || fail "the barcodes' pattern is not right"
[ "$(value drive.json '["serial"]')" = "$(value library-card.json '["elements"]["data_transfer"][0]["identity"]["serial"]')" ] ||
    fail "one drive has two names on one host's cards"

[ "$(stat -c %a "$work/salt")" = 600 ] || fail "others may read the salt"
grep -qF "$(cat "$work/salt")" "$work/drive.json" && fail "the salt is on the card"
card salt >"$work/again.json"
card other-salt >"$work/other.json"
[ "$(value again.json '["serial"]')" = "$(value drive.json '["serial"]')" ] || fail "the same host hides a name in two ways"
[ "$(value other.json '["serial"]')" != "$(value drive.json '["serial"]')" ] || fail "another host hides the name in the same way"
chmod 644 "$work/salt"
card salt 2>"$work/refused" && fail "a salt that others may read is used"
grep -q "others than its owner may read" "$work/refused" || fail "why is not said"
echo ok
