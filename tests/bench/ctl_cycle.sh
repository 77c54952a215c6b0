#!/bin/bash
# ctl_cycle.sh DEVICE CYCLES CONF: lock and unlock by storage-ctl; prints the microseconds of each cycle, one on a line.
set -euo pipefail
for ((i = 0; i < $2; i++)); do
    start=${EPOCHREALTIME/./}
    storage-ctl "$1" lock --config "$3"
    storage-ctl "$1" unlock --config "$3"
    echo $((${EPOCHREALTIME/./} - start))
done
