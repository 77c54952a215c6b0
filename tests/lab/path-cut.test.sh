#!/bin/bash
# A path that goes away under a writing job costs that job and no more: it fails by name, and the lock of the session that has ended is
# given back by the other one, without clear. By name only, because it does not pass: seen is a job that does not end (docs/limits.md).
# by-name: iscsi
# seconds: 900
set -euo pipefail
SETUP_ONLY=1
# shellcheck source=tests/lab/identity.test.sh
. /lab/in/identity.test.sh

step "the path is cut in mid-job"
lead dir && settle dir
CUT=$(start_job backup-dir)
check "dir writes" wait_until 90 writing dir "$CUT"
check "the lock is that session's" held_through 0 dir
check "its session is logged out" log_out dir
check "the job fails" wait_until 150 job_over "$CUT"
check "it is no good one" not job_is "$CUT" T
check "it says why" job_logged "$CUT" "lost its path"
lead dirb
check "its lock is given back by the other path, without clear" wait_until 90 free_drive 0
