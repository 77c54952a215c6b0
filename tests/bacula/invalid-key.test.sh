#!/bin/bash
# storage-ctl.conf holds no usable key: every job of that host is refused, and the message names the file.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# bad_key TEXT: cibou's key as it should not be
bad_key() { sed -i "s/^key=.*/key=$1/" "$RUN/cibou/scripts/storage-ctl.conf"; }
# refused: the job waits with a message that names the file, and the tape is not touched
refused() {
    local job before
    before=$(cksum <"$RUN/tapes/drive0")
    job=$(start_job backup-cibou)
    check "with $1 the job is refused" wait_until 30 waits_for cibou "JobId=$job "
    keep waiting_text cibou
    show <<<"$KEPT"
    check "the message names the file" has "$RUN/cibou/scripts/storage-ctl.conf"
    check "so does the job's log" job_logged "$job" "3614 JobId=$job"
    cancel_job "$job"
    check "it can be canceled" wait_until 45 job_over "$job"
    check "nothing was written" equal "$(cksum <"$RUN/tapes/drive0")" "$before"
    check "nothing was registered" free_drive 0
}

prepare
start_site
settle
for key in xyz bac0011 ''; do
    bad_key "$key"
    stop_sd cibou
    start_sd cibou
    refused "key=$key"
done
bad_key bac001
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
stop_sd cibou
start_sd cibou
job=$(start_job backup-cibou)
check "with the right key the job ends" wait_until 60 job_over "$job"
check "it is good" job_clean "$job"
check "nothing stays behind" wait_until 10 free_drive 0
