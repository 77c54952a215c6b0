#!/bin/bash
# Jobs of two hosts want one drive: the lock goes from hand to hand in the order in which they came, and each job starts
# within seconds of the one before, not at Bacula's next try half a minute later. The log shows who waited for whom.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# seconds_between FIRST SECOND: from the one job's last byte to the other's first
seconds_between() {
    catalog "select strftime('%s', (select min(Time) from Log where JobId=$2 and LogText like '%is locked with key%'))
        - strftime('%s', (select max(Time) from Log where JobId=$1 and LogText like '%Elapsed time=%'))"
}

site
first_good
dir_writes
cibou_waits
check "cibou has registered its key" wait_until 5 registered 0 "${KEY[cibou]}"
third=$(start_job backup-dir storage=Changer-2-Drive0 level=Full)
check "a third job, of dir, joins its host's lock" wait_until 30 writing dir "$third"
check "the first one ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "the one that joined it too" jobs_end 60 "$third"
check "it is good" job_clean "$third"
check "the waiting job writes" wait_until 60 writing cibou "$SECOND"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
fourth=$(start_job backup-dir)
check "now a job of dir waits for cibou" wait_until 20 waits_for dir "JobId=$fourth waiting because"
check "the second one ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "and dir goes on" wait_until 60 writing dir "$fourth"
check "it ends" jobs_end 60 "$fourth"
check "it is good" job_clean "$fourth"
check "nothing stays behind" wait_until 10 free_drive 0

keep job_log "$SECOND"
check "the log says for whom it waited" has "reserved by: ${KEY[dir]}."
check "once, however often it looked" equal "$(grep -c 'waiting because device' <<<"$KEPT")" 1
check "and how long" has "is locked with key ${KEY[cibou]}, after waiting "
grep 'after waiting' <<<"$KEPT" | show
say "from the end of dir's last job to cibou's lock: $(seconds_between "$third" "$SECOND") s"
say "from the end of cibou's job to dir's lock: $(seconds_between "$SECOND" "$fourth") s"
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60
check "the other host's too" restorable "$SECOND" cibou 60
