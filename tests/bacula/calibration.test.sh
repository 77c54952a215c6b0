#!/bin/bash
# The first load of a new LTO-9 cartridge takes longer than bacula-sd's Maximum Changer Wait. The daemon ends the changer, the
# job asks for its tape, and while the drive calibrates nothing is unloaded, the lock and the claim stay, no Volume is in Error;
# when the drive is ready the job goes on with that tape. Another host waits for the drive and gets it then.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/changer.sh
. "$(dirname "${BASH_SOURCE[0]}")/changer.sh"

CALIBRATION=45
MAXIMUM_WAIT=10
DIR_MEGABYTES=1
prepare
LIBRARY_JSON=$RUN/calibrates.json
sed '0,/"product": "Ultrium 4-SCSI"/s//"product": "Ultrium 9-SCSI", "calibration_seconds": '"$CALIBRATION/" "$SAMPLES/library.json" >"$LIBRARY_JSON"
configure
for host in "${HOSTS[@]}"; do
    give_changer "$host"
    sed -i "s|Maximum Changer Wait = .*|Maximum Changer Wait = $MAXIMUM_WAIT seconds|" "$RUN/$host/bacula-sd.conf"
    printf 'sd=%s\nrobot_wait=5\ndrive_wait=0\nlog=%s\n' "$RUN/$host/bacula-sd.conf" "$RUN/log/moves-$host" \
        >"$RUN/$host/scripts/shstore-changer.conf"
done
start_daemons
make_data dir "$DIR_MEGABYTES"
make_data cibou 1

moves() { cat "$RUN"/log/moves-* 2>/dev/null | grep -c "operation=$1.* result=done" || true; }   # load|unload
in_error() { [ "$(in_catalog "select count(*) from Media where VolStatus='Error'")" != 0 ]; }

BC_TIMEOUT=120 keep bc "label barcodes slots=1-1 pool=Tapes storage=Changer-1 drive=1" yes
check "a tape is labeled in the drive that does not calibrate" has 'Volume="A00001L4"'
check "it is taken out of there" changer cibou unload 1 "$(archive 1)" 1
unloads=$(moves unload)

FIRST=$(start_job backup-cibou storage=Changer-1-Drive0)
check "job $FIRST has its tape put into the other one" wait_until 60 is_loaded 0 1
begin=$(date +%s)
check "bacula-sd ends the changer after its Maximum Changer Wait" wait_until 60 job_logged "$FIRST" '3992 Bad autochanger "load Volume A00001L4'
check "the job's log says what it is" job_logged "$FIRST" "a new LTO-9 cartridge is calibrated at its first load"
check "   and not to interrupt it" job_logged "$FIRST" "Do not interrupt it"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
SECOND=$(start_job backup-dir storage=Changer-2-Drive0)
check "job $SECOND of the other host waits for the drive" wait_until 60 waits_for dir "3612 JobId=$SECOND waiting because device"
if keep changer cibou unload 1 "$(archive 0)" 0; then status=0; else status=$?; fi
show <<<"$KEPT"
check "an unload by hand is refused" equal "$status" 4
check "nothing was unloaded" equal "$(moves unload)" "$unloads"
check "no Volume is in Error" fails in_error
check "the drive calibrates longer than Bacula waited" test "$(($(date +%s) - begin))" -lt "$CALIBRATION"

control() { timeout --foreground 30 "$RUN/cibou/scripts/storage-ctl" "$RUN/san/cibou/sg0" doctor --report --salt "$RUN/salt" | grep -q '"ready": true'; }
check "then it is ready" wait_until 120 control
check "nothing was unloaded meanwhile" equal "$(moves unload)" "$unloads"
check "the tape is where it was put" is_loaded 0 1
check "the lock is still cibou's" held_by 0 "${KEY[cibou]}"
bc "mount storage=Changer-1-Drive0 slot=1 drive=0" >/dev/null
check "the job goes on with that tape" wait_until 120 job_over "$FIRST"
job_log "$FIRST" | show
check "it is good" job_clean "$FIRST"
check "no Volume is in Error" fails in_error
check "and never was unloaded" equal "$(moves unload)" "$unloads"
check "the other host's job gets the drive" wait_until 150 job_over "$SECOND"
check "it is good" job_clean "$SECOND"
check "the first backup comes back byte for byte" restorable "$FIRST" cibou 90
