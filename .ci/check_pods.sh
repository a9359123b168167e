#!/usr/bin/env bash
# Runs ingest on Kubernetes, as a job and in cluster mode, by Spark's own client: against fabric8's API server, which
# keeps everything in memory, and with pods that podman runs (.ci/kubernetes/CheckPods.java).
#   .ci/check_pods.sh [WORK]      Its last output is .ci/check_pods.txt. It needs the image of .ci/check_container.sh, or
# the one that IMAGE names.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=${IMAGE:-localhost/lorashear:check}
work=$(readlink -m "${1:-$home/target/pods}")
rm -rf "$work"
data=$work/claims/lorashear-data
mkdir -p "$data"
chmod 777 "$data"
mvn -B -q -Dstyle.color=never -f "$home/.ci/kubernetes/pom.xml" dependency:build-classpath "-Dmdep.outputFile=$work/path" >&2
# What one process makes, by the same image and in the same folder: manifests name paths and hash the code.
once() {
  podman --runtime runc run --rm --network none --ulimit nofile=10000:10000 --ulimit nproc=30000:30000 \
    --env LORASHEAR_HEAP=1g --volume "$data:/data" "$image" "$@" >>"$work/once.log" 2>&1 ||
    { tail -5 "$work/once.log" >&2; exit 1; }
}
once sample --out /data/sample --documents 60
cat >"$data/ingest.yaml" <<'SETTINGS'
sources: [{corpus: wikipedia, paths: [/data/sample/wikipedia]}, {corpus: alpaca, paths: [/data/sample/alpaca]}]
tokenizer: /data/sample/tokenizer.json
output: /data/local
SETTINGS
once ingest --config /data/ingest.yaml
javac -nowarn -d "$work/classes" -cp "$(cat "$work/path")" "$home"/.ci/kubernetes/*.java
java -Xmx256m -XX:+UseSerialGC -cp "$work/classes:$(cat "$work/path")" CheckPods "$home" "$work" "$image"
