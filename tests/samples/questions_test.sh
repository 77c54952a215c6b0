#!/bin/bash
# The checks of samples/demo, tests/bacula and tests/lab can fail. Every question of samples/lib (and of tests/bacula/changer.sh)
# is asked three times: with nothing there that could answer, when neither it nor its "not" may pass; and of a site that says yes
# and one that says no. A function of samples/lib that this test does not know is an error: is it a question or not?
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export SHSTORE_BUILD=$folder/build
# shellcheck source=tests/bacula/changer.sh
. "$here/../bacula/changer.sh"
trap - ERR INT TERM
trap 'rm -rf "$folder"' EXIT

RUN=$folder/run BACULA=$folder/none
mkdir -p "$RUN/data"
wrong=0
wrong() {
    printf 'WRONG  %s\n' "$*"
    wrong=$((wrong + 1))
}
# answer COMMAND...: ANSWER is its exit status
answer() {
    ANSWER=0
    "$@" >/dev/null 2>&1 </dev/null || ANSWER=$?
}

# What is no question: primitives that ask the site, and what acts or tells. Each question is in `ask_all`.
NO_QUESTION=' alive alone_in alone_no_more answer apt_get apt_known archive as_root ask_all asked at at_exit bacula_root bc begin_beside bls build_targets can_be_root cancel_job cannot_tell
    catalog changer check cibou_waits configure configure_director control_device data die dir_writes director_of director_version
    directors empty evidence expand fails first_good gives give_changer guard holder in_catalog insert_tape install_plugin job_log job_status jobs_end keep
    keys known_key label label_slot last_host later launch launch_bacula let_go loaded make_data missing_packages need_bacula need_bacula_of need_build
    need_debian need_newer_bacula need_packages need_promtool need_version new_tape not one_version os_release pick_ports pick_run port_listens
    port_used prepare refresh_lists remove_plugin run_script runs_as say sd_status settle shstore_status show site site_with_library slot_of
    start_client start_daemons start_director start_job start_restore start_sd start_site start_target step stop stop_leftovers
    stop_sd stop_site storage_ctl summary tapes_of target_ready tool unasked unpack_bacula up use_debian use_installed use_robot volume_of
    wait_job wait_until waiting_text watched wrong '
declare -A ASKED=()

# asked YES NO QUESTION...: what the site says when the answer is yes, and when it is no
asked() {
    local yes=$1 no=$2 nothing question=("${@:3}")
    ASKED[$3]=yes
    case $round in
    nothing)
        for nothing in "" not; do
            # shellcheck disable=SC2086
            answer $nothing "${question[@]}"
            [ "$ANSWER" -gt 1 ] || wrong "$nothing ${question[*]}: exit status $ANSWER, and nothing has answered"
        done
        ;;
    site)
        SITE=$yes
        answer "${question[@]}"
        [ "$ANSWER" = 0 ] || wrong "${question[*]}: exit status $ANSWER instead of yes, where the site says: $yes"
        SITE=$no
        answer "${question[@]}"
        [ "$ANSWER" = 1 ] || wrong "${question[*]}: exit status $ANSWER instead of no, where the site says: $no"
        ;;
    esac
}

STATUS=$'Running Jobs:\nWriting: Full Backup job b JobId=7 Volume="V"\n    Files=1 Bytes=65,536\n====\n\nJobs waiting to reserve a drive:\n   3612 JobId=8 waits\n====\n'
IDLE=$'Running Jobs:\nNo Jobs running.\n====\n\nJobs waiting to reserve a drive:\n====\n'
ask_all() {
    asked 0xbac001 0xbac999 held_by 0 0xbac001
    asked 0xbac001 '' held_by 0 0xbac001
    asked 0xbac001 0xbac999 registered 0 0xbac001
    asked '' 0xbac001 unregistered 0 0xbac001
    asked '' 0xbac001 free_drive 0
    asked '' 0xbac001 robot_free
    asked 3 0 is_loaded 0 3
    asked 'a text' 'another' status_says cibou text
    asked "$STATUS" "$IDLE" writing cibou 7
    asked "$STATUS" "$IDLE" waits_for cibou 'JobId=8 waits'
    asked "$STATUS" "$IDLE" sd_status_shows cibou JobId=7
    asked T R job_over 7
    asked T R jobs_over 7
    asked T E job_is 7 T
    asked T01 T11 job_clean 7
    asked 'a text' 'another' job_logged 7 text
}

round=nothing
ask_all
# What needs more than one word of the site, or something that is no site.
for question in 'held_by 0 0xbac00' 'registered 0 0xbac00' 'has_none' 'lacks text' 'equal'; do
    case $question in
    lacks*) KEPT='' answer lacks text ;;
    equal) answer equal '' '' ;;
    has_none) answer not sd_status_shows cibou JobId ;;
    # shellcheck disable=SC2086
    *) answer not $question ;;
    esac
    [ "$ANSWER" -gt 1 ] || wrong "$question: exit status $ANSWER"
done
for question in 'restorable 7 dir 1' 'restore_job 7 /nowhere 1' 'same_data dir /nowhere' 'on_tape 7 V cibou 0'; do
    ASKED[${question%% *}]=yes
    # shellcheck disable=SC2086
    answer $question
    [ "$ANSWER" -gt 1 ] || wrong "$question: exit status $ANSWER, and nothing has answered"
    # shellcheck disable=SC2086
    answer not $question
    [ "$ANSWER" -gt 1 ] || wrong "not $question: exit status $ANSWER, and nothing has answered"
done
ASKED[wrote_after]=yes # never asked with "not"
answer wrote_after 7 8
[ "$ANSWER" != 0 ] || wrong "wrote_after passes with no catalog"

# The site, in one word or text; what asks it is replaced.
round=site
storage_ctl() { [ -z "$SITE" ] || printf '%s\n' "$SITE"; }
# shellcheck disable=SC2317
timeout() { storage_ctl; }
changer() { storage_ctl; }
bc() { printf '%s\n' "$SITE"; }
catalog() { [ -z "$SITE" ] || printf '%s\n' "$SITE"; }
ask_all
unset -f timeout

# The words of check.sh themselves.
yes() { return 0; }
no() { return 1; }
expect() { # STATUS COMMAND...
    answer "${@:2}"
    [ "$ANSWER" = "$1" ] || wrong "${*:2}: exit status $ANSWER instead of $1"
}
expect 0 not no
expect 1 not yes
expect 2 not cannot_tell
expect 2 not not cannot_tell
expect 0 fails no
expect 0 fails cannot_tell
expect 1 fails yes
expect 2 fails "$folder/no-such-program"
expect 0 equal a a
expect 1 equal a b
expect 1 equal a ''
expect 0 empty ''
expect 1 empty a
KEPT='some text'
expect 0 has text
expect 1 has words
expect 0 lacks words
expect 1 lacks text
expect 2 wait_until 0 cannot_tell
expect 0 running $$
expect 1 gone $$
(exit 0) &
ended=$!
wait "$ended"
expect 0 gone "$ended"
# shellcheck disable=SC2034 # what a check says that cannot be answered
CHECK_LOGS=()
said=$(check "the drive is free" cannot_tell 2>&1) && wrong "check passes with no answer"
has "check: the drive is free (cannot_tell cannot tell: exit status 2)" "$said" || wrong "a check without an answer says: $said"
for word in not fails equal empty has lacks wait_until running gone yes no expect; do ASKED[$word]=yes; done

mapfile -t known < <(declare -F | sed 's/^declare -f //')
for name in "${known[@]}"; do
    [ -n "${ASKED[$name]-}" ] || [[ " ${NO_QUESTION//$'\n'/ } " == *" $name "* ]] || wrong "$name: is it a question? Ask it here, or name it in NO_QUESTION"
done

# Ways to write a check that passes where nothing answers; a zombie lets itself be signalled.
cd "$here/../.."
# shellcheck disable=SC2016
if found=$(grep -nE '\{ ! |check .* \[ -z "\$\(|^ *\[ -z "\$\(.*\|\| fail|check .*kill -0' \
    samples/demo samples/lib/*.sh tests/bacula/*.sh tests/lab/*.sh tests/lab/guest/*.sh tests/changer/*.sh); then
    wrong "a check that may pass where nothing answers: $found"
fi
[ "$wrong" = 0 ] || exit 1
echo "well: ${#ASKED[@]} questions and words"
