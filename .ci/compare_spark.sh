#!/usr/bin/env bash
# Makes the sample's corpus on Spark 3.5 and on Spark 4.2 and compares the rows and their order, file by file, and the
# JSON beside them.
#   .ci/compare_spark.sh WORK [DOCUMENTS]
# WORK is a folder for the results; DOCUMENTS of each source, 60 by default. Some minutes, with the two builds. Its last
# output lies beside it in compare_spark.txt. LORASHEAR names the program, bin/lorashear by default.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,6s/^# //p' "$0"; exit 2; }
home=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "${LORASHEAR:-$home/bin/lorashear}")
mkdir -p "$1"
cd "$1"
rm -rf sample spark-3.5 spark-4.2
"$program" sample --out sample --documents "${2:-60}" >sample.txt
sources=
for corpus in wikipedia openwebtext gutenberg bookcorpus alpaca; do
  sources+="${sources:+, }{corpus: $corpus, paths: [../sample/$corpus]}"
done
make() { # line
  local work=spark-$1 stage
  mkdir "$work"
  cat >"$work/ingest.yaml" <<YAML
sources: [$sources]
tokenizer: ../sample/tokenizer.json
output: documents
cleaning: {paragraphTokens: 16}
duplicates: {paragraphs: true}
YAML
  cat >"$work/tokenize.yaml" <<YAML
documents: documents
tokenizer: ../sample/tokenizer.json
output: corpus
sequenceLength: 128
validation: {share: 0.1, exclude: 50}
shardCharacters: 20000
passageCharacters: 5000
YAML
  for stage in ingest tokenize; do
    (cd "$work" && LORASHEAR_SPARK=$1 "$program" $stage --config $stage.yaml >$stage.txt 2>$stage.progress.txt) ||
      { cat "$work/$stage.progress.txt" >&2; exit 1; }
  done
  local libraries=$home/spark-jobs/target/launch/libraries
  [ -s "$libraries" ] || libraries=$home/spark-jobs/target/spark3/launch/libraries
  java -cp "$(cat "$libraries")" "$home/.ci/RowHashes.java" "$work" >"$work/rows.txt"
}
make 3.5
make 4.2
echo "Spark 3.5 and 4.2: $(wc -l <spark-3.5/rows.txt) Parquet files, $(awk '{ n += $2 } END { print n }' spark-3.5/rows.txt) rows, $(cut -d' ' -f4 spark-3.5/rows.txt | sha256sum | cut -c 1-16)"
diff spark-3.5/rows.txt spark-4.2/rows.txt || { echo "other rows, or in another order" >&2; exit 1; }
echo "the same files, rows and order"
same=0
while read -r file _; do
  if cmp -s "spark-3.5/$file" "spark-4.2/$file"; then same=$((same + 1)); fi
done <spark-3.5/rows.txt
echo "$same of them have the same bytes"
# Spark 4.2 brings other versions of zstd and of Parquet's writer, and code is compiled against another Scala.
python3 - <<'PYTHON'
import json, pathlib, re, sys
def bare(node):
    if isinstance(node, dict):
        return {key: bare(value) for key, value in node.items() if key not in ("size", "bytes")}
    if isinstance(node, list):
        return [bare(value) for value in node]
    return "a hash" if isinstance(node, str) and re.fullmatch("[0-9a-f]{64}", node) else node
failed = False
for path in sorted(path for folder in ("documents", "corpus") for path in pathlib.Path("spark-3.5", folder).rglob("*.json")):
    first, second = (json.loads(file.read_text()) for file in (path, pathlib.Path("spark-4.2", *path.parts[1:])))
    same = first == second
    alike = bare(first) == bare(second)
    failed = failed or not alike
    print(f"{pathlib.Path(*path.parts[1:])}: {'the same' if same else 'the same but for hashes and sizes of files' if alike else 'other'}")
sys.exit(failed)
PYTHON
