# shellcheck shell=bash
# Building this project's programs: the ones a site needs, no tests.

PROGRAMS=(bin/shstore-target bin/storage-ctl bin/shstore-status bin/shstore-changer lib/shstore-sd.so)

# watched LOG SECONDS COMMAND...: runs it, its output in LOG, and says every half minute how far it is
watched() {
    local log=$1 seconds=$2 begun watcher status=0
    begun=$(date +%s)
    shift 2
    (
        while sleep 30 >/dev/null 2>&1 && kill -0 "$$" 2>/dev/null; do
            say "... $(grep -oE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 1) $(($(date +%s) - begun)) s"
        done
    ) &
    watcher=$!
    timeout --foreground "$seconds" "$@" >"$log" 2>&1 || status=$?
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    return "$status"
}

# alone_in FOLDER, and alone_no_more: parts of tests/run that run beside each other build in one folder, one after the other
alone_in() {
    mkdir -p "$1"
    exec {BUILD_LOCK}>"$1/build.lock"
    flock "$BUILD_LOCK"
}
alone_no_more() {
    flock -u "$BUILD_LOCK" # children that are left have it, too
    exec {BUILD_LOCK}>&-
}

# build_targets FOLDER LOG TARGET...: libraries and programs whose files cannot be compiled several at a time are compiled file
# by file, which takes three times as long
build_targets() {
    local folder=$1 log=$2 clashing
    shift 2
    watched "$log" 3600 cmake --build "$folder" --target "$@" -- -k 0 && return 0
    clashing=$(grep -E '^FAILED: .*/Unity/unity_' "$log" | sed -E 's#.*CMakeFiles/([^/]+)\.dir/Unity/.*#\1#' | sort -u | paste -sd ';' || true)
    [ -n "$clashing" ] || die "the build failed" "$log"
    say "file by file, because of $(grep -m 1 -E 'error:' "$log" || tail -n 1 "$log"): $clashing"
    mv "$log" "$log.unity"
    timeout --foreground 300 cmake "-DSHSTORE_FILE_BY_FILE=$clashing" "$folder" >"$log" 2>&1 || die "cmake failed" "$log"
    watched "$log" 3600 cmake --build "$folder" --target "$@" || die "the build failed" "$log"
}

# use_installed: the programs of the package in the place of built ones
use_installed() {
    local program file
    mkdir -p "$BUILD"/{bin,lib}
    for program in "${PROGRAMS[@]}"; do
        case $program in
        bin/*) file=$(command -v "${program#bin/}" || true) ;;
        *) file=/usr/lib/bacula/${program#lib/} ;;
        esac
        [ -n "$file" ] && [ -r "$file" ] || die "${program##*/} is not installed, or not for this user: try it as root"
        ln -sf "$file" "$BUILD/$program"
    done
    say "nothing to build: the installed programs are used"
}

need_build() {
    local log=$BUILD/build.log
    if [ -n "$INSTALLED" ]; then
        use_installed
        return
    fi
    alone_in "$BUILD"
    say "building: some 5 minutes on two processors the first time; it is all in $log"
    if [ ! -e "$BUILD/CMakeCache.txt" ]; then
        timeout --foreground 300 cmake -S "$SOURCE" -B "$BUILD" -G Ninja -DSHSTORE_TESTS=OFF >"$log" 2>&1 || die "cmake failed" "$log"
    fi
    build_targets "$BUILD" "$log" "${PROGRAMS[@]}"
    alone_no_more
    say "built: ${PROGRAMS[*]/#/$BUILD/}"
}
