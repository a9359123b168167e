#!/usr/bin/env bash
# Prunes a fifth of a real model in every shape, and checks the results in the programs that they are exported for.
#   .ci/check_smollm2.sh MODEL OUT [SHAPE…]
# MODEL is a SmolLM2-135M-Instruct, a GGUF file or a folder. It is pruned once for each shape (by default: free,
# uniform-ffn in steps of 64, uniform, deci in steps of 64), by Fisher information on this repository's own pages, and
# exported for transformers and llama.cpp; check_smollm2.py says what is checked. PYTHON has torch, transformers
# 5.24, peft, xllamacpp and gguf; TRANSFORMERS4 is a folder with transformers 4.57.6 (check_transformers.py says how to
# install both). LORASHEAR names the program, bin/lorashear by default. Results that are already in OUT are not
# made again. Output of the last run: check_smollm2.txt.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,9s/^# //p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
model=$(realpath "$1") out=$2
shift 2
[ $# -gt 0 ] || set -- free uniform-ffn uniform deci
program=${LORASHEAR:-$here/../bin/lorashear} python=${PYTHON:-python3}
mkdir -p "$out"
out=$(realpath "$out")
log=$out/log.txt
run() { "$program" "$@" < /dev/null >> "$log" 2>&1 || { tail -5 "$log" >&2; exit 1; }; }

[ -d "$out/dense" ] || run export "$model" --out "$out/dense"
if [ ! -d "$out/corpus" ]; then
  "$python" - "$here/.." > "$out/pages.jsonl" << 'PAGES'
import json, pathlib, sys
root = pathlib.Path(sys.argv[1])
for page in sorted([*root.glob("*.md"), *root.glob("docs/*.md")]):
    print(json.dumps({"text": page.read_text(encoding="utf-8")}))
PAGES
  cat > "$out/ingest.yaml" << YAML
sources: [{corpus: other, name: pages, paths: ["$out/pages.jsonl"], textField: text}]
tokenizer: $out/dense
output: $out/documents
cleaning: {paragraphTokens: 0}
YAML
  cat > "$out/tokenize.yaml" << YAML
documents: $out/documents
tokenizer: $out/dense/tokenizer.json
output: $out/corpus
sequenceLength: 256
YAML
  run ingest --config "$out/ingest.yaml"
  run tokenize --config "$out/tokenize.yaml"
fi
cat > "$out/prune.yaml" << YAML
checkpoint: $model
corpus: $out/corpus
output: $out/pruned
method: fisher
ratio: 0.2
rows: 5
compensation: {rows: 2}
YAML

for shape in "$@"; do
  case $shape in uniform-ffn | deci) multiple=64 ;; *) multiple=1 ;; esac
  cut=$out/$shape
  [ -d "$cut" ] ||
    run prune --config "$out/prune.yaml" --set output="$cut" --set shape="$shape" --set multiple="$multiple"
  [ -s "$cut.json" ] || run verify "$cut" --write "$cut.json" --no-gradients
  [ -s "$cut.text" ] ||
    "$program" generate "$cut" --prompt "The capital of France is" --tokens 32 --temperature 0 \
      > "$cut.text" 2>> "$log" < /dev/null
  [ -d "$cut-transformers" ] || run export "$cut" --out "$cut-transformers" --for transformers
  for type in f32 f16 q8_0 q4_k_m; do
    [ -d "$cut-$type" ] || run export "$cut" --out "$cut-$type" --for llama.cpp --type $type
  done
done

four=${TRANSFORMERS4:?is to name a folder with transformers 4.57.6}
"$python" "$here/check_smollm2.py" transformers "$out" "$@"
PYTHONPATH=$four "$python" "$here/check_smollm2.py" transformers "$out" "$@"
"$python" "$here/check_smollm2.py" llama.cpp "$out" "$@"
