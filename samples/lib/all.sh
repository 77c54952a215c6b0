# shellcheck shell=bash disable=SC2034
# The library of samples/demo and of tests/bacula: source this one.
#
# SOURCE   the project          SAMPLES  its sample configuration      BUILD    where it is built (SHSTORE_BUILD)
# BACULA   Bacula 9.6.7, unpacked                              RUN      directory of this run

export LC_ALL=C
SAMPLES=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SOURCE=$(dirname "$SAMPLES")
# Beside the package's documentation there are no sources: its programs are used, and nothing is written there.
INSTALLED=
[ -e "$SOURCE/CMakeLists.txt" ] || INSTALLED=yes
BUILD=$SOURCE/build
[ -z "$INSTALLED" ] || BUILD=$HOME/shstore-demo
BUILD=$(realpath -m "${SHSTORE_BUILD:-$BUILD}")
mkdir -p "$BUILD"

# shellcheck source=samples/lib/check.sh
. "$SAMPLES/lib/check.sh"
# shellcheck source=samples/lib/packages.sh
. "$SAMPLES/lib/packages.sh"
# shellcheck source=samples/lib/bacula.sh
. "$SAMPLES/lib/bacula.sh"
# shellcheck source=samples/lib/build.sh
. "$SAMPLES/lib/build.sh"
# shellcheck source=samples/lib/site.sh
. "$SAMPLES/lib/site.sh"
# shellcheck source=samples/lib/jobs.sh
. "$SAMPLES/lib/jobs.sh"
