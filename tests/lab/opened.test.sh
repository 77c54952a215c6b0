#!/bin/bash
# Who opens a real tape drive without asking: a program of the host, bconsole's label and mount. The plugin locks a free drive while it
# is open; where another host's job has it, it registers nothing, and the drive refuses.
# fabrics: iscsi
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

opened() { grep -q '"opened_by"' "$RUN/$1/working/$1-sd.shstore.json"; }
console() { bc "$1 storage=${CHANGER[$2]} drive=0 slot=1"; }

bacula_up
# The File Daemon of 15.0.3 sends as fast as it can (site.sh).
if [ "$LAB_BACULA" = 9.6.7 ]; then make_data dir 4; else make_data dir 16; fi
check "the robot loads a tape and cibou labels it" tape 1 TAPE-1 cibou
check "nobody has the drive" wait_until 30 free_drive 0
JOB=$(start_job backup-dir)
check "job $JOB of dir ends" wait_job "$JOB" 100
check "it is good" job_clean "$JOB"
check "nobody has the drive" wait_until 30 free_drive 0

step "a program of cibou opens the free drive"
# shellcheck disable=SC2217  # it only has to be open
sleep 1000 </dev/cibou/nst0 &
program=$!
check "cibou takes the lock for it" wait_until 20 held_by 0 "${KEY[cibou]}"
check "and names it" wait_until 20 status_says cibou "It was opened by sleep (process $program)"
kill "$program"
wait "$program" || true
check "after the close the lock is given back" wait_until 30 free_drive 0

step "the same, by the node that rewinds"
# shellcheck disable=SC2217  # it only has to be open
sleep 1000 <"$(readlink -f /dev/cibou/nst0 | sed 's|/nst|/st|')" &
program=$!
check "cibou takes the lock for it" wait_until 20 held_by 0 "${KEY[cibou]}"
kill "$program"
wait "$program" || true
check "and gives it back" wait_until 30 free_drive 0

step "while dir's job writes"
FIRST=$(start_job backup-dir)
check "dir has the lock" wait_until 60 held_by 0 "${KEY[dir]}"
check "its job writes" wait_until 60 writing dir "$FIRST"
kill -STOP "${STARTED[client]}" # and goes on doing so
# shellcheck disable=SC2217  # it only has to be open
sleep 1000 </dev/cibou/nst0 &
program=$!
check "cibou sees the program" wait_until 20 opened cibou
check "and says who has the drive" wait_until 20 status_says cibou "blockedbySD=${KEY[dir]}"
check "it registers nothing" unregistered 0 "${KEY[cibou]}"
kill "$program"
wait "$program" || true
for command in label\ volume=NONE-1\ pool=Tapes mount; do keep console "$command" cibou || true; done
check "label and mount on cibou register nothing" unregistered 0 "${KEY[cibou]}"
check "dir still has the lock" held_by 0 "${KEY[dir]}"
kill -CONT "${STARTED[client]}"
check "dir's job ends" wait_job "$FIRST" 120
check "it is good" job_clean "$FIRST"
keep console release cibou || true
keep console unmount cibou || true
check "nothing stays behind" wait_until 60 free_drive 0
check "the first backup comes back byte for byte" restorable "$JOB" dir 120
check "and the second" restorable "$FIRST" dir 120
