#!/bin/bash
# The first load of a new LTO-9 cartridge on real tape drives: the drive is not ready (02/04/01) for longer than bacula-sd waits for
# its changer, and ignores an unload. Bacula fails that job; nothing is unloaded meanwhile, no Volume is in Error, and the next job
# writes to that tape.
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
make_data cibou 1
# drive_is WORD: Full or Empty, as the robot says
drive_is() { keep mtx -f "$(robot dir)" status && grep -q "^Data Transfer Element 0:$1" <<<"$KEPT"; }
in_error() { local n; n=$(in_catalog "select count(*) from Media where VolStatus='Error'") || return; [ "$n" != 0 ]; }
ready_now() { # sg_turs ends with 2 where the drive says that it is not ready
    local status=0
    sg_turs --low "$(sg cibou)" >/dev/null 2>&1 || status=$?
    case $status in 0) ;; 2) return 1 ;; *) cannot_tell ;; esac
}

check "the robot loads a tape and cibou labels it" tape 1 TAPE-1 cibou
check "nobody has the drive" wait_until 20 free_drive 0
keep bc "unmount storage=Changer-1 drive=0"
check "the tape is back in its slot" wait_until 60 drive_is Empty
tell_drive 0 calibration "$CALIBRATION"

JOB=$(start_job backup-cibou)
check "job $JOB of cibou has its tape loaded" wait_until 60 drive_is Full
check "bacula-sd ends the changer after 30 seconds, and with it the job" wait_job "$JOB" 90
check "   because of its Maximum Changer Wait" job_logged "$JOB" "Program killed by Bacula (timeout)"
check "the drive is not ready" not ready_now
if keep shstore-changer /dev/cibou/robot unload 1 /dev/cibou/nst0 0 --sd "$RUN/cibou/bacula-sd.conf"; then status=0; else status=$?; fi
show <<<"$KEPT"
check "an unload by hand is refused" equal "$status" 3
check "the tape is still in the drive" drive_is Full
check "no Volume is in Error" not in_error
check "then the drive is ready" wait_until 150 ready_now
check "the tape was not taken out" drive_is Full
tell_drive 0 calibration 0
JOB=$(start_job backup-cibou)
check "the next job uses it" wait_job "$JOB" 150
job_log "$JOB" | show
check "it is good" job_clean "$JOB"
check "no Volume is in Error" not in_error
