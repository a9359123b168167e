#!/usr/bin/env bash
# Compares PrunedLoRA with plain LoRA of its final rank, and with components that are removed by magnitude or at
# random: each on the same rows of instructions, with the same steps, three seeds.
#   .ci/compare_ranks.sh MODEL CORPUS OUT
# CORPUS was published by tokenize and has no source but alpaca. OUT gets one small file per run, which is kept, so that
# the run is skipped when the script is called again, and table.md: the held-out loss of each, nats a token. 14 runs of
# 128 steps take some 70 minutes on two cores with SmolLM2-135M; STEPS, EVERY (steps between two events) and SEEDS make
# it shorter. LORASHEAR names the program, bin/lorashear by default.
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,9s/^# //p' "$0"; exit 2; }
model=$1 corpus=$2 out=$3
program=${LORASHEAR:-$(dirname "$0")/../bin/lorashear}
rank=4 start=32 # s = alpha / start = 1 for all
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
cat > "$work/lora.yaml" << YAML
checkpoint: $model
base: ${BASE:-HuggingFaceTB/SmolLM2-135M-Instruct}
corpus: $corpus
output: $work/adapter
stage: instruct
rows: 256
steps: ${STEPS:-128}
validationRows: ${VALIDATION_ROWS:-48}
validations: 1
lora: {rank: $rank, alpha: $rank}
train: {rows: 1, learningRate: 2e-3, schedule: cosine, warmup: 0.1, saveEvery: 1000}
YAML
learn() { # name, seed, rate, score or none
  local file=$out/$1-$3-seed-$2.json settings=(--set "seed=$2" --set "train.learningRate=$3")
  [ -s "$file" ] && return
  [ "$4" = none ] || settings+=(--set "lora.alpha=$start" --set "prunedLora.startRank=$start" --set prunedLora.every=${EVERY:-4} --set "prunedLora.score=$4")
  "$program" lora --config "$work/lora.yaml" --overwrite "${settings[@]}" > "$work/said.txt" 2> "$work/progress.txt" < /dev/null ||
    { cat "$work/progress.txt" >&2; exit 1; }
  cp "$work/adapter/training.json" "$file.part"
  mv "$file.part" "$file"
}
# The rate of each is the better of two, by the first seed; controls take that of the gradient's score.
better() { # name
  python3 - "$out" "$1" << 'PYTHON'
import json, pathlib, sys
runs = {}
for file in pathlib.Path(sys.argv[1]).glob(f"{sys.argv[2]}-*-seed-1.json"):
    last = json.loads(file.read_text())["validations"][-1]
    runs[last["meanLoss"]] = file.name.removeprefix(f"{sys.argv[2]}-").removesuffix("-seed-1.json")
print(runs[min(runs)])
PYTHON
}
for rate in 2e-3 5e-3; do
  learn plain 1 "$rate" none
  learn gradient 1 "$rate" gradient
done
for seed in ${SEEDS:-1 2 3}; do
  learn plain "$seed" "$(better plain)" none
  for score in gradient magnitude random; do
    learn "$score" "$seed" "$(better gradient)" "$score"
  done
done
python3 - "$out" << 'PYTHON' | tee "$out/table.md"
import json, pathlib, statistics, sys
runs, before = {}, None
for file in sorted(pathlib.Path(sys.argv[1]).glob("*-seed-*.json")):
    name, seed = file.stem.rsplit("-seed-", 1)
    training = json.loads(file.read_text())
    before = training["validations"][0]["meanLoss"]
    runs.setdefault(name, {})[int(seed)] = (training["validations"][-1]["meanLoss"], sorted(set(training["ranks"].values())))
print(f"Held-out loss, nats a token; before training {before:.4f}.\n")
drawn = sorted({seed for seeds in runs.values() for seed in seeds})
print("| | ranks |" + "".join(f" seed {seed} |" for seed in drawn) + " mean |\n|---|---|" + "---:|" * (len(drawn) + 1))
for name, seeds in sorted(runs.items(), key=lambda run: (-len(run[1]), statistics.mean(loss for loss, _ in run[1].values()))):
    ranks = sorted({rank for _, ranks in seeds.values() for rank in ranks})
    cells = [f"{seeds[seed][0]:.4f}" if seed in seeds else "" for seed in drawn]
    mean = f"{statistics.mean(loss for loss, _ in seeds.values()):.4f}" if len(seeds) == len(drawn) else ""
    print(f"| {name} | {', '.join(map(str, ranks))} | {' | '.join(cells)} | {mean} |")
PYTHON
