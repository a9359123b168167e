#!/usr/bin/env bash
# check_notebooks.sh RUN [PYTHON] : runs all notebooks, without saved outputs, on the results of a run
# (check_notebooks.py). Without PYTHON it installs notebooks/requirements.txt into target/transformers.
# Pictures are left in target/notebooks.
set -euo pipefail
cd "$(dirname "$0")/.."
run=$(realpath "$1")
python=${2:-target/transformers/bin/python}

if [ $# -lt 2 ]; then
  mkdir -p target
  if ! { python3 -m venv target/transformers && $python -m pip install --quiet -r notebooks/requirements.txt; } \
    >target/notebooks-install.log 2>&1; then
    echo "NOTE: Python's packages of notebooks/requirements.txt could not be installed (target/notebooks-install.log); no notebook was run"
    exit 0
  fi
fi
"$python" .ci/check_notebooks.py "$run" target/notebooks
