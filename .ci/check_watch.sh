#!/usr/bin/env bash
# check_watch.sh RUN PYTHON : checks the outputs of a run with --tensorboard: its event files in
# TensorBoard (check_tensorboard.py), and the page of watch, for a running and for a finished run, in
# headless Chromium (check_watch.mjs). Screenshots are left in target/report-check/shots.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
run=$(realpath "$1")
python=$2

if "$python" -m pip install --quiet tensorboard==2.21.0 >/dev/null 2>&1; then
  "$python" "$here/check_tensorboard.py" "$run"
else
  echo "NOTE: TensorBoard could not be installed; the event files were not read by it"
fi

if ! command -v chromium >/dev/null || [ ! -d target/report-check/node_modules/puppeteer-core ]; then
  echo "NOTE: there is no Chromium, or check_report.sh has not fetched its tools; the page of watch was not looked at"
  exit 0
fi
cd target/report-check
CHROMIUM=$(command -v chromium) node "$here/check_watch.mjs" shots "${LORASHEAR:-$here/../bin/lorashear}" "$run"
