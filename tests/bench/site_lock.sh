#!/bin/bash
# site_lock.sh OPERATION DEVICE: a Lock Command of a site's own around sg_persist, as administrators write them.
key=bac001 type=3
case $1 in
trylock)
    sg_persist --out --register-ignore --param-sark=$key "$2" >/dev/null || exit
    exec sg_persist --out --reserve --param-rk=$key --prout-type=$type "$2" >/dev/null
    ;;
unlock) exec sg_persist --out --release --param-rk=$key --prout-type=$type "$2" >/dev/null ;;
unregister) exec sg_persist --out --register --param-rk=$key --param-sark=0 "$2" >/dev/null ;;
wholocked) sg_persist --in --read-reservation "$2" | sed -n 's/^ *Key=\(0x[0-9a-f]*\).*/\1/p' ;;
*) exit 1 ;;
esac
