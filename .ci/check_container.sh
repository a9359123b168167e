#!/usr/bin/env bash
# Builds the image and runs it as Kubernetes would: not root, without privileges or a network, its files read-only.
#   .ci/check_container.sh            Its last output is .ci/check_container.txt. Some minutes behind the release archive.
#   IMAGE=NAME .ci/check_container.sh only runs one that is there
# It needs podman and runc. Where no registry of images is reached, BASE=made makes the base from Debian's packages
# (mmdebstrap): the same packages as debian:bookworm-slim, without its removed pages.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=${IMAGE:-localhost/lorashear:check}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A machine may allow less than podman asks for.
limits=(--ulimit "nofile=$(ulimit -Hn):$(ulimit -Hn)" --ulimit nproc=30000:30000)
if [ -z "${IMAGE:-}" ]; then
  (cd "$home" && mvn -B -q -Dstyle.color=never -Prelease -Dkubernetes -Dfast -Dmaven.test.skip=true package >&2)
  if [ "${BASE:-}" = made ]; then
    mmdebstrap --quiet --variant=minbase bookworm "$work/base.tar"
    podman import --quiet "$work/base.tar" docker.io/library/debian:bookworm-slim >/dev/null
  fi
  podman --runtime runc build --quiet --network host "${limits[@]}" --pull=missing --tag "$image" "$home" >/dev/null
fi
podman image inspect --format 'user {{.Config.User}}, entry point {{.Config.Entrypoint}}' "$image"
mkdir "$work/volume" "$work/tmp"
chown 10001:10001 "$work/volume" "$work/tmp"
in_image() {
  podman --runtime runc run --rm --network none --read-only --read-only-tmpfs=false --cap-drop all \
    --security-opt no-new-privileges "${limits[@]}" --volume "$work/tmp:/tmp" --volume "$work/volume:/work" \
    --env LORASHEAR_HEAP=1g "${more[@]}" "$image" "$@" 2>&1
}
more=(--entrypoint /bin/bash)
echo "\$ id, a file in the image, build tools"
in_image -c 'id; if touch /opt/lorashear/x; then exit 1; fi
  for tool in javac mvn gcc make git; do if command -v $tool; then exit 1; fi; done'
more=()
echo "\$ lorashear --version"
in_image --version
echo "\$ lorashear doctor"
in_image doctor | head -12
echo "\$ lorashear sample"
in_image sample --out sample --documents 60 | tail -2
cat >"$work/volume/ingest.yaml" <<'SETTINGS'
sources: [{corpus: wikipedia, paths: [sample/wikipedia]}, {corpus: alpaca, paths: [sample/alpaca]}]
tokenizer: sample/tokenizer.json
output: documents
SETTINGS
echo "\$ lorashear ingest"
in_image ingest --config ingest.yaml | tail -3
[ -e "$work/volume/documents/manifest.json" ]
echo "\$ lorashear ingest of what is not there"
code=0
in_image ingest --config ingest.yaml --set output=again --set tokenizer=gone.json | tail -1 || code=${PIPESTATUS[0]}
echo "exit code $code"
[ "$code" = 2 ]
