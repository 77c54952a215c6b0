#!/bin/bash
# What the lock is for: without the plugin, two stock Storage Daemons use one drive at the same time. Bacula says "Backup OK"
# of a job that cannot be restored, and the good backup from before is lost with it.
# fabrics: loop
# seconds: 600
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

ROUNDS=4 # who writes where is a race: seen to do damage in nearly every round

# collision SLOT: a good backup of cibou on the tape of that slot, a long one of dir behind it, and a job of the other host in the middle
# of that. Succeeds if damage was done: Bacula says of the long one that it went well, and it does not come back.
collision() {
    local good long intruder job
    check "the robot loads a tape and cibou labels it" tape "$1" "TAPE-$1" cibou
    good=$(start_job backup-cibou)
    check "a first backup ends" wait_job "$good" 100
    check "it is good" job_clean "$good"
    check "it can be restored" restorable "$good" cibou 100
    long=$(start_job backup-dir storage=Changer-1)
    check "cibou-sd writes a long backup" wait_until 60 writing cibou "$long"
    intruder=$(start_job backup-cibou storage=Changer-2)
    if ! wait_job "$long" 120; then
        say "its drive was taken for full or moved: it waits for another Volume, which is no damage that Bacula is silent about"
        for job in "$intruder" "$long"; do bc "cancel jobid=$job yes" >/dev/null; done
        check "it ends when it is canceled" wait_job "$long" 100
        bc "update volume=TAPE-$1 volstatus=Used" >/dev/null
        return 1
    fi
    wait_job "$intruder" 20 || true
    for job in "$long" "$intruder"; do
        job_log "$job" | grep -E "Using Device|end of data|Ready to append|rror|Volume name|Termination:" | show
    done
    bc "cancel jobid=$intruder yes" >/dev/null
    bc "update volume=TAPE-$1 volstatus=Used" >/dev/null
    job_is "$long" T && lost "$long" dir
}

bacula_up without
make_data cibou 1
make_data dir 3
for ((slot = 1; slot <= ROUNDS; slot++)); do
    step "round $slot"
    if collision "$slot"; then
        say "damage was done"
        break
    fi
done
check "Bacula has said that a backup went well that cannot be restored" [ "$slot" -le "$ROUNDS" ]
