#!/bin/bash
# Control Devices that are not the drives of their Archive Devices: cibou's two are swapped, as after a renumbering. Each job is
# refused with both identities, and nothing is locked; put right, the same job runs. Where nobody can tell which drive a file
# stands for, that is said, and jobs run.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

swap() { sed -i -e "s|$RUN/san/cibou/sg0|$RUN/san/cibou/sgX|" -e "s|$RUN/san/cibou/sg1|$RUN/san/cibou/sg0|" \
    -e "s|$RUN/san/cibou/sgX|$RUN/san/cibou/sg1|" "$RUN/cibou/bacula-sd.conf"; }
check_says() { has "$1" "$(timeout --foreground 60 "$BUILD/bin/shstore-status" --check --sd "$RUN/cibou/bacula-sd.conf" || true)"; }

site
first_good
check "nothing is to be said of a proven pair" lacks "cannot be proven" "$(shstore_status cibou)"
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

stop_sd cibou
check "they are put right" swap
rm "$RUN"/tapes/drive?.drive
start_sd cibou
THIRD=$(start_job backup-cibou)
check "with nobody to tell the drives, a job ends" wait_until 60 job_over "$THIRD"
check "it is good" job_clean "$THIRD"
unproven="that Archive Device $RUN/tapes/drive0 and Control Device $RUN/san/cibou/sg0 are one drive cannot be proven"
check "its log says that there is no proof" job_logged "$THIRD" "$unproven"
check "status does" status_says cibou "$unproven"
check "the check does" check_says "$unproven"
FOURTH=$(start_job backup-cibou)
check "the next job ends" wait_until 60 job_over "$FOURTH"
check "its log does not repeat it" lacks "cannot be proven" "$(job_log "$FOURTH")"
check "the first backup comes back byte for byte" restorable "$GOOD" cibou 60
check "and the one after" restorable "$FOURTH" cibou 60
