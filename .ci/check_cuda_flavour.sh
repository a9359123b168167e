#!/usr/bin/env bash
# Tests PyTorch with CUDA by docs/gpu.md's recipe, on a machine without a GPU: it must load, prune, recover and give the same results.
#   .ci/check_cuda_flavour.sh MODEL OUT [TORCH]
# MODEL is the folder of a small model, for example the one that the demo keeps in the cache folder. TORCH is the value
# of LORASHEAR_TORCH; without it, pip installs PyTorch in OUT/venv (5 GB). A library in place of NVIDIA's driver
# answers 100, no device, to every call. Without a driver PyTorch is called as for the CPU; the script tests this
# too. LORASHEAR names the program, bin/lorashear by default; gcc and nm are needed. Output of the last run:
# check_cuda_flavour.txt.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,8s/^# //p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
model=$(realpath "$1") out=$2 torch=${3:-}
program=${LORASHEAR:-$here/../bin/lorashear}
rm -rf "$out"/{jars,cuda,none,documents,corpus,driver,other}*
mkdir -p "$out"
out=$(realpath "$out")
log=$out/log.txt
: > "$log"
failed() { echo "FAILED: $*" >&2; exit 1; }
run() { "$program" "$@" < /dev/null >> "$log" 2>&1 || { tail -5 "$log" >&2; failed "$1"; }; }
expect() { grep -qF -e "$2" "$1" || { cat "$1" >&2; failed "nothing says: $2"; }; }

if [ -z "$torch" ]; then
  [ -d "$out/venv" ] || { python3 -m venv "$out/venv" && "$out/venv/bin/pip" install --quiet torch==2.7.1; }
  torch=$("$out/venv/bin/python" -c "import torch; print(torch.__path__[0])")
fi

# driver NAME ANSWER: a libcuda.so.1 with every function that PyTorch, CUDA's libraries or doctor call.
driver() {
  mkdir -p "$out/driver-$1"
  {
    find "$torch/lib" "$torch/../nvidia" -name '*.so*' -exec nm -D --undefined-only {} + 2> /dev/null |
      awk '{print $2}' | sed 's/@.*//' | grep -E '^cu[A-Z]'
    printf 'cu%s\n' Init DriverGetVersion DeviceGetCount DeviceGet DeviceGetName DeviceTotalMem_v2 DeviceGetAttribute
  } | sort -u | grep -v '^cuFile' | awk -v answer="$2" '{
      if (answer == "gpu" && $0 == "cuInit") print "int cuInit(int f) { return 0; }"
      else if (answer == "gpu" && $0 == "cuDriverGetVersion") print "int cuDriverGetVersion(int *v) { *v = 12080; return 0; }"
      else if (answer == "gpu" && $0 == "cuDeviceGetCount") print "int cuDeviceGetCount(int *n) { *n = 1; return 0; }"
      else if (answer == "gpu" && $0 == "cuDeviceGet") print "int cuDeviceGet(int *d, int i) { *d = i; return 0; }"
      else if (answer == "gpu" && $0 == "cuDeviceGetName")
        print "char *strncpy(char *, const char *, unsigned long);\nint cuDeviceGetName(char *n, int l, int d) { strncpy(n, \"Stand-in\", l); return 0; }"
      else if (answer == "gpu" && $0 == "cuDeviceTotalMem_v2")
        print "int cuDeviceTotalMem_v2(unsigned long *b, int d) { *b = 80000000000; return 0; }"
      else if (answer == "gpu" && $0 == "cuDeviceGetAttribute")
        print "int cuDeviceGetAttribute(int *v, int a, int d) { *v = a == 75 ? 9 : 0; return 0; }"
      else print "int " $0 "(void) { return 100; }"
    }' > "$out/driver-$1/stub.c"
  gcc -w -shared -fPIC -Wl,-soname,libcuda.so.1 -o "$out/driver-$1/libcuda.so.1" "$out/driver-$1/stub.c"
}
driver none 100
driver gpu gpu

# A corpus of this repository's own pages.
python3 - "$here/.." > "$out/pages.jsonl" << 'PAGES'
import json, pathlib, sys
root = pathlib.Path(sys.argv[1])
for page in sorted([*root.glob("*.md"), *root.glob("docs/*.md")]):
    print(json.dumps({"text": page.read_text(encoding="utf-8")}))
PAGES
cat > "$out/ingest.yaml" << YAML
sources: [{corpus: other, name: pages, paths: ["$out/pages.jsonl"], textField: text}]
tokenizer: $model
output: $out/documents
cleaning: {paragraphTokens: 0}
YAML
run ingest --config "$out/ingest.yaml"
cat > "$out/tokenize.yaml" << YAML
documents: $out/documents
tokenizer: $model/tokenizer.json
output: $out/corpus
sequenceLength: 64
YAML
run tokenize --config "$out/tokenize.yaml"
cat > "$out/prune.yaml" << YAML
checkpoint: $model
corpus: $out/corpus
output: $out/pruned
ratio: 0.2
rows: 16
lhspg: {warmupSteps: 4, periods: 2, stepsPerPeriod: 4, coolDownSteps: 4}
YAML
cat > "$out/recover.yaml" << YAML
checkpoint: $out/pruned
corpus: $out/corpus
output: $out/recovered
rows: 16
validations: 1
YAML

# line NAME: prunes, recovers and lets the result speak.
line() {
  run prune --config "$out/prune.yaml" --set output="$out/$1-pruned"
  run recover --config "$out/recover.yaml" --set checkpoint="$out/$1-pruned" --set output="$out/$1-recovered"
  "$program" generate "$out/$1-recovered" --prompt "The model" --tokens 24 > "$out/$1.text" 2>> "$log" < /dev/null
}
echo "PyTorch $(sed -n "s/^__version__ = '\(.*\)'/\1/p" "$torch/version.py"), CUDA $(sed -n "s/^cuda.*= '\(.*\)'/\1/p" "$torch/version.py")"

line jars
export LORASHEAR_TORCH=$torch
line none
export LD_LIBRARY_PATH=$out/driver-none${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
"$program" doctor > "$out/none.txt" 2>> "$log" || failed doctor
expect "$out/none.txt" "called as cu128"
expect "$out/none.txt" "NVIDIA's driver finds no GPU in this machine (error 100)"
grep -e ^pytorch -A 2 "$out/none.txt" | sed "s:$torch:TORCH:"
line cuda
for kind in jars none cuda; do
  echo "$kind: $(sha256sum < "$out/$kind-pruned/model.safetensors" | cut -c 1-16)" \
    "$(sha256sum < "$out/$kind-recovered/model.safetensors" | cut -c 1-16) $(tr '\n' ' ' < "$out/$kind.text")"
  cmp -s "$out/$kind.text" "$out/jars.text" || failed "$kind says something else than the jars' PyTorch"
done

code=0
"$program" generate "$model" --prompt a --device gpu > "$out/gpu.txt" 2>&1 || code=$?
[ $code = 2 ] || failed "--device gpu ended with $code"
expect "$out/gpu.txt" "--device is gpu, but no GPU can be used: NVIDIA's driver finds no GPU in this machine (error 100)"
"$program" generate "$model" --prompt a --tokens 1 2> "$out/auto.txt" > /dev/null
expect "$out/auto.txt" "no GPU is used: NVIDIA's driver finds no GPU in this machine (error 100)"
grep -h -e '--device is gpu' -e 'no GPU is used' "$out/gpu.txt" "$out/auto.txt"

# A driver that shows a GPU on which nothing can be computed.
export LD_LIBRARY_PATH=$out/driver-gpu
"$program" doctor > "$out/gpu-doctor.txt" 2>> "$log" || failed doctor
expect "$out/gpu-doctor.txt" "Stand-in, 80.0 GB, compute capability 9.0; the driver serves CUDA 12.8"
expect "$out/gpu-doctor.txt" "a small product on the GPU fails: "
grep -e '^gpu' -e 'small product' "$out/gpu-doctor.txt"

# Another version, which would crash.
mkdir -p "$out/other"
ln -sfn "$torch/lib" "$out/other/lib"
sed "s/^__version__ = .*/__version__ = '2.11.0+cu128'/" "$torch/version.py" > "$out/other/version.py"
code=0
LORASHEAR_TORCH=$out/other "$program" generate "$model" --prompt a 2> "$out/other.txt" > /dev/null || code=$?
[ $code = 2 ] || failed "another version ended with $code"
expect "$out/other.txt" "is 2.11.0+cu128, but the libraries of DJL that call it were built for 2.7.1"
echo "another version is refused; all as it should be"
