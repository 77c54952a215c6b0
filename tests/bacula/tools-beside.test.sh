#!/bin/bash
# bls, btape, bscan, bextract and bcopy take the lock of a shared drive, keep it until they end and give it back, or end before they touch the tape.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
check "a second tape is labeled, in drive 1" new_tape 1 TAPE-2 dir
export SHSTORE_WAIT=0
sed "s/max_lock_wait=.*/max_lock_wait=1/" "$RUN/cibou/scripts/storage-ctl.conf" >"$RUN/impatient.conf"
chmod 0640 "$RUN/impatient.conf"
alive_process() { [ -n "$1" ] && [ -d "/proc/$1" ]; }
ctl() { "$RUN/$1/scripts/storage-ctl" "$(control_device "$1" "$2")" "${@:3}"; }
# ends TOOL STATUS COMMAND...: its output is in KEPT. The other host's daemon may have noticed the opens of the tool before this one
# (here both see the same files), late, and has the drive for some seconds then: whoever is to get it may wait.
ends() {
    local status=0 patience=0
    [ "$2" != 0 ] || patience=60
    SHSTORE_WAIT=$patience keep "${@:3}" || status=$?
    check "$1 ends with status $2" equal "$status" "$2"
}
given_back() { check "   and gives it back, with its registration" wait_until 10 free_drive "$1"; }

ends bls 0 tool cibou bls -V TAPE-1 -j LT09_1_Drive0
check "bls has read the tape" has "JobId=$GOOD"
given_back 0
ends btape 0 tool cibou btape LT09_1_Drive0 <<<$'readlabel\nquit'
check "btape has read the label" has "VolName           : TAPE-1"
given_back 0
ends bscan 0 tool cibou bscan -D sqlite3 -w "$RUN/director" -V TAPE-1 LT09_1_Drive0
check "bscan has found the job and its six files" has "6 File"
given_back 0
mkdir "$RUN/extracted"
ends bextract 0 tool cibou bextract -V TAPE-1 LT09_1_Drive0 "$RUN/extracted"
check "bextract has brought the backup back byte for byte" same_data cibou "$RUN/extracted"
given_back 0

# bcopy has two drives. It writes to the Volume that it finds; the right name of that one it takes for a Volume that is to be read.
ends bcopy 0 tool cibou bcopy -i TAPE-1 -o TAPE-9 LT09_1_Drive0 LT09_1_Drive1
check "bcopy has copied the job" has "1 Jobs copied."
given_back 0
given_back 1

# While it reads its commands the drive is its own. (The daemon of its host sees the tools' opens late, if at all, and then has the lock
# for some seconds under the same key: who has the key tells nothing as long as btape has not opened the device.)
opened_by_btape() { grep -q "open device .*: OK" "$RUN/log/btape.log"; }
mkfifo "$RUN/commands"
SHSTORE_WAIT=60 tool cibou btape LT09_1_Drive0 <"$RUN/commands" >"$RUN/log/btape.log" 2>&1 &
btape=$!
exec {COMMANDS}>"$RUN/commands"
check "btape opens the device" wait_until 60 opened_by_btape
check "while it waits for a command it has the lock" held_by 0 "${KEY[cibou]}"
ends "bls beside it" 24 tool cibou bls -V TAPE-1 -j LT09_1_Drive0
check "and names it" has "of this host uses it"
ends "bextract beside it" 24 tool cibou bextract -V TAPE-1 LT09_1_Drive0 "$RUN/extracted"
ends "bcopy that would read there" 24 tool cibou bcopy -i TAPE-1 -o TAPE-2 LT09_1_Drive0 LT09_1_Drive1
ends "exec is not run beside it, and" 75 ctl cibou 0 --config "$RUN/impatient.conf" exec -- true
check "and says by whom" has "is in use by btape (process"
ends "dir's bls" 24 tool dir bls -V TAPE-1 -j LT09_2_Drive0
check "and names the holder" has "bls ends, and has not touched the drive: device \"LT09_2_Drive0\" ($RUN/tapes/dir/drive0) is not to be had: it is locked by ${KEY[cibou]}"
echo quit >&"$COMMANDS"
exec {COMMANDS}>&-
wait "$btape" || true
given_back 0

# Killed, it gives the lock back all the same.
rm "$RUN/log/btape.log"
SHSTORE_WAIT=60 tool cibou btape LT09_1_Drive0 <"$RUN/commands" >"$RUN/log/btape.log" 2>&1 &
exec {COMMANDS}>"$RUN/commands"
check "another btape opens it" wait_until 60 opened_by_btape
check "and has the lock" held_by 0 "${KEY[cibou]}"
keep ctl cibou 0 trylock || true
victim=$(sed -n "s/.*btape (process \([0-9]*\)).*/\1/p" <<<"$KEPT")
check "storage-ctl says which process that is" alive_process "$victim"
kill -9 "$victim"
exec {COMMANDS}>&-
given_back 0

dir_writes
ends "bls of the host that writes" 24 tool dir bls -V TAPE-1 -j LT09_2_Drive0
check "and names the daemon" has "bacula-sd (process "
ends "bls of the other host" 24 tool cibou bls -V TAPE-1 -j LT09_1_Drive0
check "and names the holder" has "it is locked by ${KEY[dir]}"
SHSTORE_WAIT=60 keep bls dir -V TAPE-2 -j LT09_2_Drive1 || true
check "bls of the host that writes reads its other drive" has 'Ready to read from volume "TAPE-2"'
given_back 1
SHSTORE_WAIT=60 keep bls cibou -V TAPE-2 -j LT09_1_Drive1 || true
check "bls of the other host too" has 'Ready to read from volume "TAPE-2"'
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "its job still writes" writing dir "$FIRST"
SHSTORE_WAIT=120 tool cibou bls -V TAPE-1 -j LT09_1_Drive0 >"$RUN/log/bls.log" 2>&1 &
bls=$!
check "a bls that may wait says for whom" wait_until 20 grep -q "it is locked by ${KEY[dir]}, waiting up to 120 s" "$RUN/log/bls.log"
check "the job ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "the bls ends well" wait "$bls"
check "and has read the tape" grep -q "JobId=$FIRST" "$RUN/log/bls.log"
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$FIRST" dir 60
