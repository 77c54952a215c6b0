#!/bin/bash
# script_cycle.sh DEVICE CYCLES: the same four commands as a shell script around sg_persist does them; prints the
# microseconds of each cycle, one on a line.
set -euo pipefail
for ((i = 0; i < $2; i++)); do
    start=${EPOCHREALTIME/./}
    sg_persist --out --register-ignore --param-sark=bac001 "$1" >/dev/null
    sg_persist --out --reserve --param-rk=bac001 --prout-type=3 "$1" >/dev/null
    sg_persist --in --read-reservation "$1" | grep -q 0xbac001
    sg_persist --out --release --param-rk=bac001 --prout-type=3 "$1" >/dev/null
    echo $((${EPOCHREALTIME/./} - start))
done
