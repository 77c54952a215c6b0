#!/bin/bash
# A device that bacula-sd keeps open between its jobs, against all advice (AlwaysOpen = yes). Somebody preempts its lock while no
# job runs, and has the drive for a moment: what bacula-sd believes of the tape is worth nothing now, so no job gets
# the device before the administrator has made bacula-sd close it.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

ctl() { timeout --foreground 60 "$RUN/$1/scripts/storage-ctl" "$(control_device "$1" 0)" "${@:2}"; }
another_host_had_it() { ctl dir register && ctl dir preempt bac001 --yes && ctl dir unlock && ctl dir unregister; }
believes_wrong_things() { grep -q '"lost": *true' "$RUN/cibou/working/cibou-sd.shstore.json"; }

STAYS_OPEN=yes
prepare
configure
use_robot 1   # with Bacula's virtual changer, unmount does not close the device
sed -i 's/Always Open = no/Always Open = yes/' "$RUN/cibou/bacula-sd.conf"
start_daemons
data
check "volume TAPE-1 is labeled" label_slot cibou 1

first=$(start_job backup-cibou)
check "a first backup ends" jobs_end 60 "$first"
check "it is good" job_clean "$first"
check "the lock stays with cibou, which has the device open" held_by 0 "${KEY[cibou]}"
second=$(start_job backup-cibou)
check "so the next job goes on where that one ended" jobs_end 60 "$second"
check "it is good" job_clean "$second"

step "another host has the drive for a moment"
check "dir preempts the lock, and goes" another_host_had_it
check "cibou has noticed" wait_until 15 believes_wrong_things
check "and takes the lock back" wait_until 5 held_by 0 "${KEY[cibou]}"
third=$(start_job backup-cibou)
check "a job waits" wait_until 30 waits_for cibou "3613 JobId=$third"
keep shstore_status cibou
check "it is told why" has "somebody else may have used the drive meanwhile"
check "and what to do" has "the device is still open in this daemon: release it in bconsole (with Always Open = yes: unmount it and mount it again), or restart bacula-sd"
check "the drive says it too" has "No job gets the device before it was closed"
grep -A2 "3613" <<<"$KEPT" | show
keep bc "unmount storage=${CHANGER[cibou]} drive=0"
check "unmount: the plugin has seen it closed" wait_until 15 not believes_wrong_things
keep bc "mount storage=${CHANGER[cibou]} drive=0 slot=1"
check "mount: the job writes" wait_until "$NEXT_TRY" writing cibou "$third"
check "it has the lock" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$third"
check "it is good" job_clean "$third"
stop_sd cibou
check "at the daemon's end nothing stays behind" free_drive 0
start_sd cibou
for job in "$first" "$second" "$third"; do check "job $job comes back byte for byte" restorable "$job" cibou 60; done
