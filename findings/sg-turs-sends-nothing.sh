#!/usr/bin/env bash
# sg_turs 1.48-3~deb13u1 (Debian 13) sends no command and ends with exit status 0, "ready".
#
# Without --low or --progress it sends nothing at all, so it says "ready" of anything that can be opened, and leaves a pending unit
# attention where it is. Here it is given a file that is no SCSI device: 1.46 notices, 1.48 does not. On a real drive (6.12,
# iSCSI) the number of requests in sysfs (iorequest_cnt) does not move either. Scripts that wait for a drive with it go on at once.
. "$(dirname "$0")/lib.sh"

echo data >"$WORK/file"
use_release bookworm
unpack sg3-utils=1.46-3 libsgutils2-1.46-2=1.46-3
saw "bookworm: version" run usr/bin/sg_turs --version
saw "bookworm: sg_turs REGULAR-FILE" run usr/bin/sg_turs "$WORK/file"
expect "1.46 fails" not exits 0
use_release trixie
unpack sg3-utils=1.48-3~deb13u1 libsgutils2-1.48=1.48-3~deb13u1 "${TRIXIE_BASE[@]}"
saw "trixie: version" run usr/bin/sg_turs --version
saw "trixie: sg_turs REGULAR-FILE" run usr/bin/sg_turs "$WORK/file"
expect "1.48 has not set the command up, and ends with 0" eval 'prints "bad pass-through setup" && exits 0'
saw "trixie: sg_turs --low REGULAR-FILE" run usr/bin/sg_turs --low "$WORK/file"
expect "with --low it does send the command, and fails" not exits 0
ends
