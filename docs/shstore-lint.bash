# bash completion for shstore-lint
_shstore_lint() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local options="--dir --sd --inventory --stdin-filename --here --not-here --allow-commands --bacula-version --select
        --ignore --min-level --error-on-warning --exit-zero --fix --diff --graph --format --color --explain --list-rules
        --print-config --version --help --upgrade-to --generate --into --passwords --at --director --working --plugins --scripts"
    local words=
    case $prev in
    --select | --ignore | --explain) words=$("${COMP_WORDS[0]}" --list-rules 2>/dev/null | cut -d' ' -f1) ;;
    --format) words="text json sarif github" ;;
    --color) words="auto always never" ;;
    --min-level) words="error warning info" ;;
    --bacula-version | --upgrade-to) words="9.6 11 13 15" ;;
    --graph) words="text dot" ;;
    --print-config) words="sd dir" ;;
    --stdin-filename | --at | --director) return ;;
    *) [[ $cur == -* ]] && words=$options ;;
    esac
    if [ -n "$words" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -o filenames -F _shstore_lint shstore-lint
