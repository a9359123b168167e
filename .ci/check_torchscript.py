"""Checks TorchScript files in Python's own PyTorch, with their cache of earlier tokens and without.

    python3 -m venv DIR && DIR/bin/pip install torch==2.7.1 numpy
    DIR/bin/python .ci/check_torchscript.py model-jobs/target/torchscript

The folder is what TorchScriptPastTest leaves: of every family, cut to free widths, model.pt in
float32 with the tokens our own generation chose, and in bfloat16. Of the longer text 32 tokens
chosen by forward_with_past must be those that forward chooses of the whole text and those of ours,
and the logits within 1e-4 of forward's; in bfloat16 within 2 % of the largest. Two texts that go on
from one past must not disturb each other. Exits with 1 where that is not so.
"""

import json
import sys
from pathlib import Path

import torch


def greedy(model, prompt, count):
    """The tokens, and how far off logits were at most, as a share of the largest."""
    text, past, ids, far = torch.tensor([prompt]), [], torch.tensor([prompt]), 0.0
    for _ in range(count):
        logits, past = model.forward_with_past(ids, past)
        whole = model(text)[:, -1:]
        assert logits.shape == whole.shape, (logits.shape, whole.shape)
        assert whole.isfinite().all(), whole
        far = max(far, float((logits - whole).abs().max() / whole.abs().max().clamp(min=1)))
        ids = whole.argmax(-1)
        if logits.argmax(-1) != ids and model.is_float32:
            raise SystemExit(f"token {text.shape[1]} is {logits.argmax(-1)}, of the whole {ids}")
        text = torch.cat([text, ids], 1)
    return text[0, len(prompt) :].tolist(), far


def branches(model, prompt):
    _, past = model.forward_with_past(torch.tensor([prompt]), [])
    first, _ = model.forward_with_past(torch.tensor([[5]]), past)
    model.forward_with_past(torch.tensor([[6, 7]]), past)
    again, _ = model.forward_with_past(torch.tensor([[5]]), past)
    return torch.equal(first, again)


def main(folder):
    torch._C._set_graph_executor_optimize(False)  # every length is new: it would compile for each
    torch.set_num_threads(1)
    failed = 0
    families = sorted(Path(folder).glob("*/expected.json"))
    if not families:
        sys.exit(f"{folder} has no */expected.json: run mvn verify with the reference material first")
    for expected in families:
        family = expected.parent.name
        told = json.loads(expected.read_text())
        for name, close in ((family, 1e-4), (family + "-bf16", 2e-2)):
            model = torch.jit.load(expected.parent.parent / name / "model.pt")
            model.is_float32 = name == family
            with torch.inference_mode():
                tokens, far = greedy(model, told["prompt"], len(told["greedy"]))
                good = far <= close and branches(model, told["prompt"])
                good &= name != family or tokens == told["greedy"]
            print(f"{'ok' if good else 'WRONG':5} {name:20} logits within {far:.1e}")
            failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
