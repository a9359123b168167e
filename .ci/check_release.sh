#!/usr/bin/env bash
# Builds the release archive, unpacks it, and runs the demo from it where there is no Maven, git or checkout.
# Its last output is .ci/check_release.txt. Ten minutes on two cores, most of them the demo's.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
(cd "$home" && mvn -B -q -Dstyle.color=never -Prelease -Dfast -Dmaven.test.skip=true package >&2)
mkdir "$place/tools"
for tool in java bash env sed grep cat ls head stat sha256sum cut readlink dirname mktemp find getconf; do
  ln -s "$(command -v "$tool")" "$place/tools/$tool"
done
tar xzf "$home"/spark-jobs/target/lorashear-*.tar.gz -C "$place"
cd "$place"/lorashear-*
ran() {
  echo "\$ $*"
  env -i HOME="$place" PATH="$place/tools" LORASHEAR_CACHE="$place/cache" ${with:+"$with"} "$@" 2>&1 | sed "s#$place/##g"
}
ls
ran bin/lorashear --version
with=LORASHEAR_SPARK=3.5 ran bin/lorashear --version || true
with=LORASHEAR_S3=yes ran bin/lorashear --version || true
ran bin/lorashear --master yarn ingest || true
ran bin/lorashear --master 'local[1]' --version
ran bin/lorashear demo | grep -v -e ' tasks in ' -e ' of ' | tail -9
grep -c 'http' THIRD-PARTY.txt | sed 's/$/ libraries in THIRD-PARTY.txt/'
