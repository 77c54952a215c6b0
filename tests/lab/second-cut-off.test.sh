#!/bin/bash
# A job goes on, in mid-job, with a Volume on which another host's job was cut off: bacula-sd tells no plugin of that change. Where what
# was cut off is the first on that tape, the job is failed by name, because its restore would be short.
# by-name: iscsi
# seconds: 900
set -euo pipefail
TAPE_MB=24
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

failed() { job_over "$1" && not job_is "$1" T; }
written() { cat "/sys/class/scsi_tape/$(basename "$(nst dir)")/stats/write_cnt"; }
has_written() { [ "$(written)" -ge "$1" ]; }
# In one step, as a host does that registers and preempts: between storage-ctl's preempt and a lock dir could write its filemark.
takes_it() {
    local out=(sg_persist --out "$(sg cibou)" --prout-type=3)
    "${out[@]}" --register-ignore --param-sark="$CIBOU_KEY" >/dev/null &&
        "${out[@]}" --preempt --param-rk="$CIBOU_KEY" --param-sark="$DIR_KEY" >/dev/null
}

configure_lab
guarded
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
start_daemons
for name in dir cibou; do
    make_data "$name" 1
    head -c $((12 << 20)) /dev/urandom >"$RUN/data/$name/more"
done

step "cibou takes the drive under dir's job, which was the first on its tape"
check "a tape is labeled" tape 1 TAPE-1 cibou
check "nobody has the drive" wait_until 30 free_drive 0
before=$(written)
CUT=$(start_job backup-dir)
check "job $CUT writes" wait_until 100 has_written $((before + 8))
check "cibou takes the drive" takes_it
check "job $CUT fails" wait_until 120 failed "$CUT"
check "cibou gives the drive back" exits 0 ctl cibou unlock
check "and its key" exits 0 ctl cibou unregister
# dir's st could not do that while cibou had the drive. A drive does it at PREEMPT AND ABORT; tgt is told of none.
check "and the door is unlocked" sg_prevent --allow "$(sg dir)"
check "nobody has it" wait_until 60 free_drive 0
keep bc "update volume=TAPE-1 volstatus=Archive"

step "cibou's job comes to that tape in mid-job"
check "a tape is labeled" tape 2 TAPE-2 cibou
keep bc "update volume=TAPE-2 MaxVolBytes=4000000"
check "nobody has the drive" wait_until 30 free_drive 0
NEXT=$(start_job backup-cibou)
check "job $NEXT has a tape" wait_until 100 job_logged "$NEXT" 'Volume "TAPE-2"'
keep bc "update volume=TAPE-1 volstatus=Append"
check "it ends" wait_until 200 job_over "$NEXT"
keep job_log "$NEXT"
grep -E "end of data|Ready to append|mismatch|shstore|New volume|Termination" <<<"$KEPT" | show
check "it had come to that tape" has 'New volume "TAPE-1"'
if job_is "$NEXT" T; then
    if restorable "$NEXT" cibou 150; then say "it comes back"; else say "BACKUP OK, AND IT DOES NOT COME BACK"; fi
fi
check "it was failed" failed "$NEXT"
check "it says why" job_logged "$NEXT" 'was cut off, and is not ended by a filemark'
check "nothing stays behind" wait_until 60 free_drive 0
