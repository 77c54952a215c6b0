#!/bin/bash
# What opens a drive without asking: label and mount in bconsole, and any other program of the host. The plugin sees the archive
# device opened, takes the lock where the drive is free, gives it back after the close, and where another host has the drive takes
# nothing and says who has it. (A Vtape obeys everybody. A real drive refuses: tests/lab.)
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

state_says() { grep -q "$2" "$RUN/$1/working/$1-sd.shstore.json"; }   # HOST PATTERN
opened() { state_says "$1" '"opened_by"'; }
mounts() { at "$1" bc "mount storage=${CHANGER[$1]}-Drive0 drive=0 slot=0"; }
times_locked() { grep -c '"lock-taken"' "$RUN/$1/working/$1-sd.shstore.history" || true; }
locked_since() { [ "$(times_locked "$1")" -gt "$LOCKED" ]; }

site
first_good

step "cibou's console mounts the free drive"
LOCKED=$(times_locked cibou)
keep mounts cibou
check "the lock is taken for it" wait_until 10 locked_since cibou
check "and given back a moment after the device was closed" wait_until 20 free_drive 0

step "cibou's console labels while dir's job writes"
dir_writes
for _ in 1 2 3; do keep at cibou bc "label volume=NONE-1 pool=Tapes storage=${CHANGER[cibou]}-Drive0 drive=0 slot=0"; done
check "dir has the lock" held_by 0 "${KEY[dir]}"
check "cibou registers nothing" unregistered 0 "${KEY[cibou]}"

step "with Always Open = yes it mounts meanwhile, and the device stays open"
stop_sd cibou
sed -i 's/Always Open = no/Always Open = yes/' "$RUN/cibou/bacula-sd.conf"
start_sd cibou
keep mounts cibou
check "the mounted device is seen" wait_until 10 opened cibou
check "cibou registers nothing" unregistered 0 "${KEY[cibou]}"
keep shstore_status cibou || true
check "shstore-status says that dir has the drive" has "blockedbySD=${KEY[dir]}"
check "and who opened it" has "It was opened by this daemon and not by a job"
SECOND=$(at cibou start_job backup-cibou)
check "cibou's own job does not get a device that was open under dir's lock" wait_until 20 waits_for cibou "3613 JobId=$SECOND"
waiting_text cibou | show
check "it is told why" waits_for cibou "${KEY[dir]} had the drive while the device was open in this daemon"
check "and what to do" waits_for cibou "release it in bconsole"
check "dir's job still writes" writing dir "$FIRST"
check "dir's job ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "cibou still does not use the drive" lacks '"locked": true' "$(cat "$RUN/cibou/working/cibou-sd.shstore.json")"
cancel_job "$SECOND"
check "the job is canceled" wait_until "$NEXT_TRY" job_over "$SECOND"
stop_sd cibou
sed -i 's/Always Open = yes/Always Open = no/' "$RUN/cibou/bacula-sd.conf"
start_sd cibou
check "nothing stays behind" wait_until 20 free_drive 0

step "labels at moments of their own while dir's job starts"
FIRST=$(at dir start_job backup-dir)
for _ in {1..10}; do
    keep at cibou bc "label volume=NONE-2 pool=Tapes storage=${CHANGER[cibou]}-Drive0 drive=0 slot=0"
    sleep "0.$((RANDOM % 10))"
done
check "the job ends" jobs_end 90 "$FIRST"
check "it is good" job_clean "$FIRST"
check "nothing stays behind" wait_until 20 free_drive 0

step "another program of cibou has the free drive open"
# shellcheck disable=SC2217  # it only has to be open
sleep 1000 <"$RUN/tapes/drive0" &
program=$!
check "the lock is taken for it" wait_until 10 held_by 0 "${KEY[cibou]}"
check "and it is named" wait_until 10 status_says cibou "It was opened by sleep (process $program)"
SECOND=$(at cibou start_job backup-cibou)
check "a job of cibou is refused with its name" wait_until 20 waits_for cibou "sleep (process $program) has it open on this host"
kill "$program"
wait "$program" || true
check "it ends, and the job gets the drive" wait_until "$NEXT_TRY" writing cibou "$SECOND"
for _ in {1..100}; do head -c 1 "$RUN/tapes/drive0" >/dev/null; done
check "a hundred opens beside the job" job_is "$SECOND" R
check "do it no harm" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
for _ in {1..1000}; do : <"$RUN/tapes/drive0"; done
check "a thousand opens of the free drive, and nothing stays" wait_until 30 free_drive 0
for job in "$GOOD" "$FIRST"; do check "job $job comes back byte for byte" restorable "$job" "$([ "$job" = "$FIRST" ] && echo dir || echo cibou)" 60; done
