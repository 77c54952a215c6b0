#!/bin/bash
# A holder that is killed while it writes: its lock outlives it, and is removed aimed.
# fabrics: loop iscsi
# seconds: 120
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

# PREEMPT AND ABORT, storage-ctl's habit, hangs the kernel on loop.
preempt=(preempt "$DIR_KEY" --yes)
[ "$LAB_FABRIC" = iscsi ] || preempt+=(--no-abort)

check "the robot loads a tape" load 1
check "dir has the lock" exits 0 ctl dir lock
# Paced, since the tape of 64 MB is full within a second otherwise.
while sleep 0.05; do head -c 64512 /dev/zero || exit 0; done 2>/dev/null | exec dd of="$(nst dir)" bs=64512 iflag=fullblock 2>/dev/null &
writer=$!
has_written() { [ "$(sed -n 's/^wchar: //p' "/proc/$writer/io")" -ge "$1" ]; }
check "dir writes" wait_until 20 has_written $((64512 * 5))
check "   and goes on" running "$writer"
kill -KILL "$writer"
check "until it is killed" ended 137 "$writer"

step "the lock stays"
check "it is dir's" says "$DIR_KEY" ctl cibou wholocked
check "cibou is refused the lock" exits 24 ctl cibou trylock
check "and the tape" eio rewind cibou

step "cibou removes it"
check "only on request" exits 4 ctl cibou preempt 0xbac777 --yes
check "preempt" exits 0 ctl cibou "${preempt[@]}"
check "nobody is registered any more" says "" ctl cibou regkeys
check "nor holds the lock" says "" ctl dir wholocked
check "cibou takes it" exits 0 ctl cibou lock
check "dir, back again, is refused the tape" eio rewind dir
check "and the lock" exits 24 ctl dir trylock
head -c $((64512 * 10)) /dev/urandom >/tmp/written
check "cibou writes" rewind cibou
check "   a file" write_tape cibou /tmp/written
check "   which comes back" rewind cibou
check "   all of it" read_tape cibou /tmp/read
check "   and nothing else" cmp /tmp/written /tmp/read

step "a host removes its own lock"
check "cibou, after a crash" exits 0 ctl cibou reclaim --yes
check "the drive is free" says "" ctl dir wholocked
check "nobody is registered" says "" ctl dir regkeys
