#!/bin/bash
# The disk with the Working Directory is full: for the plugin alone, and in truth. Its state and history cannot be written, which
# is said; jobs go on under their locks, or fail with Bacula's reason; no lock stays.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"
# shellcheck source=tests/bacula/few.sh
. "$(dirname "${BASH_SOURCE[0]}")/few.sh"

working() { echo "$RUN/cibou/working"; }
state() { cat "$(working)/cibou-sd.shstore.json"; }
state_has() { has "$1" "$(state)"; }
eval "$(declare -f stop_site | sed '1s/stop_site/stop_daemons/')"
stop_site() {
    stop_daemons
    ! mountpoint -q "$(working)" || umount "$(working)"
}
# small_disk: the Working Directory is one of 256 KiB. False: this user may not do that.
small_disk() {
    mkdir -p "$RUN/aside" && cp -a "$(working)/." "$RUN/aside/" &&
        mount -t tmpfs -o size=256k,mode=0755 none "$(working)" 2>"$RUN/log/mount.log" && cp -a "$RUN/aside/." "$(working)/"
}
fill() { dd if=/dev/zero "of=$(working)/ballast" bs=4k 2>/dev/null || true; }
full() { [ "$(df --output=avail "$(working)" | tail -n 1)" -eq 0 ]; }

site
first_good

step "full for the plugin"
start_sd_with_few
few room
job=$(start_job backup-cibou)
check "job $job writes" wait_until "$NEXT_TRY" writing cibou "$job"
check "with the lock" held_by 0 "${KEY[cibou]}"
check "the state on the disk is whole, and old" not state_has "\"job\": $job"
check "it ends" jobs_end 60 "$job"
check "it is good" job_clean "$job"
check "nothing stays behind" wait_until 15 free_drive 0
next=$(start_job backup-cibou)
check "a job is told that shstore-status knows nothing" wait_until 30 job_logged "$next" "No space left on device"
enough room
check "it ends" jobs_end 60 "$next"
check "it is good" job_clean "$next"
check "the state is written again" wait_until 15 state_has '"locked": false'
check "and says nothing of a full disk" wait_until 15 not state_has "No space left"

step "full in truth"
stop_sd cibou
if small_disk; then
    start_sd cibou
    job=$(start_job backup-cibou)
    check "job $job writes" wait_until "$NEXT_TRY" writing cibou "$job"
    fill
    check "the disk is full" full
    check "the lock is there" held_by 0 "${KEY[cibou]}"
    check "the job ends" wait_until 90 job_over "$job"
    check "well, or with a reason" ended_with_reason "$job"
    check "nothing stays behind" wait_until 15 free_drive 0
    second=$(start_job backup-cibou)
    check "a job that begins on a full disk ends" wait_until "$((NEXT_TRY + 60))" job_over "$second"
    check "well, or with a reason" ended_with_reason "$second"
    check "nothing stays behind" wait_until 15 free_drive 0
    rm -f "$(working)/ballast" "$(working)/more"
    third=$(start_job backup-cibou)
    check "with room again a job ends" jobs_end "$((NEXT_TRY + 60))" "$third"
    check "it is good" job_clean "$third"
    check "nothing stays behind" wait_until 15 free_drive 0
    check "it comes back byte for byte" restorable "$third" cibou 60
else
    unasked "a Working Directory that is full in truth" "a small file system cannot be mounted here: $(<"$RUN/log/mount.log")"
    start_sd cibou
fi
check "the first backup comes back byte for byte" restorable "$GOOD" cibou 60
