#!/usr/bin/env bash
# sg_persist 1.46 (Debian 12) and 1.48 (Debian 13) end with exit status 0 after an option that they do not know.
#
# They print the usage and do nothing. A Lock Command around sg_persist with a typing error therefore "takes" a lock that
# nobody has: whoever looks at the exit status alone believes it. Look at the reservation afterwards (READ RESERVATION).
. "$(dirname "$0")/lib.sh"

touch "$WORK/device"
for release in bookworm trixie; do
    use_release "$release"
    case $release in
    bookworm) unpack sg3-utils=1.46-3 libsgutils2-1.46-2=1.46-3 ;;
    trixie) unpack sg3-utils=1.48-3~deb13u1 libsgutils2-1.48=1.48-3~deb13u1 "${TRIXIE_BASE[@]}" ;;
    esac
    saw "$release: version" run usr/bin/sg_persist --version
    SHOW=3 saw "$release: sg_persist --out --reserve --param-rkey=bac999 DEVICE (it is --param-rk)" \
        run usr/bin/sg_persist --out --reserve --param-rkey=bac999 "$WORK/device"
    expect "an unknown option is told, and the exit status is 0" eval 'prints "unrecognized option" && exits 0'
done
ends
