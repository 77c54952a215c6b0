#!/bin/bash
# How long DeviceTryOpen takes, during which bacula-sd keeps all its other jobs from reserving a drive: the plugin's own way to
# lock beside a Lock Command of a site's own around sg_persist, granted and refused. Nothing is asserted: it is read.
# Everything is emulated, and starting a program costs more under emulation than on iron: that inflates the script.
# fabrics: loop iscsi
# seconds: 600
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

measure() {
    LD_LIBRARY_PATH=/lab/in/bin bash /lab/in/bin/try_open.sh "$(sg cibou)" /lab/in/shstore-sd.so /lab/in/bin/try_open_time \
        "storage-ctl $(sg dir) lock --config /etc/dir.conf" "storage-ctl $(sg dir) unlock --config /etc/dir.conf" /lab/in/bin/bare_try
}
check "every way to be answered was measured" keep measure
check "and nothing is missing" lacks " 0 times"
show <<<"$KEPT"
