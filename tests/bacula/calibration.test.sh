#!/bin/bash
# The first load of a new LTO-9 cartridge, which the drive calibrates. Two Storage Daemons: dir-sd waits long enough, and its job waits
# with it; cibou-sd's Maximum Changer Wait is shorter than the calibration, and then Bacula fails the job. In both cases nothing is
# unloaded meanwhile, no Volume is in Error, and the drive goes on with that tape when it is ready.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/changer.sh
. "$(dirname "${BASH_SOURCE[0]}")/changer.sh"

declare -A LONGEST=([cibou]=10 [dir]=240)   # Maximum Changer Wait
DIR_MEGABYTES=1
prepare
configure
for host in "${HOSTS[@]}"; do
    give_changer "$host"
    sed -i "s|Maximum Changer Wait = .*|Maximum Changer Wait = ${LONGEST[$host]} seconds|" "$RUN/$host/bacula-sd.conf"
    printf 'sd=%s\nrobot_wait=5\ndrive_wait=0\nlog=%s\n' "$RUN/$host/bacula-sd.conf" "$RUN/log/moves-$host" \
        >"$RUN/$host/scripts/shstore-changer.conf"
done
printf 'Pool {\n  Name = Other\n  Pool Type = Backup\n  Recycle = no\n  Auto Prune = no\n}\n' >>"$RUN/director/bacula-dir.conf"
start_daemons
make_data dir "$DIR_MEGABYTES"
make_data cibou 1

unloads() { cat "$RUN"/log/moves-* | grep -c "operation=unload.* result=done" || true; }
in_error() { local n; n=$(in_catalog "select count(*) from Media where VolStatus='Error'") || return; [ "$n" != 0 ]; }
says_so() { timeout --foreground 30 "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf" | grep -q "takes a cartridge in or calibrates it"; }
is_ready() { # DRIVE
    timeout --foreground 30 "$RUN/cibou/scripts/storage-ctl" "$RUN/san/cibou/sg$1" doctor --report --salt "$RUN/salt" >"$RUN/card" || cannot_tell || return
    grep -q '"ready": true' "$RUN/card"
}
refused_unload() { # HOST SLOT DRIVE REASON
    keep changer "$1" unload "$2" "$(archive "$3")" "$3" && return 1
    has "$4"
}

keep bc "label barcodes slots=1 pool=Tapes storage=Changer-1 drive=0" yes
check "a tape is labeled for dir" has 'Volume="A00001L4"'
keep bc "label barcodes slots=2 pool=Other storage=Changer-1 drive=0" yes
check "and one for cibou" has 'Volume="A00002L4"'
slot=$(loaded 0)
check "they are in their slots" changer cibou unload "$slot" "$(archive 0)" 0
before=$(unloads)
stop target
LIBRARY_JSON=$RUN/calibrates.json
sed -e '0,/"product": "Ultrium 4-SCSI"/s//"product": "Ultrium 9-SCSI", "calibration_seconds": 60/' \
    -e '0,/"product": "Ultrium 4-SCSI"/s//"product": "Ultrium 9-SCSI", "calibration_seconds": 120/' "$SAMPLES/library.json" >"$LIBRARY_JSON"
start_target

LONG=$(start_job backup-dir storage=Changer-2-Drive1 pool=Tapes)
check "dir's job $LONG has its tape put into drive 1" wait_until 60 not is_loaded 1 0
its_slot=$(loaded 1)
SHORT=$(start_job backup-cibou storage=Changer-1-Drive0 pool=Other)
check "cibou's job $SHORT has the other one put into drive 0" wait_until 60 not is_loaded 0 0
other_slot=$(loaded 0)
check "   which is not ready" not is_ready 0
check "dir has the lock of its drive" held_by 1 "${KEY[dir]}"
check "bacula-sd ends cibou's changer, and with it the job" wait_until 60 job_over "$SHORT"
check "   because of its Maximum Changer Wait" job_logged "$SHORT" "Program killed by Bacula (timeout)"
check "the drive calibrates still" not is_ready 0
check "an unload by hand is refused" refused_unload cibou "$other_slot" 0 "still becoming ready"
check "the tape stays where it is" is_loaded 0 "$other_slot"
check "no Volume is in Error" not in_error
check "status says of dir's drive what it does" wait_until 120 says_so dir
check "dir has its lock" held_by 1 "${KEY[dir]}"
check "the drive is not ready" not is_ready 1
check "an unload by hand is refused" refused_unload dir "$its_slot" 1 "is in use by bacula-sd"

check "then the drive is ready" wait_until 120 is_ready 0
again=$(start_job backup-cibou storage=Changer-1-Drive0 pool=Other)
check "the next job uses it" wait_until 120 job_over "$again"
check "it is good" job_clean "$again"

check "dir's job ends when it is" wait_until 240 job_over "$LONG"
job_log "$LONG" | show
check "it is good" job_clean "$LONG"
check "its log says what it was" job_logged "$LONG" "A new LTO-9 cartridge is calibrated at its first load"
check "   and not to interrupt it" job_logged "$LONG" "do not interrupt it"
check "nothing was unloaded in all that time" equal "$(unloads)" "$before"
check "no Volume is in Error" not in_error
check "dir's backup comes back byte for byte" restorable "$LONG" dir 90
check "cibou's too" restorable "$again" cibou 90
