#!/bin/bash
# What Bacula parses: shstore-changer's list, listall, slots and loaded are those of the stock mtx-changer, byte for byte. The
# stock script runs with its own mtx replaced by a program that prints the state of the same library.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/changer.sh
. "$(dirname "${BASH_SOURCE[0]}")/changer.sh"

stock_script=$(bacula_root 9.6.7)/etc/bacula/scripts/mtx-changer

prepare
check "the stock script prints what the unit tests expect" "$SOURCE/tests/changer/stock_script.sh" "$stock_script"

configure
for host in "${HOSTS[@]}"; do give_changer "$host"; install_plugin "$host"; done
start_target

# The script names its programs and folders by their full paths.
stock=$RUN/stock
mkdir "$stock"
printf '#!/bin/sh\n[ "$3" = status ] && exec %s "$2" status\n' "$RUN/cibou/scripts/shstore-changer" >"$stock/mtx"
chmod +x "$stock/mtx"
cp "${stock_script%/*}/mtx-changer.conf" "$stock/"
sed -e "s|/etc/bacula/scripts/|$stock/|g" -e "s|^MTX=.*|MTX=$stock/mtx|" -e "s|/var/lib/bacula|$stock|g" "$stock_script" >"$stock/mtx-changer"

# same COMMAND [ARGUMENT...]: both print the same and end with the same status
same() {
    local ours=0 theirs=0
    changer cibou "$@" >"$stock/ours" || ours=$?
    sh "$stock/mtx-changer" "$RUN/san/cibou/sg2" "$@" >"$stock/theirs" || theirs=$?
    KEPT=$(printf 'exit status %s and %s\n' "$ours" "$theirs"; diff "$stock/ours" "$stock/theirs")
    cmp "$stock/ours" "$stock/theirs" && equal "$ours" "$theirs"
}
all_same() {
    local drive
    for command in list listall slots; do check "$command, $1" same "$command"; done
    for drive in 0 1; do check "loaded, drive $drive, $1" same loaded 0 "$(archive "$drive")" "$drive"; done
}
all_same "all tapes in their slots"
check "a tape goes into drive 1" changer cibou load 3 "$(archive 1)" 1
check "one into an import slot" changer cibou transfer 2 9
all_same "with a drive full and a tape for export"
check "the last slot's tape into drive 0" changer dir load 6 "$(archive 0)" 0
all_same "with both drives full"
