#!/bin/bash
# As differential.test.sh, where registrations have the bits ALL_TG_PT and APTPL, which both sides have here; and SPEC_I_PT and REGISTER AND
# MOVE, where the hosts share a target port (iscsi).
# by-name: loop iscsi
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

more=()
[ "$LAB_FABRIC" = loop ] || more=(--abort --ports) # loop hangs in PREEMPT AND ABORT
check "a third nexus" host_up third
# What one host registers for another one, LIO hangs on the first logical unit that it finds of that one's, whichever that is.
only_the_first() {
    local acl n
    for acl in "$TPG"/acls/*; do
        for n in 1 2; do rm "$acl/lun_$n/unit" && rmdir "$acl/lun_$n" || return 1; done
    done
}
[ "$LAB_FABRIC" = loop ] || check "the hosts see but one drive" only_the_first
check "both targets answer alike in 5,000 commands" \
    pr_trial --stop-after 8 --bits --commands 5000 "${more[@]}" "$(sg cibou)" "$(sg dir)" "$(sg third)"
