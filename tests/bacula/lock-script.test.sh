#!/bin/bash
# The Lock Command of one host is a script of the site's own around storage-ctl; the other host has the plugin's own way.
# They exclude each other, and the drive goes from one to the other.
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# site_script HOST: a script in place of storage-ctl in that host's configuration
site_script() {
    cat >"$RUN/$1/scripts/site-lock" <<'SCRIPT'
#!/bin/sh
# site-lock OPERATION DEVICE
here=$(dirname "$0")
echo "$(date +%T) $1" >>"$here/site-lock.log"
exec "$here/storage-ctl" "$2" "$1"
SCRIPT
    chmod 0755 "$RUN/$1/scripts/site-lock"
    sed -i 's|scripts/storage-ctl %l %o|scripts/site-lock %o %l|' "$RUN/$1/bacula-sd.conf"
    grep -q 'site-lock %o %l' "$RUN/$1/bacula-sd.conf"
}

prepare
start_site
settle
check "dir's Lock Command is a script of its own" site_script dir
stop_sd dir
start_sd dir
dir_writes
check "by the script" grep -q trylock "$RUN/dir/scripts/site-lock.log"
cibou_waits
check "the first one ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "the waiting job writes" wait_until 60 writing cibou "$SECOND"
third=$(start_job backup-dir)
check "now dir waits, and status says for whom" wait_until 20 waits_for dir "is reserved by: ${KEY[cibou]}."
check "the second one ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "dir goes on" wait_until 60 writing dir "$third"
check "dir has the lock" held_by 0 "${KEY[dir]}"
check "it ends" jobs_end 60 "$third"
check "it is good" job_clean "$third"
check "nothing stays behind" wait_until 10 free_drive 0
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60

printf '#!/bin/sh\necho "the cable is out" >&2\nexit 15\n' >"$RUN/dir/scripts/site-lock"
fourth=$(start_job backup-dir)
check "what the script says is the reason" wait_until 30 waits_for dir "ended with status 15: the cable is out."
cancel_job "$fourth"
check "the job can be canceled" wait_until 45 job_over "$fourth"
