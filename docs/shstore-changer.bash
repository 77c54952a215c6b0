# bash completion for shstore-changer
_shstore_changer() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local commands=" load unload loaded list listall slots transfer clean status inventory report "
    local options="--sd --config --via --salt --json --help --version"
    case $prev in
    --sd | --config | --via | --salt) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    elif [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -G "${cur:-/dev/sg}*")
    elif [ "$COMP_CWORD" = 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    elif [ "$COMP_CWORD" = 4 ] && [ "${COMP_WORDS[2]}" != transfer ]; then
        mapfile -t COMPREPLY < <(compgen -G "${cur:-/dev/nst}*")
    fi
}
complete -o default -F _shstore_changer shstore-changer
