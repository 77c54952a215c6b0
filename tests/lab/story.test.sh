#!/bin/bash
# Section 3.2 of the white paper on the kernel's target, as a transcript. It is the white paper's own but for the
# TransportIDs (iscsi) or cibou's target port (loop has a port for each host).
# fabrics: loop iscsi
# seconds: 60
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

STORY=$OUT/golden/story-$LAB_FABRIC.txt
mkdir -p "$OUT/golden"

# relative FIRST: the drive may begin to count its PR generation anywhere
relative() {
    local line
    while IFS= read -r line; do
        [[ ! $line =~ ^PR\ generation=(0x[0-9a-f]+)$ ]] || line="PR generation=first+$((BASH_REMATCH[1] - $1))"
        printf '%s\n' "$line"
    done
}
# what the two fabrics have to show differently
masked() {
    if [ "$LAB_FABRIC" = iscsi ]; then
        sed -E '/^  (FCP-2|iSCSI) |^00 /d'
    else
        sed 's/^Relative port address: .*/Relative port address: any/'
    fi
}

# golden: the transcript as this kernel has it (docs/kernels.md: from 6.12 on tcm_loop tells 0 for every port)
golden() {
    local port='s/^Relative port address: /&/'
    case $LAB_FABRIC-$(uname -r) in
    loop-6.1.*) ;;
    loop-*) port='s/^Relative port address: 0x[0-9a-f]*$/Relative port address: 0x0/' ;;
    esac
    sed "$port" "$IN/golden/story-$LAB_FABRIC.txt"
}

# tell HOST COMMAND: done and written down, with the exit status if it is not 0
tell() {
    local status=0
    printf '%s# storage-ctl /dev/%s/sg0 %s\n' "$1" "$1" "$2" >>"$STORY"
    ctl "$1" "$2" >"$OUT/told" 2>&1 || status=$?
    FIRST=${FIRST:-$(sed -n 's/^PR generation=//p' "$OUT/told")}
    relative "$FIRST" <"$OUT/told" >>"$STORY"
    [ "$status" = 0 ] || printf 'exit status %s\n' "$status" >>"$STORY"
}
# as_printed NAME: the last output is what the white paper shows there
as_printed() {
    diff -u <(relative 0x493 <"$IN/golden/3.2_$1.txt" | masked) <(relative "$FIRST" <"$OUT/told" | masked)
}

FIRST=''
tell dir query
check "no locks or registrations" as_printed empty
tell dir register
tell dir query
check "dir is registered" as_printed registered
tell dir lock
tell dir query
check "dir has the lock" as_printed locked
tell cibou query
check "cibou sees the same" as_printed locked_from_cibou
tell cibou register
tell cibou query
check "cibou is registered too" as_printed two_registrants
tell cibou trylock
check "cibou is refused in the white paper's words" equal "$(cat "$OUT/told")" \
    $'persistent reserve out: scsi status: Reservation Conflict\nPR out: command failed'
tell dir unlock
tell cibou lock
tell cibou query
check "the lock has moved to cibou" as_printed lock_moved
check "the transcript is golden/lab/story-$LAB_FABRIC.txt" diff -u <(golden) "$STORY"
