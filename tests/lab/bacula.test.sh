#!/bin/bash
# Bacula on real tape drives: two Storage Daemons, one robot, the plugin. Backups append to one another, and each comes
# back through the host it was written by.
# fabrics: iscsi
# seconds: 240
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

bacula_up
make_data dir 1
make_data cibou 1
check "the robot loads a tape and cibou labels it" tape 1 TAPE-1 cibou
check "nobody has the drive" wait_until 20 free_drive 0
for round in 1 2; do
    JOB=$(start_job backup-cibou)
    check "job $JOB of cibou ends" wait_job "$JOB" 100
    check "it is good" job_clean "$JOB"
    check "nobody has the drive" wait_until 20 free_drive 0
done
check "it comes back byte for byte" restorable "$JOB" cibou 100
job_log "$JOB" | show
