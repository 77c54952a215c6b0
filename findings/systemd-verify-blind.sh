#!/usr/bin/env bash
# `systemd-analyze verify` of systemd 252 (Debian 12) does not see that the program of a second ExecStartPre= is missing.
#
# It looks at the first program of each list only; 257 (Debian 13) looks at all. A drop-in that adds a check before the daemon starts
# passes "verify" although its program is not there. A misspelt directive is told on stderr in both, with exit status 0.
. "$(dirname "$0")/lib.sh"

mkdir -p "$WORK/units"
unit() { printf '[Unit]\nDescription=x\n[Service]\nExecStartPre=/bin/true\n%s\nExecStart=/bin/sleep 1\n' "$1" >"$WORK/units/probe.service"; }
verify() { run usr/bin/systemd-analyze verify --man=no "$WORK/units/probe.service"; }
for release in bookworm trixie; do
    use_release "$release"
    case $release in
    bookworm) unpack systemd=252.39-1~deb12u2 libsystemd-shared=252.39-1~deb12u2 libsystemd0=252.39-1~deb12u2 ;;
    trixie) unpack systemd=257.13-1~deb13u1 libsystemd-shared=257.13-1~deb13u1 libsystemd0 libmount1 libseccomp2 libblkid1 libselinux1 libpam0g libaudit1 libcap-ng0 \
        libcrypt1 libcap2 libacl1 libssl3t64 libkmod2 libpcre2-8-0 liblzma5 libzstd1 zlib1g "${TRIXIE_BASE[@]}" ;;
    esac
    SHOW=1 saw "$release: version" run usr/bin/systemd-analyze --version
    unit ExecStartPre=/usr/bin/no-such-program
    saw "$release: the second ExecStartPre= is a program that is not there" verify
    case $release in
    bookworm) expect "252 says nothing" eval 'not prints no-such-program && exits 0' ;;
    trixie) expect "257 says so" eval 'prints "no-such-program is not executable" && exits 1' ;;
    esac
    unit ExecStartPer=/bin/true
    saw "$release: a directive with a typing error" verify
    expect "it is told, and the exit status is 0" eval 'prints ExecStartPer && exits 0'
done
ends
