#!/bin/bash
# Drives that have all that SPC-4 leaves to them: REGISTER AND MOVE, ALL_TG_PT, SPEC_I_PT, APTPL. Nothing is different with them; and
# where APTPL is active, a lock that has outlived the loss of power of host and drive is given back when its daemon starts again.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

start_target() {
    local mark=0
    sed 's/"serial": "[^"]*"/&, "reservation_options": ["REGISTER AND MOVE", "ALL_TG_PT", "SPEC_I_PT", "APTPL"]/' "$SAMPLES/san.json" >"$RUN/san.json"
    [ ! -f "$RUN/log/target.log" ] || mark=$(wc -l <"$RUN/log/target.log")
    launch target "$BUILD/bin/shstore-target" "$RUN/san.json" --directory "$RUN/san"
    up target target_ready "$mark"
}
# keeps_lock: what the drive would have kept of dir's lock if another registration had activated APTPL after dir's
keeps_lock() {
    printf '{"registrants": [{"initiator": "2100001b321f4365", "relative_target_port": 1, "key": "%s"}],\n "reservation": {"type": 3, "holder": 0}}\n' \
        "${KEY[dir]}" >"$RUN/san/drive0.reservations"
}

site
first_good
step "as with other drives"
dir_writes
cibou_waits
check "the first job ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "the other one writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "it ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
check "and nothing would outlive a loss of power" not test -e "$RUN/san/drive0.reservations"
check "both come back byte for byte" restorable "$FIRST" dir 60
check "" restorable "$SECOND" cibou 60

step "host and drive lose power in mid-job, and APTPL is active"
dir_writes
stop_sd dir KILL
stop target KILL
keeps_lock
start_target
check "the lock has outlived it" held_by 0 "${KEY[dir]}"
start_sd dir
check "the daemon gives it back at its start" wait_until 15 not held_by 0 "${KEY[dir]}"
check "and the registration" wait_until 10 unregistered 0 "${KEY[dir]}"
check "a registration without APTPL has ended that" not test -e "$RUN/san/drive0.reservations"
job_over "$FIRST" || cancel_job "$FIRST"
check "the killed job has ended" wait_until 60 job_over "$FIRST"
check "and not well" not job_is "$FIRST" T
