#!/usr/bin/env bash
# exports_test.sh FILE...: each needs nothing but the C and C++ run-time libraries, whose names every release of every
# distribution has; the plugin (a file *-sd.so) exports Bacula's two entry points and nothing else.
#   SHSTORE_SYMBOLS=yes   and no symbol version that Ubuntu 22.04 to 26.04, Debian 12 or EPEL 10 lack: what is built on Debian 12
#                         runs on all of them
set -euo pipefail
wrong() { echo "$*"; exit 1; }
newest() { objdump -T "$1" | { grep -oE "\($2[0-9.]*\)| $2[0-9.]* " || true; } | tr -d '() ' | sort -Vu | tail -n 1; }
# not_above FILE PREFIX LIMIT
not_above() {
    local found
    found=$(newest "$1" "$2")
    # The linter has its libstdc++ within.
    if [ "$2" != GLIBC_ ] && ! grep -qx 'libstdc++\.so\.6' <<<"$needed"; then
        [ -z "$found" ] || wrong "$1 needs $found and no libstdc++"
        return 0
    fi
    [ -n "$found" ] || wrong "objdump names no $2 that $1 needs"
    [ "$(printf '%s\n' "$2$3" "$found" | sort -V | tail -n 1)" = "$2$3" ] || wrong "$1 needs $found, newer than $2$3"
}
for file in "$@"; do
    needed=$(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    [ -n "$needed" ] || wrong "readelf names no library that $file needs"
    other=$(grep -vxE 'libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux-x86-64\.so\.2' <<<"$needed" || true)
    [ -z "$other" ] || wrong "$file needs $other"
    case $file in
    *-sd.so)
        got=$(nm -D --defined-only "$file" | awk '{print $3}' | sort | tr '\n' ' ')
        [ "$got" = "loadPlugin unloadPlugin " ] || wrong "$file exports: $got"
        ;;
    esac
    [ "${SHSTORE_SYMBOLS:-no}" = yes ] || continue
    not_above "$file" GLIBC_ 2.34
    not_above "$file" GLIBCXX_ 3.4.30
    not_above "$file" CXXABI_ 1.3.13
done
