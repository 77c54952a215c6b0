#!/bin/bash
# bconsole's label and mount on one host at random moments around the start of the other host's job: no tape is damaged, every job is
# good and comes back, and nothing stays behind.
#   MIDWRITE_ROUNDS=50 MIDWRITE_SEED=1 tests/lab/run moments    by name only: some twenty seconds for each round
# by-name: iscsi
# seconds: 3000
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh
# shellcheck source=/dev/null
. /lab/in/midwrite
ROUNDS=${MIDWRITE_ROUNDS:-50}
SEED=${MIDWRITE_SEED:-$(($(date +%s) % 30000))}
RANDOM=$SEED
say "$ROUNDS rounds, seed $SEED"

console() { bc "$1 storage=${CHANGER[cibou]} drive=0 slot=1"; }
# seconds LONGEST: 0.0 to that
seconds() { printf '%d.%d' $((RANDOM % $1)) $((RANDOM % 10)); }
answer() { grep -oE '^3[0-9]{3} .*' <<<"$KEPT" | tail -n 1 | cut -c1-90; }

configure_lab
guarded # two mtx-changers would load the same tape at one moment, and the second one's job fails: "Drive 0 Full"
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
start_daemons
make_data dir 1
check "the robot loads a tape and cibou labels it" tape 1 TAPE-1 cibou
check "nobody has the drive" wait_until 30 free_drive 0
JOBS=() TOLD=()
for ((round = 1; round <= ROUNDS; round++)); do
    commands=(mount "label volume=NONE-$round pool=Tapes")
    command=${commands[RANDOM % 2]}
    if [ $((RANDOM % 4)) = 0 ]; then # the console first
        keep console "$command" || true
        sleep "$(seconds 2)"
        job=$(start_job backup-dir)
    else
        job=$(start_job backup-dir)
        sleep "$(seconds 6)"
        keep console "$command" || true
    fi
    TOLD+=("${command%% *}: $(answer)")
    keep console release || true
    keep console unmount || true
    wait_job "$job" 200 || true
    check "round $round: job $job is good" job_clean "$job"
    check "   and nothing stays behind" wait_until 60 free_drive 0
    keep console mount || true # or the device stays unmounted
    keep console release || true
    check "   nor after that" wait_until 60 free_drive 0
    JOBS+=("$job")
done
step "what the console was told"
printf '%s\n' "${TOLD[@]}" | sed -E 's/[0-9]{4,}//g; s/NONE-[0-9]+/NONE/g' | sort | uniq -c | show
check "no Volume but the first was made" equal TAPE-1 "$(catalog 'select VolumeName from Media')"
for job in "${JOBS[0]}" "${JOBS[RANDOM % ROUNDS]}" "${JOBS[-1]}"; do
    check "job $job comes back byte for byte" restorable "$job" dir 120
done
