#!/bin/bash
# Generated sequences of persistent-reservation commands on three nexuses: this project's own target must answer each as
# the kernel's does, but for the differences listed in docs/lio-differences.md. The seed is in the log.
# fabrics: loop iscsi
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

abort=()
[ "$LAB_FABRIC" = loop ] || abort=(--abort) # loop hangs in PREEMPT AND ABORT
check "a third nexus" host_up third
check "both targets answer alike in 20,000 commands" \
    pr_trial --stop-after 8 "${abort[@]}" "$(sg cibou)" "$(sg dir)" "$(sg third)"
