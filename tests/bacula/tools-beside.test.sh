#!/bin/bash
# bls, btape and bscan load the plugin too: beside a running Storage Daemon they change no lock and no registration.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
check "a second tape is labeled, in drive 1" new_tape 1 TAPE-2 dir
generation() { storage_ctl cibou "$1" query | grep '^PR generation'; }

# harmless TOOL: what KEPT holds was said by a tool that had loaded the plugin
harmless() {
    check "$1 has loaded the plugin" has "calling init: $RUN/cibou/plugins/shstore-sd.so"
    check "the plugin says that $1 does not lock" has "shstore: $1 does not lock the drives that it uses."
}

generation=$(generation 0)
LD_DEBUG=files keep tool cibou bls -V TAPE-1 -j LT09_1_Drive0
harmless bls
check "bls has read the tape" has "JobId=$GOOD"
LD_DEBUG=files keep tool cibou btape LT09_1_Drive0 <<<$'readlabel\nquit'
harmless btape
check "btape has read the label" has "VolName           : TAPE-1"
LD_DEBUG=files keep tool cibou bscan -D sqlite3 -w "$RUN/director" -V TAPE-1 LT09_1_Drive0
harmless bscan
check "bscan has found the job and its six files" has "6 File"
check "no lock, no registration" free_drive 0
check "none in between either" equal "$(generation 0)" "$generation"

dir_writes
keep bls dir -V TAPE-2 -j LT09_2_Drive1 || true
check "bls of the host that writes reads its other drive" has 'Ready to read from volume "TAPE-2"'
keep bls cibou -V TAPE-2 -j LT09_1_Drive1 || true
check "bls of the other host too" has 'Ready to read from volume "TAPE-2"'
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "its job still writes" writing dir "$FIRST"
check "it ends" wait_until 60 job_over "$FIRST"
check "it is good" job_clean "$FIRST"
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$FIRST" dir 60
