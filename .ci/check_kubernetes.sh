#!/usr/bin/env bash
# Checks conf/kubernetes against the API's schemas. Its last output is .ci/check_kubernetes.txt. Half a minute.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python3 -m venv "$home/target/kubernetes"
"$home/target/kubernetes/bin/pip" install --quiet kubernetes-validate==1.37.0
"$home/target/kubernetes/bin/python" "$home/.ci/check_kubernetes.py"
