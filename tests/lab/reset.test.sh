#!/bin/bash
# Resets by the other host: each leaves a unit attention, which a drive reports instead of doing what it was told.
# storage-ctl must absorb it, and the lock must stay.
# fabrics: loop iscsi
# seconds: 120
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

reset() { sg_reset "$1" "$(sg cibou)"; }

check "dir has the lock" exits 0 ctl dir lock
step "the attention is really there"
check "LUN reset" reset --device
check "sg_persist on dir stumbles over it" exits 6 sg_persist -k "$(sg dir)"

KINDS=(--device --target)
case $LAB_FABRIC-$(uname -r) in
loop-6.1.* | iscsi-*) ;;
*)
    check "this kernel's tcm_loop has no target reset (docs/kernels.md)" not reset --target
    KINDS=(--device)
    ;;
esac

for kind in "${KINDS[@]}"; do
    step "sg_reset $kind before every command"
    for command in query regkeys wholocked register lock trylock; do
        check "reset" reset "$kind"
        check "$command" exits 0 ctl dir "$command"
    done
    check "reset" reset "$kind"
    check "the lock is still dir's" says "$DIR_KEY" ctl cibou wholocked
    check "cibou is refused, not confused" exits 24 ctl cibou trylock
    check "reset" reset "$kind"
    check "dir unlocks" exits 0 ctl dir unlock
    check "the drive is free" says "" ctl cibou wholocked
    check "reset" reset "$kind"
    check "dir locks" exits 0 ctl dir lock
    check "the drive is dir's" says "$DIR_KEY" ctl cibou wholocked
done
check "reset" reset --device
check "dir unregisters" exits 0 ctl dir unregister
check "nothing is left" says "" ctl cibou regkeys
