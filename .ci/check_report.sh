#!/usr/bin/env bash
# check_report.sh PAGE... : checks the pages of runs in headless Chromium (check_report.mjs).
# Screenshots are left in target/report-check/shots.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pages=$(realpath "$@")
tools=target/report-check
mkdir -p "$tools"

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  { apt-get update && apt-get install -y "${missing[@]}"; } >"$tools/apt.log" 2>&1 || true
fi
for tool in chromium node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "NOTE: $tool is not here and could not be installed; no page was looked at in a browser"
    exit 0
  fi
done

cd "$tools"
[ -e package.json ] || echo '{"private": true}' >package.json
npm install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error puppeteer-core@24.43.1 axe-core@4.14.1
CHROMIUM=$(command -v chromium) node "$here/check_report.mjs" shots $pages
