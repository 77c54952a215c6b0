#!/usr/bin/env bash
# The plugin exports Bacula's two entry points and nothing else.
set -euo pipefail
got=$(nm -D --defined-only "$1" | awk '{print $3}' | sort | tr '\n' ' ')
[ "$got" = "loadPlugin unloadPlugin " ] || { echo "exported: $got"; exit 1; }
