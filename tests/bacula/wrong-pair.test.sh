#!/bin/bash
# Control Devices that are not the drives of their Archive Devices: cibou's two are swapped, as after a renumbering. Each job is
# refused with both identities, and nothing is locked; put right, the same job runs. So it is where the names come to lead to two
# drives while a job writes: that one ends well under its lock, no other joins it, and the lock goes back. Where nobody can tell which drive a file
# stands for, that is said, and jobs run.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# archive_is DRIVE: what is called drive 0 is that one, as the kernel would tell it
archive_is() { printf '%s\n' "$1" >"$RUN/tapes/drive0.new" && mv "$RUN/tapes/drive0.new" "$RUN/tapes/drive0.drive"; }
swap() { sed -i -e "s|$RUN/san/cibou/sg0|$RUN/san/cibou/sgX|" -e "s|$RUN/san/cibou/sg1|$RUN/san/cibou/sg0|" \
    -e "s|$RUN/san/cibou/sgX|$RUN/san/cibou/sg1|" "$RUN/cibou/bacula-sd.conf"; }
check_says() { has "$1" "$(timeout --foreground 60 "$BUILD/bin/shstore-status" --check --sd "$RUN/cibou/bacula-sd.conf" || true)"; }

site
first_good
check "nothing is to be said of a proven pair" lacks "cannot be proven" "$(shstore_status cibou)"

step "the names come to lead to two drives while a job writes"
RUNNING=$(start_job backup-dir storage=Changer-1)
check "a job writes" wait_until 30 writing cibou "$RUNNING"
check "the Archive Device leads to the other drive" archive_is HU10450A02
two="its Control Device $RUN/san/cibou/sg0 (serial number HU10450A01) is another drive than its Archive Device"
two+=" $RUN/tapes/drive0 (serial number HU10450A02)"
check "status says so" wait_until 10 status_says cibou "$two"
check "the lock stays under the job that writes" held_by 0 "${KEY[cibou]}"
NEXT=$(start_job backup-cibou)
check "the next job is refused with both identities" wait_until 30 waits_for cibou "3613 JobId=$NEXT cannot lock device $DRIVE0: $two."
check "the one that writes ends" jobs_end 90 "$RUNNING"
check "it is good" job_clean "$RUNNING"
check "its lock goes back, although the other one waits" wait_until 20 free_drive 0
check "which is refused as before" wait_until 30 waits_for cibou "3613 JobId=$NEXT cannot lock device $DRIVE0: $two."
check "the name leads to the right drive again" archive_is HU10450A01
check "the job that waited ends" jobs_end $((NEXT_TRY + 60)) "$NEXT"
check "it is good" job_clean "$NEXT"

step "the Control Devices are swapped while the daemon is down"
stop_sd cibou
check "the Control Devices are swapped" swap
start_sd cibou
wrong="its Control Device $RUN/san/cibou/sg1 (serial number HU10450A02) is another drive than its Archive Device"
wrong+=" $RUN/tapes/drive0 (serial number HU10450A01)"
SECOND=$(start_job backup-cibou)
check "the job is refused with both identities" wait_until 30 waits_for cibou "3613 JobId=$SECOND cannot lock device $DRIVE0: $wrong."
check "its log says so" job_logged "$SECOND" "$wrong"
check "status says so" wait_until 5 status_says cibou "$wrong"
check "the check does" check_says "another drive than its Archive Device"
check "it has written nothing" not writing cibou "$SECOND"
check "the one drive is not locked" free_drive 0
check "nor is the other" free_drive 1
cancel_job "$SECOND"
check "it can be canceled" wait_until "$NEXT_TRY" job_over "$SECOND"

step "put right, with nobody to tell the drives"
stop_sd cibou
check "they are put right" swap
rm "$RUN"/tapes/drive?.drive
start_sd cibou
THIRD=$(start_job backup-cibou)
check "with nobody to tell the drives, a job ends" jobs_end 60 "$THIRD"
check "it is good" job_clean "$THIRD"
unproven="that Archive Device $RUN/tapes/drive0 and Control Device $RUN/san/cibou/sg0 are one drive cannot be proven"
check "its log says that there is no proof" job_logged "$THIRD" "$unproven"
check "status does" status_says cibou "$unproven"
check "the check does" check_says "$unproven"
FOURTH=$(start_job backup-cibou)
check "the next job ends" jobs_end 60 "$FOURTH"
check "its log does not repeat it" lacks "cannot be proven" "$(job_log "$FOURTH")"
check "the first backup comes back byte for byte" restorable "$GOOD" cibou 60
check "the one under which the names changed" restorable "$RUNNING" dir 60
check "and the one after" restorable "$FOURTH" cibou 60
