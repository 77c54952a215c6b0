# shellcheck shell=bash
# Building this project's programs: the ones a site needs, no tests.

PROGRAMS=(bin/shstore-target bin/storage-ctl bin/shstore-status bin/shstore-changer lib/shstore-sd.so)

need_build() {
    local log=$BUILD/build.log
    if [ ! -e "$BUILD/CMakeCache.txt" ]; then
        timeout --foreground 300 cmake -S "$SOURCE" -B "$BUILD" -G Ninja -DSHSTORE_TESTS=OFF >"$log" 2>&1 || die "cmake failed" "$log"
    fi
    timeout --foreground 3600 cmake --build "$BUILD" --target "${PROGRAMS[@]}" >"$log" 2>&1 || die "the build failed" "$log"
    say "built: ${PROGRAMS[*]/#/$BUILD/}"
}
