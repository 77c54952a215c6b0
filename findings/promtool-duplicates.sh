#!/usr/bin/env bash
# `promtool check metrics` of Prometheus 2.42 (Debian 12) passes a file that has the same series twice; 2.53 (Debian 13) does not.
#
# 2.42 ends with 0 and says nothing, 2.53 says "metric not unique" and ends with 3. A test that trusts the older one is blind to it.
. "$(dirname "$0")/lib.sh"

check() { printf '# HELP drive_locked Whether it is.\n# TYPE drive_locked gauge\ndrive_locked{drive="0"} 1\ndrive_locked{drive="0"} 0\n' | run_with_input usr/bin/promtool check metrics; }
for release in bookworm trixie; do
    use_release "$release"
    case $release in
    bookworm) unpack prometheus=2.42.0+ds-5+deb12u1 ;;
    trixie) unpack promtool=2.53.3+ds1-2 libc6 ;;
    esac
    SHOW=1 saw "$release: version" run usr/bin/promtool --version
    saw "one series twice, with two values" check
    case $release in
    bookworm) expect "nothing is said" eval 'silent && exits 0' ;;
    trixie) expect "it is told" eval 'prints "not unique" && exits 3' ;;
    esac
done
ends
