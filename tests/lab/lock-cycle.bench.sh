#!/bin/bash
# One lock cycle, register, reserve, read back, release, on one drive: by a shell script around sg_persist, by
# storage-ctl, by the library in one process, and by four bare SG_IO calls. Nothing is asserted: it is read.
# Everything is emulated, and starting a program costs more under emulation than on iron: that inflates the first two.
# fabrics: loop iscsi
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

CYCLES=200
device=$(sg cibou)

# median NAME COMMAND...: in microseconds; MEDIAN
median() {
    local name=$1 times=$OUT/$1.times
    shift
    check "$CYCLES cycles: $name" into "$times" "$@"
    check "   none is missing" equal "$(wc -l <"$times")" "$CYCLES"
    MEDIAN=$(sort -n "$times" | sed -n "$((CYCLES / 2))p")
}
into() { "${@:2}" >"$1"; } # FILE COMMAND...
per() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

median script bash /lab/in/bin/script_cycle.sh "$device" "$CYCLES"
script=$MEDIAN
median storage-ctl bash /lab/in/bin/ctl_cycle.sh "$device" "$CYCLES" /etc/cibou.conf
ctl=$MEDIAN
ctl cibou unregister
# The two fast ones in turns, so that both see the same machine.
for round in 1 2 3; do
    median "library-$round" lock_cycle "$device" "$CYCLES"
    library=$MEDIAN
    median "bare-$round" bare_cycle "$device" "$CYCLES"
    bare=$MEDIAN
    printf 'round %s: library %s us, bare %s us, library : bare = %s\n' "$round" "$library" "$bare" "$(per "$library" "$bare")" | show
done
{
    printf 'one lock cycle, median of %s (fabric %s):\n' "$CYCLES" "$LAB_FABRIC"
    printf '  script, 4 x sg_persist   %10.0f us   %s times the library\n' "$script" "$(per "$script" "$library")"
    printf '  storage-ctl lock, unlock %10.0f us   %s times the library\n' "$ctl" "$(per "$ctl" "$library")"
    printf '  library, one process     %10.0f us\n' "$library"
    printf '  four bare SG_IO calls    %10.0f us\n' "$bare"
} | show
