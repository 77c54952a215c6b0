# bash completion for shstore-target
_shstore_target() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local options="--directory --verbose --help --version"
    if [ "$prev" = --directory ]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    elif [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -d -- "$cur"; compgen -G "$cur*.json")
    fi
}
complete -o filenames -F _shstore_target shstore-target
