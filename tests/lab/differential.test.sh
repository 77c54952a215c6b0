#!/bin/bash
# Generated sequences of persistent-reservation commands on three nexuses: this project's own target must answer each as
# the kernel's does.
# fabrics: loop iscsi
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

check "a third nexus" host_up third
check "both targets answer alike" pr_trial "$(sg cibou)" "$(sg dir)" "$(sg third)"
