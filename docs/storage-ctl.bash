# bash completion for storage-ctl
_storage_ctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local commands=" query regkeys wholocked explain capabilities doctor register lock trylock unlock unregister prove exec reclaim confirm preempt clear "
    local options="--config --json --yes --no-abort --if-key --if-generation --timeout --archive --state --changer --report --salt --all --sd --help --version"
    case $prev in
    --config | --archive | --state | --changer | --salt | --sd) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
    --if-key | --if-generation | --timeout) return ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    elif [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -G "${cur:-/dev/sg}*")
    elif [ "$COMP_CWORD" = 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    elif [ "${COMP_WORDS[2]}" = preempt ] && [ "$COMP_CWORD" = 3 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" regkeys 2>/dev/null)" -- "$cur")
    fi
}
complete -o default -F _storage_ctl storage-ctl
