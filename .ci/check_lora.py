"""Checks adapters of `lorashear lora` in PEFT: plain, rsLoRA, with ranks that differ by module.

    pip install torch transformers peft
    python .ci/check_lora.py OUT bin/lorashear MODEL CORPUS [SETTING…]     CORPUS as tokenize wrote it

The logits must be those of the model that was written with the adapter merged, and not those of the model alone;
ranks and scales must be those of training.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoModelForCausalLM

ALPHA, START, RANK = 12, 12, 4
PRUNED = [f"prunedLora.startRank={START}", "prunedLora.every=3", "prunedLora.components=4"]
GLOBAL = [*PRUNED, "prunedLora.allocation=global"]
VARIANTS = {
    "plain": (["lora.rsLora=false"], ALPHA / RANK),
    "rslora": (["lora.rsLora=true"], ALPHA / math.sqrt(RANK)),
    "pruned": (PRUNED, ALPHA / START),
    "pruned-global": (GLOBAL, ALPHA / START),
    "pruned-global-rslora": ([*GLOBAL, "lora.rsLora=true"], ALPHA / math.sqrt(START)),
}


def train(out, program, model, corpus, settings):
    config = out.with_suffix(".yaml")
    config.write_text(f"checkpoint: {model}\ncorpus: {corpus}\noutput: {out}\n")
    common = ["merge=true", f"lora.alpha={ALPHA}", f"lora.rank={RANK}", "steps=12", "validationRows=2", "train.rows=1"]
    sets = [part for setting in [*common, *settings] for part in ("--set", setting)]
    subprocess.run([program, "lora", "--config", config, "--overwrite", *sets], check=True, stdout=subprocess.DEVNULL)


@torch.inference_mode()
def logits(model, ids):
    return model.eval()(ids).logits


def check(out, scale, ids, base):
    adapted = AutoPeftModelForCausalLM.from_pretrained(out, dtype=torch.float32, trust_remote_code=True)
    merged = AutoModelForCausalLM.from_pretrained(out / "merged", dtype=torch.float32, trust_remote_code=True)
    here, there = logits(adapted, ids), logits(merged, ids)
    difference = (here - there).abs().max().item()
    moved = (here - base).abs().max().item()
    ranks = json.loads((out / "training.json").read_text())["ranks"]
    layers = {name: layer for name, layer in adapted.base_model.model.named_modules() if hasattr(layer, "lora_A")}
    assert layers.keys() == ranks.keys(), (layers.keys() ^ ranks.keys())
    for name, layer in layers.items():
        assert layer.r["default"] == ranks[name], (name, layer.r, ranks[name])
        assert math.isclose(layer.scaling["default"], scale, rel_tol=1e-9), (name, layer.scaling, scale)
        assert layer.lora_B["default"].weight.shape[1] == ranks[name], name
    assert sum(ranks.values()) == RANK * len(ranks), ranks
    assert (len(set(ranks.values())) > 1) == ("global" in out.name), ranks
    assert difference < 1e-4 < moved, (difference, moved)
    print(f"{out.name}\tranks {min(ranks.values())} to {max(ranks.values())}\tscale {scale:.4f}\t"
          f"logits within {difference:.0e}; the adapter moves them by {moved:.1f}", flush=True)


def main(out, program, model, corpus, *settings):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    plain = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32, trust_remote_code=True)
    ids = torch.randint(3, plain.config.vocab_size, (2, 24), generator=torch.Generator().manual_seed(5))
    base = logits(plain, ids)
    for name, (own, scale) in VARIANTS.items():
        train(out / name, program, model, corpus, [*own, *settings])
        check(out / name, scale, ids, base)


main(*sys.argv[1:])
