#!/bin/bash
# A host whose write is under way loses its lock: the write is aborted, and nothing it sends later reaches the tape.
# fabrics: iscsi
# seconds: 120
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

head -c $((64512 * 10)) /dev/urandom >/tmp/dirs
head -c $((64512 * 10)) /dev/urandom >/tmp/cibous
check "dir has the lock" exits 0 ctl dir lock
check "the robot loads a tape" load 1
# dir keeps its tape open: opening it needs an answer from the drive
to_open_tape() { dd if=/tmp/dirs bs=64512 "$@" >&7; }
exec 7>"$(nst dir)"
check "dir writes" to_open_tape

step "preempted in the middle of a write"
hold_commands drive0
to_open_tape count=1 2>"$OUT/victim" &
victim=$!
sleep 1
check "dir's write is under way" running "$victim"
ctl cibou preempt "$DIR_KEY" --yes >"$OUT/preempt" 2>&1 &
preempt=$!
sleep 1
check "PREEMPT AND ABORT waits for it to end" running "$preempt"
pass_commands drive0
check "the preemption succeeds" wait "$preempt"
check "dir's write has failed" ended 1 "$victim"
check "   as an error of the device" grep -q "Input/output error" "$OUT/victim"
check "nobody has the lock" says "" ctl cibou wholocked
check "nobody is registered" says "" ctl cibou regkeys

step "cibou goes on"
check "cibou takes the lock" exits 0 ctl cibou trylock
check "cibou rewinds" rewind cibou
check "cibou writes" write_tape cibou /tmp/cibous
check "dir's open tape is refused" eio to_open_tape
check "   again" eio to_open_tape
exec 7>&- || true
check "cibou's file is whole" rewind cibou
check "   all of it" read_tape cibou /tmp/read
check "   and nothing else" cmp /tmp/cibous /tmp/read
