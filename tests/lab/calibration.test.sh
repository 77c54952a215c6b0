#!/bin/bash
# The first load of a new LTO-9 cartridge on real tape drives: the drive is not ready (02/04/01) for longer than bacula-sd waits for
# its changer, and ignores an unload. No unload in between, no Volume in Error, the lock stays, and the job goes on with its tape.
# fabrics: loop
# seconds: 400
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

CALIBRATION=100
configure_lab
guarded
both_drives
for host in "${HOSTS[@]}"; do
    install_plugin "$host"
    sed -i "s|Maximum Changer Wait = .*|Maximum Changer Wait = 30 seconds|" "$RUN/$host/bacula-sd.conf"
done
start_daemons
make_data dir 1
make_data cibou 1
moved() { mtx -f "$(robot dir)" status | grep -q "^Data Transfer Element 0:Full"; }
in_error() { [ "$(in_catalog "select count(*) from Media where VolStatus='Error'")" != 0 ]; }
ready_now() { sg_turs --low "$(sg cibou)" >/dev/null 2>&1; }

check "the robot loads a tape and cibou labels it" tape 1 TAPE-1 cibou
check "nobody has the drive" wait_until 20 free_drive 0
keep bc "unmount storage=Changer-1 drive=0"
check "the tape is back in its slot" wait_until 60 fails moved
tell_drive 0 calibration "$CALIBRATION"

JOB=$(start_job backup-cibou)
check "job $JOB of cibou has its tape loaded" wait_until 60 moved
check "bacula-sd ends the changer after 30 seconds" wait_until 90 job_logged "$JOB" '3992 Bad autochanger "load Volume TAPE-1'
check "cibou has the lock" held_by 0 "$CIBOU_KEY"
check "the drive is not ready" fails ready_now
OTHER=$(start_job backup-dir)
check "the other host's job waits" wait_until 60 waits_for dir "3612 JobId=$OTHER waiting because device"
check "the tape is still in the drive" moved
check "no Volume is in Error" fails in_error
check "then the drive is ready" wait_until 150 ready_now
check "the tape was not taken out" moved
check "the lock is still cibou's" held_by 0 "$CIBOU_KEY"
tell_drive 0 calibration 0
bc "mount storage=Changer-1 slot=1 drive=0" >/dev/null
check "the job goes on with that tape" wait_job "$JOB" 150
job_log "$JOB" | show
check "it is good" job_clean "$JOB"
check "no Volume is in Error" fails in_error
