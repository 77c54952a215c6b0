#!/bin/bash
# A library with two Storage Daemons and shstore-changer: "update slots", "label barcodes", backups that load and unload, a
# restore, tapes that go from host to host, and an unload that is refused because the other host has the drive.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/changer.sh
. "$(dirname "${BASH_SOURCE[0]}")/changer.sh"

# good_job NAME [ARGUMENTS]: runs it to its end; its number is in JOB
good_job() {
    JOB=$(start_job "$@")
    check "job $JOB ($*) ends" jobs_end 90 "$JOB"
    check "it is good" job_clean "$JOB"
}

# moved HOST OPERATION RESULT TEXT: there is such a line in the log of moves
moved() { keep grep -h " operation=$2 .*result=$3" "$RUN/log/moves-$1" && has "$4"; }

site_with_library

keep bc "update slots storage=Changer-1 drive=0"
check "update slots sees the barcodes" has 'Volume "A00001L4" not found in catalog. Slot=1'
check "and all ten slots" has 'Device "LTO-Changer-1" has 10 slots.'

BC_TIMEOUT=120 keep bc "label barcodes slots=1-3 pool=Tapes storage=Changer-1 drive=0" yes
for n in 1 2 3; do check "tape A0000${n}L4 is labeled" has "Volume=\"A0000${n}L4\""; done
check "each is in its slot in the catalog" equal "$(slot_of A00003L4)" 3
check "the drive is free again" wait_until 10 free_drive 0
check "and the robot" robot_free

good_job backup-cibou storage=Changer-1-Drive0
first=$JOB
check "the job loaded a tape" has '3305 Autochanger "load Volume' "$(job_log "$first")"
on_cibous=$(volume_of "$first")
check "the log of moves names the job" moved cibou load "done" " job=backup-cibou."
grep "job=backup-cibou" "$RUN/log/moves-cibou" | show
check "   and the tape" moved cibou load "done" " barcode=$on_cibous "
check "   and nothing that bacula-sd did not fill in" not grep '%' "$RUN/log/moves-cibou"
check "it is still in drive 0" is_loaded 0 "$(slot_of "$on_cibous")"

# The same tape through the other host's other drive: its bacula-sd has it taken out of drive 0 and put into drive 1.
good_job backup-dir storage=Changer-2-Drive1
second=$JOB
show <<<"$(job_log "$second" | grep -E ' 3[39][0-9][0-9] ')"
check "the other host used the same tape" equal "$(volume_of "$second")" "$on_cibous"
check "it came out of drive 0" is_loaded 0 0
check "and into drive 1" is_loaded 1 "$(slot_of "$on_cibous")"
check "nothing is locked" free_drive 0
check "the other drive neither" wait_until 10 free_drive 1
check "nor the robot" robot_free

check "the first backup comes back byte for byte" restorable "$first" cibou 90
check "the second too" restorable "$second" dir 90

# Now dir writes to that tape, and a job of cibou wants it in the other drive.
FIRST=$(start_job backup-dir storage=Changer-2-Drive0)
check "job $FIRST writes through dir-sd" wait_until 60 writing dir "$FIRST"
check "dir has the lock" held_by 0 "${KEY[dir]}"
in_use=$(loaded 0)
SECOND=$(start_job backup-cibou storage=Changer-1-Drive1)
check "the job's own unload is refused" wait_until 30 job_logged "$SECOND" \
    "3997 Bad autochanger \"unload Volume $on_cibous, Slot $in_use, Drive 0\": ERR=Child exited with code 24."
check "   and so it is in the log of moves" moved cibou unload failed " status=24 "
check "and it waits for its tape" wait_until 30 job_logged "$SECOND" "Please mount append Volume \"$on_cibous\""
keep bc "unmount storage=Changer-1-Drive0 drive=0"
grep '^3995\|^Results' <<<"$KEPT" | show
check "that of the console too" has 'ERR=Child exited with code 24'
check "and there the holder is named" has "is reserved by: ${KEY[dir]}, which may be using tape \"$on_cibous\""
if keep changer cibou unload "$in_use" "$(archive 0)" 0; then status=0; else status=$?; fi
check "by hand it is refused as well" equal "$status" 24
check "with the holder's key" has "is reserved by: ${KEY[dir]}, which may be using tape \"$on_cibous\""
check "the tape is where it was" is_loaded 0 "$in_use"
check "job $FIRST ends" jobs_end 90 "$FIRST"
check "it is good" job_clean "$FIRST"

# The drive is free. Bacula looks again every five minutes (Volume Poll Interval), or when it is told to.
check "now it may be unloaded" wait_until 10 free_drive 0
bc "mount storage=Changer-1-Drive1 drive=1" >/dev/null
check "the waiting job gets its tape" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "the tape is in drive 1 now" is_loaded 1 "$in_use"
check "nothing is locked" wait_until 10 free_drive 0
check "the other drive neither" wait_until 10 free_drive 1
check "nor the robot" robot_free
check "the third backup comes back byte for byte" restorable "$FIRST" dir 90
check "and the fourth" restorable "$SECOND" cibou 90

# An own goal: dir writes, and dir's own console wants another tape in that drive. The lock is dir's, so that it keeps nobody of dir
# away. bacula-sd closes the device and asks the robot to empty it: the job fails of that, but its tape stays where it writes.
OWN=$(start_job backup-dir storage=Changer-2-Drive0)
check "job $OWN writes through dir-sd" wait_until 60 writing dir "$OWN"
in_use=$(loaded 0)
keep bc "mount storage=Changer-2-Drive0 slot=$((in_use == 4 ? 5 : 4)) drive=0"
check "that is refused, and the job is named" has "this unload is not its own but of bconsole"
check "the tape stays under the job that writes to it" is_loaded 0 "$in_use"
check "job $OWN ends" wait_until 90 job_over "$OWN"
