#!/bin/bash
# predecessor.sh TARGET...: builds those of the commit with which measurements are compared, in $SHSTORE_BUILD/predecessor, and prints
# that folder. SHSTORE_PREDECESSOR=COMMIT: another one. Without the project's history there is nothing to compare with: exit status 1.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(realpath -m "${SHSTORE_BUILD:-$source/build}")/predecessor
commit=${SHSTORE_PREDECESSOR:-11ed74b} # before the looks of one command
if ! git -C "$source" cat-file -e "$commit^{commit}" 2>/dev/null; then
    echo "the commit $commit is not in this copy of the project: fetch its history" >&2
    exit 1
fi
if [ "$(cat "$folder/commit" 2>/dev/null)" != "$commit" ]; then
    rm -rf "$folder"
    mkdir -p "$folder/source"
    git -C "$source" archive "$commit" | tar -x -C "$folder/source"
    echo "$commit" >"$folder/commit"
fi
{
    cmake -S "$folder/source" -B "$folder" -G Ninja -DSHSTORE_TESTS=ON
    cmake --build "$folder" --target "$@"
} >"$folder/build.log" 2>&1 || { tail -n 20 "$folder/build.log" >&2; exit 1; }
echo "$folder"
