# bash completion for shstore-status
_shstore_status() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local options="--sd --deadline --bconsole --storage --bconsole-program --bacula-status --names --annotate --json --prometheus
        --html --serve --state --serve-name --watch --inventory --explain --check --check-plugin --check-running --bacula-sd --warning --critical --explain-job --device --pool --media-type --volume --reads
        --prefer-mounted --help --version"
    case $prev in
    --sd | --check-plugin | --bacula-sd | --bconsole | --bconsole-program | --bacula-status | --prometheus | --html | --state)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        [[ $cur == -* ]] || return 0
        ;;
    --reads | --prefer-mounted) mapfile -t COMPREPLY < <(compgen -W "yes no" -- "$cur") && return ;;
    --explain) mapfile -t COMPREPLY < <(compgen -W "$(shstore-status --explain 2>/dev/null | cut -d " " -f 1)" -- "$cur") && return ;;
    --deadline | --serve | --serve-name | --check-running | --storage | --explain-job | --device | --pool | --media-type | --volume | -w | --warning | -c | --critical) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
}
complete -o default -F _shstore_status shstore-status
