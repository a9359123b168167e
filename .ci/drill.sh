#!/usr/bin/env bash
# Kills and stops the demo's line at random moments, fills its disk, sets its clock back and starts it twice on one
# folder, changes a bit of each published file, and slows a store: nothing published is wrong, nothing finished is lost.
#   .ci/drill.sh [--seed N] [--only line,disks,changed,store] [--kills N] [--terminations N] [--fills N] [--rivals N] [--steps N] [FOLDER]
# Needs root, for mounts of its own, and a C compiler. The last output is .ci/drill.txt.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "$0")/drill/drill.py" "$@"
