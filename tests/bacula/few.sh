# shellcheck shell=bash disable=SC2034
# A host that has too little of something; for the plugin alone by few.c, for all of the daemon by prlimit.
#   few WHAT           from now on: threads, descriptors, room
#   enough WHAT        no longer

# start_sd_with_few: cibou's daemon again, in a world where things may be scarce
start_sd_with_few() {
    gcc -shared -fPIC -O2 -Wall -Wextra -Werror -o "$RUN/few.so" "$(dirname "${BASH_SOURCE[0]}")/few.c" -ldl
    stop_sd cibou
    BACULA_PRELOAD=$RUN/few.so FEW=$RUN/few start_sd cibou
}
few() { mkdir -p "$RUN/few" && : >"$RUN/few/$1"; }
enough() { rm -f "$RUN/few/$1"; }

# untouched CKSUM: nobody has written to the tape since
tape_now() { cksum <"$RUN/tapes/drive0"; }
untouched() { equal "$(tape_now)" "$1"; }
# ended_with_reason ID: well, or with an error in its log
ended_with_reason() {
    job_over "$1" || cannot_tell || return
    job_is "$1" T || job_logged "$1" Error || job_logged "$1" error
}
# prlimit_of HOST LIMIT...: of the daemon that runs
prlimit_of() { prlimit --pid "${STARTED[$1-sd]}" "${@:2}"; }
