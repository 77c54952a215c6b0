#!/bin/bash
# "update slots" and "label barcodes" in bconsole, once with Bacula's own mtx-changer (on the real mtx) and once with
# shstore-changer: the same library, the same commands, and the catalog must say the same of every tape.
# fabrics: loop
# seconds: 500
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

LABELED=4 # tapes that get a label; the catalog does not know the rest
ROBOT=$(robot dir)
# What the catalog says of tapes, without times and numbers of its own.
media() {
    catalog "select VolumeName, Slot, InChanger, Storage.Name, Pool.Name, Media.MediaType, VolStatus, VolBytes, VolFiles,
        VolBlocks, VolMounts, VolErrors, Media.Enabled, Media.LabelType, Media.Recycle
        from Media join Pool using (PoolId) left join Storage using (StorageId) order by VolumeName"
}
slot_of() { catalog "select Slot from Media where VolumeName='$(barcode "$1")'"; }
# What bconsole printed, without the time that connecting took.
console() { grep -vE '^(Connecting to|1000 OK|Enter a period)' <<<"$KEPT" || true; }

# blank_tapes: nothing is on any tape
blank_tapes() {
    local slot
    for ((slot = 1; slot <= SLOTS; slot++)); do
        load "$slot" >/dev/null && mt -f "$(nst dir)" weof && rewind dir && mtx -f "$ROBOT" unload "$slot" 0 >/dev/null || return 1
    done
}
# people_move_tapes: those of slots 2 and 3 change places, and that of slot 4 is in a drive;  people_move_back
people_move_tapes() {
    { mtx -f "$ROBOT" load 2 1 && mtx -f "$ROBOT" transfer 3 2 && mtx -f "$ROBOT" unload 3 1 && mtx -f "$ROBOT" load 4 1; } >/dev/null
}
people_move_back() {
    { mtx -f "$ROBOT" unload 4 1 && mtx -f "$ROBOT" load 2 1 && mtx -f "$ROBOT" transfer 3 2 && mtx -f "$ROBOT" unload 3 1; } >/dev/null
}
drives_empty() { equal "$(mtx -f "$ROBOT" status | grep -c '^Data Transfer Element [0-9]*:Empty')" 2; }

label_console() { BC_TIMEOUT=300 keep bc "$@"; }
labeled() { grep -q "^3000 OK label. VolBytes=.* Volume=\"$(barcode "$1")\"" <<<"$KEPT"; }

# catalog_after ROUND: a new site, both commands, and what the catalog says; the files are in $OUT/ROUND.*
catalog_after() {
    local slot
    configure_lab
    both_drives
    [ "$1" = stock ] || guarded
    for host in "${HOSTS[@]}"; do install_plugin "$host"; done
    start_daemons
    check "update slots" keep bc "update slots storage=Changer-1 drive=0"
    console >"$OUT/$1.console"
    check "sees the barcodes" has "Volume \"$(barcode 1)\" not found in catalog. Slot=1"
    check "label barcodes" label_console "label barcodes slots=1-$LABELED pool=Tapes storage=Changer-1 drive=0" yes
    console >>"$OUT/$1.console"
    for ((slot = 1; slot <= LABELED; slot++)); do
        check "tape $slot is labeled" labeled "$slot"
    done
    media >"$OUT/$1.labeled"
    bc "release storage=Changer-1 drive=0" "unmount storage=Changer-1 drive=0" >/dev/null
    mtx -f "$ROBOT" unload "$LABELED" 0 >/dev/null 2>&1 || true
    check "both drives are empty" drives_empty
    check "somebody moves tapes by hand" people_move_tapes
    check "update slots" keep bc "update slots storage=Changer-1 drive=0"
    console >>"$OUT/$1.console"
    media >"$OUT/$1.moved"
    check "the catalog has found that two have changed places" equal "$(slot_of 2) $(slot_of 3)" "3 2"
    check "the one in a drive is counted where it came from" equal "$(slot_of 4)" 4
    check "somebody moves them back" people_move_back
    for name in director client cibou-sd dir-sd; do stop "$name"; done
}
same() { diff "$OUT/stock.$1" "$OUT/shstore.$1"; }

step "Bacula's mtx-changer"
check "blank tapes" blank_tapes
catalog_after stock
rm -rf "$RUN"
step "shstore-changer"
check "blank tapes" blank_tapes
catalog_after shstore

step "the catalog"
show <"$OUT/stock.labeled"
check "knows $LABELED tapes" equal "$(wc -l <"$OUT/stock.labeled")" "$LABELED"
check "says the same of each, freshly labeled" same labeled
show <"$OUT/stock.moved"
check "and after tapes were moved by hand" same moved
check "and bconsole has said the same" same console
