#!/bin/bash
# The job that writes is canceled while the other host's job waits: the drive goes to the one that waits.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
dir_writes
cibou_waits
cancel_job "$FIRST"
check "the job ends" wait_until 45 job_over "$FIRST"
check "the waiting job writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$SECOND" cibou 60
