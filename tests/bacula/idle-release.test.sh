#!/bin/bash
# A job waits for a Volume with the device closed, and its host lends the drive to the others meanwhile (idle_lock_release). The job
# takes the lock again when the device is opened, before it writes; where another host has the drive then, it fails and says so.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# Each Volume takes two megabytes, and cibou's jobs write three.
small_volumes() { sed -i 's|^  Pool Type = Backup|&\n  Maximum Volume Bytes = 2000000|' "$RUN/director/bacula-dir.conf"; }
ctl() { timeout --foreground 60 "$RUN/$1/scripts/storage-ctl" "$(control_device "$1" 0)" "${@:2}"; }
ends_volume() { catalog "select VolStatus from Media where VolumeName='$1'" | grep -qx Full; }
more_room() { keep bc "update volume=$1 maxvolbytes=20000000" "update volume=$1 volstatus=Append"; }
mount_slot() { keep bc "mount storage=${CHANGER[cibou]} drive=0 slot=$1"; }
releases() { grep -c '"lock-released"' "$RUN/$1/working/$1-sd.shstore.history" || true; }
released_since() { [ "$(releases "$1")" -gt "$2" ]; }
failed() { job_over "$1" && not job_is "$1" T; }

prepare
configure
use_robot 2
small_volumes
start_daemons
stop_sd cibou
echo idle_lock_release=3 >>"$RUN/cibou/scripts/storage-ctl.conf"
start_sd cibou
data
check "a Volume is labeled" label_slot cibou 1

step "the lock is given back while the job waits"
first=$(start_job backup-cibou)
check "job $first writes" wait_until 60 writing cibou "$first"
check "it has the lock" held_by 0 "${KEY[cibou]}"
check "the Volume is full" wait_until 60 ends_volume TAPE-1
check "the drive becomes free" wait_until 90 free_drive 0
check "while the job waits" not job_over "$first"
check "status says so" wait_until 20 status_says cibou \
    "JobId $first waits for a Volume with the device closed: the lock was given back meanwhile (idle_lock_release)"
before=$(releases dir)
check "the other host labels a tape in that drive" label_slot dir 2
# On a busy machine the drive may look free because dir's plugin has not heard of the console's open yet.
check "under a lock that it gives back" wait_until 60 released_since dir "$before"
check "the drive is free again" wait_until 20 free_drive 0
check "the job still waits" not job_over "$first"

step "it takes the lock again when the device is opened"
kill -STOP "${STARTED[client]}" # or it sends at once what it may send for the time that it had to wait, and the job is over
mount_slot 2
check "the job has its lock again" wait_until 60 held_by 0 "${KEY[cibou]}"
check "and goes on" not job_over "$first"
kill -CONT "${STARTED[client]}"
check "it ends" jobs_end 60 "$first"
check "it is good" job_clean "$first"
check "nothing stays behind" wait_until 20 free_drive 0
check "it comes back byte for byte" restorable "$first" cibou 90
check "nothing stays behind" wait_until 20 free_drive 0

step "another host has the drive when it is opened"
second=$(start_job backup-cibou)
check "job $second writes" wait_until 60 writing cibou "$second"
check "the Volume is full" wait_until 60 ends_volume TAPE-2
check "the drive becomes free" wait_until 90 free_drive 0
check "dir takes it" ctl dir trylock
more_room TAPE-2
mount_slot 2
check "the job fails" wait_until 90 failed "$second"
keep job_log "$second"
check "it says why" has "its lock was given back while this job waited for a Volume (idle_lock_release in storage-ctl.conf), and cannot be had again now that the device is open: it is locked by ${KEY[dir]}. The job is failed."
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "dir gives it back" ctl dir unlock
check "and its registration" ctl dir unregister
check "the earlier backup comes back" restorable "$first" cibou 90
check "nothing stays behind" wait_until 20 free_drive 0
