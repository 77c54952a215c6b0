#!/bin/bash
# storage-ctl.conf holds no usable key: every job of that host fails, and the message names the file. A key that is corrected is used
# without a restart of the daemon.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# bad_key TEXT: cibou's key as it should not be
bad_key() { sed -i "s/^key=.*/key=$1/" "$RUN/cibou/scripts/storage-ctl.conf"; }
# refused WHY: the job fails with a message that names the file, and the tape is not touched
refused() {
    local job before
    before=$(cksum <"$RUN/tapes/drive0")
    job=$(start_job backup-cibou)
    check "with $1 the job fails" wait_until "$LONG_ENOUGH" job_over "$job"
    check "   as one with an error" not job_is "$job" T
    check "   nobody had to cancel it" not job_is "$job" A
    check "   its log has the reason" job_logged "$job" "3614 JobId=$job may not use device"
    check "   and names the file" job_logged "$job" "$RUN/cibou/scripts/storage-ctl.conf"
    check "nothing was written" equal "$(cksum <"$RUN/tapes/drive0")" "$before"
    check "nothing was registered" free_drive 0
}
# works WHEN
works() {
    local job
    job=$(start_job backup-cibou)
    check "$1 the job ends" jobs_end 60 "$job"
    check "it is good" job_clean "$job"
    check "nothing stays behind" wait_until 10 free_drive 0
}

# 15.0.3 sleeps 60 s before it notices that the job has failed, and its Director takes half a minute more: one wrong key has to do there.
# How a key is read does not differ by version.
case ${VERSION[cibou]} in
9.*) KEYS=(xyz bac0011 '') LONG_ENOUGH=$NEXT_TRY ;;
*) KEYS=(xyz) LONG_ENOUGH=150 ;;
esac

prepare
start_site
settle
for key in "${KEYS[@]}"; do
    bad_key "$key"
    stop_sd cibou
    start_sd cibou
    refused "key=$key"
done
step "The key is corrected in the file. The daemon is not restarted."
bad_key bac001
works "with the right key"
keep shstore_status cibou
check "shstore-status sees the key" has "shstore=1"
case ${VERSION[cibou]} in 9.*) ;; *) exit 0 ;; esac

step "The file cannot be read, or is gone"
chmod 0000 "$RUN/cibou/scripts/storage-ctl.conf"
if [ "$(id -u)" != 0 ]; then
    stop_sd cibou
    start_sd cibou
    refused "a file that may not be read"
else
    unasked "a storage-ctl.conf that may not be read" "root reads every file"
fi
rm -f "$RUN/cibou/scripts/storage-ctl.conf"
stop_sd cibou
start_sd cibou
refused "no file"

install -m 0640 "$SAMPLES/cibou/storage-ctl.conf" "$RUN/cibou/scripts/storage-ctl.conf"
works "when the file is back, without a restart,"
