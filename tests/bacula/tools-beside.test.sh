#!/bin/bash
# bls and the other tools load the plugin too: beside a running Storage Daemon they change no lock and no registration.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
check "a second tape is labeled, in drive 1" new_tape 1 TAPE-2 dir
generation() { storage_ctl cibou "$1" query | grep '^PR generation'; }

generation=$(generation 0)
LD_DEBUG=files keep bls cibou -V TAPE-1 -j LT09_1_Drive0
check "bls has loaded the plugin" has "calling init: $RUN/cibou/plugins/shstore-sd.so"
check "bls has read the tape" has "JobId=$GOOD"
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
