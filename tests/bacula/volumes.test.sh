#!/bin/bash
# A Volume ends in the middle of two jobs: bacula-sd closes the device, has the robot change the tape and opens the device
# again, without a word to a plugin. The lock is held all through, from the first Volume to the last, and everything comes
# back. Then the lock is lost while the robot is at work: the job fails before it has written to the next Volume.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# small_volumes: each takes two megabytes. Each host writes to Volumes of its own: Bacula reads a Volume through the host that
# used it last, and cannot restore a file that begins on one host's Volume and ends on the other's.
small_volumes() {
    sed -i 's|^  Pool Type = Backup|&\n  Maximum Volume Bytes = 2000000|' "$RUN/director/bacula-dir.conf"
    echo 'Pool { Name = Cibou; Pool Type = Backup; Recycle = no; Auto Prune = no; Maximum Volume Bytes = 2000000; }' \
        >>"$RUN/director/bacula-dir.conf"
}
loads() { grep -c '^load ' "$RUN/robot/log" || true; }
volumes() { catalog "select count(distinct MediaId) from JobMedia where JobId=$1"; }
# keeps_the_lock KEY ID...: that host has the lock, looked at all the time, until those jobs are at their end
keeps_the_lock() {
    local key=$1 id moves looks=0
    shift
    while held_by 0 "$key"; do
        looks=$((looks + 1))
        moves=$(loads)
    done
    [ "$looks" -gt 0 ] || return
    say "looked $looks times, the robot loaded $moves tapes in all"
    for id in "$@"; do wait_until 5 job_over "$id" || return; done
}
# label POOL SLOT...: one console session for all of them
label_all() {
    local pool=$1 slot orders=()
    shift
    for slot in "$@"; do orders+=("label volume=TAPE-$slot pool=$pool storage=Changer-2 drive=0 slot=$slot"); done
    keep bc "${orders[@]}"
    equal "$#" "$(grep -c '^3000 OK label' <<<"$KEPT")"
}
# thief: the next time that the robot loads a tape, it takes three seconds, and cibou's administrator takes the lock
# meanwhile
thief() {
    cat >"$RUN/robot/move.new" <<END
#!/bin/bash
if [ "\$2" = load ]; then
    for operation in clear trylock; do "$RUN/cibou/scripts/storage-ctl" "$(control_device cibou 0)" \$operation; done
    sleep 3
fi
exec "$RUN/robot/moves" "\$@"
END
    chmod +x "$RUN/robot/move.new"
    mv "$RUN/robot/move" "$RUN/robot/moves"
    mv "$RUN/robot/move.new" "$RUN/robot/move"
}
failed() { job_over "$1" && not job_is "$1" T; }

prepare
configure
use_robot 9
small_volumes
start_daemons
data
check "Volumes for dir are labeled" label_all Tapes 1 2 3 4 5 6
check "and for cibou" label_all Cibou 7 8 9

step "two jobs of one host, over several Volumes; a job of the other host waits"
dir_writes
second=$(start_job backup-cibou storage=Changer-2)
check "a second job writes to the same Volume" wait_until 30 writing dir "$second"
SECOND=$(start_job backup-cibou pool=Cibou)
check "job $SECOND waits for dir" wait_until 20 waits_for cibou "reserved by: ${KEY[dir]}."
moves=$(loads)
check "dir has the lock for as long as they run" keeps_the_lock "${KEY[dir]}" "$FIRST" "$second"
check "they are good" eval "job_clean $FIRST && job_clean $second"
check "the first one is on three Volumes at least" test "$(volumes "$FIRST")" -ge 3
check "the robot has moved meanwhile" test "$(loads)" -ge $((moves + 2))
check "now the other host writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "cibou has the lock for as long as it runs" keeps_the_lock "${KEY[cibou]}" "$SECOND"
check "it is good" job_clean "$SECOND"
check "it is on two Volumes at least" test "$(volumes "$SECOND")" -ge 2
check "nothing stays behind" wait_until 10 free_drive 0
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60
check "the one that ran beside it too" restorable "$second" cibou 60
check "and the other host's" restorable "$SECOND" cibou 60
check "nothing stays behind" wait_until 10 free_drive 0

step "the lock is lost while the robot changes the tape"
dir_writes
thief
check "the job fails" wait_until 60 failed "$FIRST"
keep job_log "$FIRST"
check "its log says why" has "the lock was lost between 20"
check "and to whom" has ": ${KEY[cibou]} has taken the drive."
grep 'lock was lost' <<<"$KEPT" | show
check "the next tape was loaded" has '3305 Autochanger "load'
check "and not written to" lacks "New volume"
check "cibou still has the lock" held_by 0 "${KEY[cibou]}"
check "nothing of dir is left" wait_until 10 unregistered 0 "${KEY[dir]}"
