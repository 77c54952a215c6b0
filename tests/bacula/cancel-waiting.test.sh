#!/bin/bash
# A job that waits for another host's drive is canceled: its host's registration goes, the holder notices nothing.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

[ "$NEXT_TRY" = 45 ] || DIR_MEGABYTES=30   # the holder has to outlast it
site
dir_writes
cibou_waits
check "cibou has registered its key" wait_until 5 registered 0 "${KEY[cibou]}"

cancel_job "$SECOND"
check "the waiting job ends" wait_until "$NEXT_TRY" job_over "$SECOND"
check "as canceled" job_is "$SECOND" A
# Bacula 15 ends the job in the Director at once, in the Storage Daemon when its sleep is over.
check "cibou's registration is gone" wait_until "$NEXT_TRY" unregistered 0 "${KEY[cibou]}"
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "and still writes" writing dir "$FIRST"
check "it ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$FIRST" dir 60
