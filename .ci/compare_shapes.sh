#!/usr/bin/env bash
# Measures what the shapes cost: prunes one model to each by the same scores and ratio, and measures each on the same texts.
#   .ci/compare_shapes.sh MODEL CORPUS TEXT WORK [prune setting ...]
# CORPUS was published by tokenize; TEXT is a held-out plain text, WORK a folder for the results. Settings are
# those of prune, as KEY=VALUE; by default a fifth is removed in one shot by Fisher information. The whole table:
#   .ci/compare_shapes.sh models/SmolLM2-135M-Instruct.Q4_1.gguf work/smollm2-135m/corpus held-out.txt work/shapes \
#     rows=25 method=lhspg saliency.fisher=1 compensation.rows=8
# LORASHEAR names the program, bin/lorashear by default.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,8s/^# //p' "$0"; exit 2; }
model=$1 corpus=$2 text=$3 work=$4
shift 4
program=${LORASHEAR:-$(dirname "$0")/../bin/lorashear}
settings=()
for setting in "$@"; do settings+=(--set "$setting"); done
measure() { # checkpoint name
  "$program" evaluate --config "$work/evaluate.yaml" --set checkpoint="$1" --set output="$work/evaluate-$2" \
    > "$work/$2.txt" < /dev/null
}
mkdir -p "$work"
cat > "$work/prune.yaml" << YAML
checkpoint: $model
corpus: $corpus
output: $work/free
method: fisher
ratio: 0.2
YAML
cat > "$work/evaluate.yaml" << YAML
checkpoint: $model
output: $work/evaluate
tasks: []
texts: {held-out: {file: $text, windows: rolling}}
YAML
measure "$model" dense
while read -r shape multiple; do
  name=$shape-$multiple
  "$program" prune --config "$work/prune.yaml" --set output="$work/$name" --set shape="$shape" \
    --set multiple="$multiple" "${settings[@]}" > "$work/prune-$name.txt" < /dev/null
  measure "$work/$name" "$name"
done << 'SHAPES'
free 1
free 64
uniform 1
uniform-ffn 1
uniform-ffn 64
deci 1
deci 64
SHAPES
for name in dense free-1 free-64 uniform-1 uniform-ffn-1 uniform-ffn-64 deci-1 deci-64; do
  printf '%-16s %s\n' "$name" "$(grep -m1 held-out "$work/$name.txt")"
done
