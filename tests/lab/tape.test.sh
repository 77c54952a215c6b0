#!/bin/bash
# A tape under the lock: only the holder's kernel gets at it, and its data comes back whole after the lock has moved.
# fabrics: loop iscsi
# seconds: 120
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

head -c $((64512 * 80)) /dev/urandom >/tmp/written
: >/tmp/nothing
check "dir has the lock" exits 0 ctl dir lock
check "the robot loads a tape" load 1
check "dir writes" write_tape dir /tmp/written

step "cibou is refused by the kernel"
check "rewind" eio rewind cibou
check "read" eio read_tape cibou /dev/null
check "write" eio write_tape cibou /tmp/written
check "for the reservation's sake" grep -q "reservation conflict" <(dmesg)
check "and by storage-ctl" exits 24 ctl cibou trylock

step "the lock moves"
check "dir reads back what it wrote" rewind dir
check "   all of it" read_tape dir /tmp/read
check "   and nothing else" cmp /tmp/written /tmp/read
check "dir gives the lock back" exits 0 ctl dir unlock
check "cibou takes it" exits 0 ctl cibou trylock
check "dir is refused now" eio rewind dir
check "cibou reads" rewind cibou
check "   all of it" read_tape cibou /tmp/read
check "   and nothing else" cmp /tmp/written /tmp/read
check "cibou gives the lock back" exits 0 ctl cibou unlock
check "the robot unloads" mtx -f "$(robot cibou)" unload 1 0
