#!/bin/bash
# A restore takes the lock as a backup does: it waits while another host has the drive, here an administrator at cibou.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
FIRST=$(start_job backup-dir)
check "a backup through dir-sd ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "the drive is free" wait_until 10 free_drive 0
storage_ctl cibou 0 register
storage_ctl cibou 0 lock
check "cibou has the lock, by hand" held_by 0 "${KEY[cibou]}"

folder=$RUN/restore/by-hand
restore=$(start_restore "$FIRST" "$folder")
check "the restore waits" wait_until 30 waits_for dir \
    "3612 JobId=$restore waiting because device \"LT09_2_Drive0\" ($RUN/tapes/dir/drive0) is reserved by: ${KEY[cibou]}."
check "dir has registered its key" wait_until 5 registered 0 "${KEY[dir]}"
sleep 3
check "nothing was restored" not test -e "$folder$RUN"
check "cibou still has the lock" held_by 0 "${KEY[cibou]}"

storage_ctl cibou 0 unlock
storage_ctl cibou 0 unregister
check "the restore ends, with the lock given back" wait_until 60 job_over "$restore"
check "it is good" job_is "$restore" T
check "everything comes back byte for byte" same_data dir "$folder"
check "nothing stays behind" wait_until 10 free_drive 0
