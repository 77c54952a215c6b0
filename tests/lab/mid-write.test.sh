#!/bin/bash
# What happens to a backup whose lock is broken, whose drive is reset or whose target loses its power while it writes: it
# fails within seconds and says why, or it comes back byte for byte. Never does it go on with the spare tape that is in the
# pool, or wait for a Volume. What was on the tape before is still there, or the job says that it may not be.
# Run by name, outside of CI (all that is set is taken over into the guest):
#   MIDWRITE_ROUNDS=100 MIDWRITE_EVENTS=preempt tests/lab/run mid-write-iscsi
#   MIDWRITE_EVENTS    of: preempt clear reset power session, one after the other in each round; power and session need iscsi;
#                      taken: another host takes the drive in one step and keeps it until the job has failed, so that no write is done any more;
#                      second: preempt, while the job writes to its second Volume, not with QUICK; move: the tape is moved under it, and nobody is told;
#                      rewind: reset, of a drive that rewinds then
#   MIDWRITE_SEED      of the moments; printed
#   MIDWRITE_CHANGER   mtx: the stock mtx-changer instead of shstore-changer
#   MIDWRITE_QUICK     1: no earlier backup is on the tape, so that a round takes a third of the time; for counts
#   MIDWRITE_TRACE     1: once the power was off, each command that reaches a drive is in out/relay-drive0
#   MIDWRITE_PLUGIN    no: what a stock Bacula does; nothing is checked but told
# fabrics: iscsi
# by-name: loop
# seconds: 900
set -euo pipefail
TAPE_MB=18 DATA_MB=12 # room for a backup of each host, and for the beginning of one more
# The File Daemon of 15.0.3 does not keep to Maximum Bandwidth.
if [ "${LAB_BACULA:-}" = 15.0.3 ]; then TAPE_MB=46 DATA_MB=36; fi
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh
# shellcheck disable=SC1091
. /lab/in/midwrite

declare -A USUAL=([iscsi]='preempt preempt clear reset power' [loop]='preempt reset')
EVENTS=${MIDWRITE_EVENTS:-${USUAL[$LAB_FABRIC]}}
ROUNDS=${MIDWRITE_ROUNDS:-1}
SEED=${MIDWRITE_SEED:-$(($(date +%s) % 100000))}
RANDOM=$SEED
SPARE_SLOT=6
SPARE=SPARE # the Volume in it
declare -A ORDER=()

fresh=0
# fresh_tape: labels one that nothing of worth is on, in a slot that is not the spare's; sets TAPE
fresh_tape() {
    local slot=$((fresh % (SLOTS - 1) + 1)) old
    fresh=$((fresh + 1))
    old=TAPE-$((fresh - SLOTS + 1))
    TAPE=TAPE-$fresh
    if [ "$fresh" -ge "$SLOTS" ]; then empty_slot "$slot" "$old" || return 1; fi
    tape "$slot" "$TAPE" cibou
}
# empty_slot SLOT VOLUME: neither tape nor catalog knows of that Volume any more
empty_slot() {
    bc "delete volume=$2 yes" >/dev/null
    { mtx -f "$(robot cibou)" load "$1" 1 && mt -f "$(nst cibou 1)" rewind && mt -f "$(nst cibou 1)" weof &&
        mt -f "$(nst cibou 1)" rewind && mtx -f "$(robot cibou)" unload "$1" 1; } >/dev/null
}
new_spare() {
    empty_slot "$SPARE_SLOT" "$SPARE" || return 1
    SPARE=$SPARE-2
    tape "$SPARE_SLOT" "$SPARE" cibou
}
# writes: a good backup of cibou (GOOD) is on a fresh tape, and dir writes a long one (LONG) after it, up to a random moment
writes() {
    check "a fresh tape" fresh_tape
    if [ -z "${MIDWRITE_QUICK:-}" ]; then
        GOOD=$(start_job backup-cibou)
        check "a backup of cibou ends" wait_job "$GOOD" 100
        check "it is good" job_clean "$GOOD"
    fi
    check "nobody has the drive" wait_until 30 free_drive 0
    if [ "$1" = second ]; then # the Volume that was written last comes first
        bc "update volume=$TAPE MaxVolBytes=4000000" >/dev/null
        spare_is Append
    fi
    local before
    before=$(written dir) || return 1
    LONG=$(start_job backup-dir)
    check "dir writes a long one" wait_until 100 has_written dir "$((before + 3))" # the label's is one
    spare_is Append
    [ "$1" != second ] || check "it goes on with the other tape" wait_until 100 job_logged "$LONG" "New volume \"$SPARE\""
    MOMENT=$((RANDOM % 1500))
    say "moment: $MOMENT ms"
    sleep "$((MOMENT / 1000)).$(printf %03d $((MOMENT % 1000)))"
}
# written HOST: so many blocks, as st counts; asking bacula-sd takes as long as a short backup
written() { cat "/sys/class/scsi_tape/$(basename "$(nst "$1")")/stats/write_cnt"; }
has_written() { [ "$(written "$1")" -ge "$2" ]; }
# Whatever job begins takes the other tape.
spare_is() { bc "update volume=$SPARE volstatus=$1" >/dev/null; }
failed() { job_over "$1" && not job_is "$1" T; }
# honest: the long backup failed, or comes back byte for byte
honest() { not job_is "$LONG" T || restorable "$LONG" dir 150; }
tell() { job_log "$LONG" | grep -E 'shstore|rror|End of medium|New volume|3995|waiting|Termination:' | show; }
# in_order: who met it, as far as the job's log tells. The plugin's word is said by another thread, so that its place among the lines
# of the job's own says nothing.
in_order() {
    local log order='the plugin alone, before a write of the job'
    log=$(job_log "$LONG")
    if has "[SE0201] Write error" "$log"; then order='a write, and then the plugin'; fi
    if has "End of medium" "$log"; then order='a write, the end of the medium, and the plugin before the unload'; fi
    if has 'Issuing autochanger "unload' "$log"; then order='a write, the end of the medium, and the plugin while the tape was to be unloaded'; fi
    if has "nothing is moved" "$log"; then order='a write, the end of the medium, and shstore-changer that asked'; fi
    if job_is "$LONG" T; then order='the job ended first, or did not notice'; fi
    ORDER[$1: $order]=$((${ORDER[$1: $order]:-0} + 1))
    say "$order"
}

# Each breaks the lock, the tape's position or both, while dir writes. REASON: what dir's job says then.
# shellcheck disable=SC2034
event_preempt() { REASON='The job is failed'; "preempt_by_$LAB_FABRIC"; }
preempt_by_iscsi() { keep ctl cibou preempt bac999 --yes; }
# storage-ctl's PREEMPT AND ABORT never returns there (README).
preempt_by_loop() {
    local out=(sg_persist --out "$(sg cibou)" --prout-type=3)
    "${out[@]}" --register-ignore --param-sark="$CIBOU_KEY" >/dev/null &&
        "${out[@]}" --preempt --param-rk="$CIBOU_KEY" --param-sark="$DIR_KEY" >/dev/null &&
        keep ctl cibou unlock && keep ctl cibou unregister
}
# As a host does that registers and preempts: between storage-ctl's preempt and a lock dir could write on.
event_taken() {
    REASON='The job is failed'
    local out=(sg_persist --out "$(sg cibou)" --prout-type=3)
    "${out[@]}" --register-ignore --param-sark="$CIBOU_KEY" >/dev/null &&
        "${out[@]}" --preempt --param-rk="$CIBOU_KEY" --param-sark="$DIR_KEY" >/dev/null
}
# dir's st could not unlock the door while cibou had the drive. A drive does that at PREEMPT AND ABORT; tgt is told of none.
given_back() { keep ctl cibou unlock && keep ctl cibou unregister && sg_prevent --allow "$(sg dir)"; }
event_clear() { REASON='The job is failed'; keep ctl cibou clear --yes; }
event_second() { event_preempt; }
event_reset() { REASON='was reset'; sg_reset --device "$(sg cibou)"; }
# A job of 15.0.3 is over, and its device closed, before the next look at the drive: what it could say by then is not what this asks.
event_move() {
    REASON='the tape moved under us'
    if [ "$LAB_BACULA" != 15.0.3 ]; then
        tell_drive 0 move 1
        return
    fi
    kill -STOP "${STARTED[client]}"
    tell_drive 0 move 1
    wait_until 60 job_logged "$LONG" "$REASON" || cannot_tell
    kill -CONT "${STARTED[client]}"
}
event_rewind() {
    REASON='was reset'
    tell_drive 0 reset-rewinds on && sg_reset --device "$(sg cibou)" && tell_drive 0 reset-rewinds off
}
event_power() { REASON='The job is failed'; power_off && power_on && wait_until 60 answers dir; }
event_session() {
    REASON='lost its path'
    local node=(iscsiadm -m node -T "$SAN_IQN" -p "$SAN_PORT,1" -I dir)
    "${node[@]}" --logout >/dev/null && "${node[@]}" --login >/dev/null && wait_until 20 link_devices dir && settle dir
}

# spared: the job had ended well before the event, which shows nothing
spared() {
    local end
    job_is "$LONG" T || return
    end=$(in_catalog "select strftime('%s', EndTime) from Job where JobId=$LONG") || cannot_tell || return
    [ "$end" -lt "$BEGIN" ]
}
kept() { [ -n "${MIDWRITE_QUICK:-}" ] || restorable "$GOOD" cibou 150; }
# Of a tape whose label is gone a restore waits for somebody to mount it.
kept_or_told() { # EVENT
    if [ "$1" = rewind ] && job_logged "$LONG" "backups of before as well"; then
        say "it is told that it may not come back"
        return
    fi
    if kept; then
        say "it comes back"
        return
    fi
    say "it does not come back"
    job_logged "$LONG" "backups of before as well"
}
# round EVENT: one that counts. The machine may be so slow that a job ends before what is to meet it.
round() {
    local tries=5
    while ! try_round "$1"; do
        tries=$((tries - 1))
        check "a round that counts" test "$tries" -gt 0
        say "the job had ended before the event: this round is not counted"
        bc "update volume=$TAPE volstatus=Used" >/dev/null
        spare_is Archive
    done
}
try_round() {
    step "$1 while dir writes"
    writes "$1"
    BEGIN=$(date +%s)
    if job_over "$LONG"; then return 1; fi
    check "$1" "event_$1"
    if [ "${MIDWRITE_PLUGIN:-}" = no ]; then
        wait_job "$LONG" 150 || say "it waits until it is canceled"
        tell
        in_order "$1"
        honest || say "BACKUP OK, AND IT DOES NOT COME BACK"
    else
        check "the job ends by itself" wait_until 100 job_over "$LONG"
        if spared; then return 1; fi
        say "after $(($(date +%s) - BEGIN)) s"
        tell
        in_order "$1"
        check "the job did not lie" honest
        job_is "$LONG" T || check "it says why" job_logged "$LONG" "$REASON"
        [ "$1" = second ] || check "it has not gone on with another tape" not job_logged "$LONG" "New volume"
    fi
    if [ "$1" = session ] && [ "${MIDWRITE_PLUGIN:-}" = no ]; then ctl cibou clear --yes >/dev/null || true; fi
    [ "$1" != taken ] || check "cibou gives it back" given_back
    check "nobody has the drive" wait_until 60 free_drive 0
    if [[ $1 =~ ^(power|move|rewind)$ ]] && [ "${MIDWRITE_PLUGIN:-}" != no ]; then
        # The guard that moves the tape to its end while the path is down does not come in time in every round (docs/mid-write.md).
        check "the backup from before comes back, or the job says that it may be gone" kept_or_told "$1"
    elif [ "${MIDWRITE_PLUGIN:-}" != no ]; then
        check "the backup from before comes back" kept
    fi
    bc "update volume=$TAPE volstatus=Used" >/dev/null
    [ "$1" != second ] || check "another spare tape" new_spare
    spare_is Archive
}

configure_lab
[ "${MIDWRITE_CHANGER:-}" = mtx ] || guarded
[ "${MIDWRITE_PLUGIN:-}" = no ] || for host in "${HOSTS[@]}"; do install_plugin "$host"; done
start_daemons
make_data cibou 1
make_data dir 1
head -c $((DATA_MB << 20)) /dev/urandom >"$RUN/data/dir/more"
check "a spare tape is in the pool" tape "$SPARE_SLOT" "$SPARE" cibou
spare_is Archive
say "seed: $SEED, kernel $(uname -r)"

for ((n = 0; n < ROUNDS; n++)); do
    for event in $EVENTS; do round "$event"; done
done

step "and after all that jobs run as ever, and a tape that is really full is changed in mid-job"
check "a fresh tape" fresh_tape
FIRST=$(start_job backup-dir)
check "it ends" wait_job "$FIRST" 200
check "it is good" job_clean "$FIRST"
spare_is Append
LAST=$(start_job backup-dir)
check "the next one ends" wait_job "$LAST" 300
check "it is good" job_clean "$LAST"
check "it has gone on with the spare tape" job_logged "$LAST" "New volume \"$SPARE\""
check "it comes back byte for byte" restorable "$LAST" dir 200
check "and the one before" restorable "$FIRST" dir 200
check "nobody has the drive" wait_until 60 free_drive 0
for order in "${!ORDER[@]}"; do say "$order: ${ORDER[$order]}"; done
