# shellcheck shell=bash disable=SC2034
# Talking to the reader: numbered steps, checks that are counted, loud failure, waits with a deadline.

STEP_NUMBER=0
CHECKS=()

# step TEXT: a numbered headline
step() {
    STEP_NUMBER=$((STEP_NUMBER + 1))
    printf '\n%d. %s\n' "$STEP_NUMBER" "$*"
}

# say TEXT: one line of explanation;  show: standard input, indented, as a daemon or tool printed it
say() { printf '   %s\n' "$*"; }
show() { tr -d '\000' | sed 's/^/   | /'; }

# die TEXT [FILE...]: says what went wrong with the end of each log file, and ends the run
die() {
    local file
    DEAD=yes
    printf '\nFAILED: %s\n' "$1" >&2
    shift
    for file in "$@"; do
        [ -s "$file" ] || continue
        printf -- '--- end of %s\n' "$file" >&2
        tail -n "${EXCERPT_LINES:-40}" "$file" | tr -d '\000' >&2
    done
    exit 1
}

# check TEXT COMMAND...: the command must succeed; counted for the summary
check() {
    local text=$1 status=0
    shift
    "$@" || status=$?
    if [ "$status" != 0 ]; then
        evidence >&2 || true
        [ "$status" = 1 ] || text+=" ($1 cannot tell: exit status $status)"
        die "check: $text" "${CHECK_LOGS[@]}"
    fi
    CHECKS+=("$text")
    printf '   ok  %s\n' "$text"
}
CHECK_LOGS=()   # files shown when a check fails

# unasked TEXT REASON: what this run does not ask, and why; tests/bacula/run counts it among the skipped
unasked() { printf '   --  %s: not asked, %s\n' "$1" "$2"; }

# A question has three answers: 0 yes, 1 no, and anything else "cannot tell": the program that was asked did not answer.
# Neither the question nor its `not` passes a check then. tests/samples/questions_test.sh holds every question to it.
#   not QUESTION...     no        cannot_tell: what a question returns when nothing answers
#   fails COMMAND...    the command was run and ended with an error, whichever
not() {
    local status=0
    "$@" || status=$?
    case $status in 0) return 1 ;; 1) return 0 ;; *) return "$status" ;; esac
}
cannot_tell() { return 2; }
fails() {
    local status=0
    "$@" || status=$?
    # 124: stopped by timeout; 126 and 127: it could not be run
    case $status in 0) return 1 ;; 124 | 126 | 127) cannot_tell ;; esac
}
# has TEXT [STRING]: the text (as it stands, no pattern) is in the last output kept by `keep`;  lacks: it is not, in an output
# that says something;  equal A B: the same, and not nothing;  empty TEXT
has() { grep -qF -- "$1" <<<"${2-$KEPT}"; }
lacks() { if [ -n "${2-$KEPT}" ]; then not has "$@"; else cannot_tell; fi; }
equal() { if [ -n "$1$2" ]; then [ "$1" = "$2" ]; else cannot_tell; fi; }
empty() { [ -z "$1" ]; }
KEPT=''
# keep COMMAND...: runs it and remembers its output (both streams) for `has` and for a failing check
keep() {
    local status=0
    KEPT=$("$@" 2>&1 | tr -d '\000') || status=$?
    return "$status"
}
evidence() { [ -z "$KEPT" ] || { printf -- '--- last output looked at\n'; printf '%s\n' "$KEPT"; }; }

# wait_until SECONDS COMMAND...: polls until the command succeeds; fails with its status when the time is over. On a machine so
# busy that the command was run less than twice a second, the time is longer, up to ten times.
wait_until() {
    local begin looks=0 seconds=$1 status gone
    begin=$(date +%s)
    shift
    while :; do
        status=0
        "$@" || status=$?
        [ "$status" != 0 ] || return 0
        looks=$((looks + 1))
        gone=$(($(date +%s) - begin))
        [ "$gone" -lt "$seconds" ] || { [ "$looks" -lt $((2 * seconds)) ] && [ "$gone" -lt $((10 * seconds)) ]; } || return "$status"
        sleep 0.2
    done
}

running() {   # PID: there, and not a zombie
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    [ "${stat:0:1}" != Z ]
}
gone() { not running "$1"; }

# summary: what has been verified
summary() {
    local text
    printf '\nAll %d checks passed:\n' "${#CHECKS[@]}"
    for text in "${CHECKS[@]}"; do printf '   ok  %s\n' "$text"; done
}
