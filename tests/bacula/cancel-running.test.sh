#!/bin/bash
# A job that writes is canceled: its lock is given back, and the other host goes on with the drive.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
dir_writes
cancel_job "$FIRST"
check "the job ends" wait_until 45 job_over "$FIRST"
check "as canceled" job_is "$FIRST" A
check "nothing stays behind" wait_until 10 free_drive 0

second=$(start_job backup-cibou)
check "a job of the other host ends" jobs_end 60 "$second"
check "it is good" job_clean "$second"
check "its backup comes back byte for byte" restorable "$second" cibou 60
check "the backup before it too" restorable "$GOOD" cibou 60
check "nothing stays behind" wait_until 10 free_drive 0
