#!/bin/bash
# What the lock is for: without the plugin, two stock Storage Daemons use one drive at the same time. Bacula says "Backup OK"
# of a job that cannot be restored, and the good backup from before is lost with it.
# fabrics: loop
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

bacula_up without
make_data cibou 1
make_data dir 3
check "the robot loads a tape and cibou labels it" tape 1 TAPE-1 cibou
GOOD=$(start_job backup-cibou)
check "a first backup ends" wait_job "$GOOD" 100
check "it is good" job_clean "$GOOD"
check "it can be restored" restorable "$GOOD" cibou 100

LONG=$(start_job backup-dir storage=Changer-1)
check "cibou-sd writes a long backup" wait_until 60 writing cibou "$LONG"
INTRUDER=$(start_job backup-cibou storage=Changer-2)
check "it ends" wait_job "$LONG" 200
wait_job "$INTRUDER" 20 || true
for job in "$LONG" "$INTRUDER"; do
    job_log "$job" | grep -E "Using Device|end of data|Ready to append|rror|Volume name|Termination:" | show
done
check "Bacula says that it went well" job_is "$LONG" T
check "but it cannot be restored" lost "$LONG" dir
