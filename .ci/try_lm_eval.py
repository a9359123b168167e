"""Checks that lm-evaluation-harness scores an export as `lorashear evaluate` scored the model.

    pip install lm-eval torch transformers
    python .ci/try_lm_eval.py EXPORT RESULTS ARC.jsonl

RESULTS is results.json of `evaluate` with tasks=[arc_easy] and limit=100; ARC.jsonl is ARC-Easy-Test.jsonl.
The task is arc_easy of the harness, read from that file, because nothing is downloaded.
"""

import importlib.metadata
import json
import sys
import tempfile
from pathlib import Path

import lm_eval
from lm_eval.tasks import TaskManager

from tried import SHAPES, model, record

TASK = r"""
task: arc_easy_local
dataset_path: json
dataset_kwargs: {data_files: {test: FILE}}
output_type: multiple_choice
test_split: test
doc_to_text: "Question: {{question.stem}}\nAnswer:"
doc_to_target: "{{(question.choices | map(attribute='label') | list).index(answerKey)}}"
doc_to_choice: "{{question.choices | map(attribute='text') | list}}"
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
"""

export, results, questions = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "arc.yaml").write_text(TASK.replace("FILE", str(Path(questions).resolve())))
    scored = lm_eval.simple_evaluate(
        model="hf",
        model_args={"pretrained": export, "trust_remote_code": True, "dtype": "float32"},
        tasks=["arc_easy_local"],
        task_manager=TaskManager(include_path=folder, include_defaults=False),
        limit=100,
        device="cpu",
        batch_size=64,
        bootstrap_iters=0,
    )
theirs = scored["results"]["arc_easy_local"]
ours = json.loads(Path(results).read_text())["results"]["arc_easy"]
config = json.loads((Path(export) / "config.json").read_text())
config["model_type"] = config.get("base_model_type", config["model_type"])
shape = next(s for s in SHAPES[::-1] if export.rstrip("/").endswith("-" + s))
figures = [(name, theirs[name], ours[name]) for name in ("acc,none", "acc_norm,none")]
same = all(abs(x - y) < 1e-9 for _, x, y in figures)
detail = "; ".join(f"{name.split(',')[0]} {x:.2f}, evaluate {y:.2f}, 100 questions" for name, x, y in figures)
version = importlib.metadata.version("lm-eval")
record("lm-eval", version, "hf", model(config), shape, "same" if same else "differs", detail)
