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
    local text=$1
    shift
    if ! "$@"; then
        evidence >&2 || true
        die "check: $text" "${CHECK_LOGS[@]}"
    fi
    CHECKS+=("$text")
    printf '   ok  %s\n' "$text"
}
CHECK_LOGS=()   # files shown when a check fails

# has TEXT [STRING]: the text (as it stands, no pattern) is in the last output kept by `keep`
has() { grep -qF -- "$1" <<<"${2-$KEPT}"; }
lacks() { ! has "$@"; }
equal() { [ "$1" = "$2" ]; }
not() { ! "$@"; }
KEPT=''
# keep COMMAND...: runs it and remembers its output (both streams) for `has` and for a failing check
keep() {
    local status=0
    KEPT=$("$@" 2>&1 | tr -d '\000') || status=$?
    return "$status"
}
evidence() { [ -z "$KEPT" ] || { printf -- '--- last output looked at\n'; printf '%s\n' "$KEPT"; }; }

# wait_until SECONDS COMMAND...: polls until the command succeeds; fails when the time is over
wait_until() {
    local deadline=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}

# summary: what has been verified
summary() {
    local text
    printf '\nAll %d checks passed:\n' "${#CHECKS[@]}"
    for text in "${CHECKS[@]}"; do printf '   ok  %s\n' "$text"; done
}
