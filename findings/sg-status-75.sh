#!/usr/bin/env bash
# sg_persist 1.46 and 1.48 end with exit status 75 on a path that is no SCSI device.
#
# It is 50 + errno, and ENOTTY is 25. But 75 is EX_TEMPFAIL in sysexits.h, "try again later", and scripts that wait for a
# drive use it so. A wrong path in the configuration then looks like a drive that another host has, for ever.
. "$(dirname "$0")/lib.sh"

echo data >"$WORK/file"
for release in bookworm trixie; do
    use_release "$release"
    case $release in
    bookworm) unpack sg3-utils=1.46-3 libsgutils2-1.46-2=1.46-3 ;;
    trixie) unpack sg3-utils=1.48-3~deb13u1 libsgutils2-1.48=1.48-3~deb13u1 "${TRIXIE_BASE[@]}" ;;
    esac
    saw "$release: version" run usr/bin/sg_persist --version
    for options in "--in --read-keys" "--out --register --param-sark=bac999"; do
        # shellcheck disable=SC2086
        saw "$release: sg_persist $options REGULAR-FILE" run usr/bin/sg_persist $options "$WORK/file"
        expect "exit status 75" exits 75
    done
    saw "$release: sg_persist --in --read-keys NO-SUCH-FILE" run usr/bin/sg_persist --in --read-keys "$WORK/absent"
    expect "a path that is not there gives 50 + ENOENT" exits 52
done
ends
