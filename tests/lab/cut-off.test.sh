#!/bin/bash
# A job is cut off: another host takes the drive under it, and nobody can end its data with a filemark. The administrator leaves the
# Volume as it is, and the next job appends there: bacula-sd would count its blocks from 0, end as OK and restore short. It is failed by
# name, also the other host's, which knows nothing of it but what is on the tape, and where the daemon was killed in mid-write and
# started again; the one after it, on another tape, is good.
# fabrics: iscsi
# seconds: 900
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

failed() { job_over "$1" && not job_is "$1" T; }
# As long as the job writes: more than a minute, because the File Daemon is slowed down.
long_data() { head -c $((40 << 20)) /dev/urandom >"$RUN/data/dir/more"; }
# In one step, as a host does that registers and preempts: between storage-ctl's preempt and a lock dir could write its filemark.
takes_it() {
    local out=(sg_persist --out "$(sg cibou)" --prout-type=3)
    "${out[@]}" --register-ignore --param-sark="$CIBOU_KEY" >/dev/null &&
        "${out[@]}" --preempt --param-rk="$CIBOU_KEY" --param-sark="$DIR_KEY" >/dev/null
}
# written VOLUME: dir's state says that data is on it which nothing has ended yet
written() { grep -q "\"volume\": \"$1\"" "$RUN/dir/working/dir-sd.shstore.json"; }
# cut_off SLOT VOLUME: cibou takes the drive while dir writes; sets CUT
cut_off() {
    check "a tape is labeled" tape "$1" "$2" cibou
    check "nobody has the drive" wait_until 30 free_drive 0
    CUT=$(start_job backup-dir)
    check "job $CUT writes" wait_until 60 writing dir "$CUT"
    check "what may be cut off is written down" wait_until 20 written "$2"
    check "cibou takes the drive" takes_it
}
gives_it_back() {
    check "job $CUT fails" wait_until 120 failed "$CUT"
    check "cibou gives the drive back" exits 0 ctl cibou unlock
    check "and its key" exits 0 ctl cibou unregister
    check "nobody has it" wait_until 60 free_drive 0
    keep bc "update volume=$1 volstatus=Append"
    job_log "$CUT" | grep -E "shstore|rror|Volume" | show
}
# next_fails HOST VOLUME: and says why
next_fails() {
    local next
    next=$(start_job "backup-$1")
    check "job $next fails" wait_until 200 failed "$next"
    keep job_log "$next"
    grep -E "end of data|Ready to append|mismatch|shstore" <<<"$KEPT" | show
    check "it says why" has "the data on Volume \"$2\" before block"
    check "   in words" has 'was cut off, and is not ended by a filemark'
    check "and what to do" has "Set the Volume to Used"
    check "nothing stays behind" wait_until 60 free_drive 0
}

bacula_up
make_data dir 1
make_data cibou 1
long_data

step "cibou takes the drive under dir's job"
cut_off 1 TAPE-1
gives_it_back TAPE-1

step "the other host's next job appends there, and knows nothing of it but what is on the tape"
next_fails cibou TAPE-1
keep bc "update volume=TAPE-1 volstatus=Used"

step "cibou takes the drive, and dir's daemon is killed in mid-write"
cut_off 2 TAPE-2
stop_sd dir KILL
start_sd dir
gives_it_back TAPE-2

step "the next job appends there"
next_fails dir TAPE-2
keep bc "update volume=TAPE-2 volstatus=Used"

step "as it is told to"
rm "$RUN/data/dir/more"
check "another tape is labeled" tape 3 TAPE-3 cibou
check "nobody has the drive" wait_until 30 free_drive 0
GOOD=$(start_job backup-dir)
check "job $GOOD ends" wait_job "$GOOD" 200
check "it is good" job_clean "$GOOD"
check "what it wrote is ended" wait_until 30 not written TAPE-3
check "it comes back byte for byte" restorable "$GOOD" dir 120
