"""Compares scaled rotary positions with transformers itself.

    python3 -m venv DIR && DIR/bin/pip install torch==2.7.1 transformers==5.24.0
    DIR/bin/python .ci/check_rotary.py FOLDER LORASHEAR

Makes small models in FOLDER whose weights follow a formula, for each family that transformers
scales in this way, with YaRN and with dynamic scaling, with config.json in the old and in the new
form. For texts longer than the original length, and if the scaling depends on the length also for
shorter ones, whole and token by token with the cache, `LORASHEAR verify` must agree within 1e-4.
Exits with 1 if it does not.
"""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging

FIRST = 16
SHORT, LONG = FIRST - 4, FIRST + 13
SIZES = {
    "vocab_size": 32,
    "hidden_size": 32,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": FIRST}
DEEPSEEK = YARN | {"beta_fast": 4.0, "beta_slow": 0.5, "mscale": 0.7, "mscale_all_dim": 1.3}
DYNAMIC = {"rope_type": "dynamic", "factor": 2.5}
MODELS = {  # family, its own fields, scaling, positions
    "llama-yarn": ("llama", {}, YARN, 64),
    "llama-deepseek": ("llama", {}, DEEPSEEK, 64),
    "llama-dynamic": ("llama", {}, DYNAMIC, FIRST),
    "mistral-yarn": ("mistral", {"sliding_window": 9}, YARN | {"truncate": False}, 64),
    "mixtral-yarn": ("mixtral", {"head_dim": 8, "num_local_experts": 3}, YARN, 64),
    "qwen2-yarn": ("qwen2", {}, YARN, FIRST),  # as Qwen2.5's card says: positions as before
    "qwen3-dynamic": ("qwen3", {"head_dim": 12}, DYNAMIC, FIRST),
    "gemma-yarn": ("gemma", {"head_dim": 8}, YARN | {"attention_factor": 1.3}, 64),
    "gemma2-dynamic": ("gemma2", {"head_dim": 8, "sliding_window": 9}, DYNAMIC, FIRST),
    "olmo2-yarn": ("olmo2", {}, YARN, 64),
    "gpt_neox-dynamic": ("gpt_neox", {"rotary_pct": 0.75, "num_key_value_heads": None}, DYNAMIC, FIRST),
}


def formula(parameter, number):
    i = torch.arange(parameter.numel(), dtype=torch.float64)
    wave = (0.3 * torch.sin(0.37 * i * i + number)).reshape(parameter.shape)
    return wave + 1 if parameter.dim() == 1 else wave


def fresh(config):
    """A model that has seen no text: dynamic scaling keeps the longest it has seen."""
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    for number, (_, parameter) in enumerate(sorted(model.named_parameters())):
        parameter.copy_(formula(parameter, number))
    return model


def figures(config, length):
    rows = [[(5 * t * t + 3 * t + first) % 32 for t in range(length)] for first in (1, 2)]
    logits = fresh(config)(torch.tensor(rows)).logits
    cached = []
    for row in rows:
        model, past = fresh(config), None
        for token in row:
            out = model(torch.tensor([[token]]), past_key_values=past, use_cache=True)
            past = out.past_key_values
        cached.append(out.logits[0, -1].tolist())
    return {
        "ids": rows,
        "logits_last": logits[:, -1].tolist(),
        "logits_last_cached": cached,
        "logits_sum_per_position": logits.sum(-1).tolist(),
        "loss_next_token_mean": torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), torch.tensor(rows)[:, 1:].flatten()
        ).item(),
    }


def old_style(folder):
    """config.json as transformers 4 writes it."""
    file = folder / "config.json"
    config = json.loads(file.read_text())
    rotary = config.pop("rope_parameters")
    config["rope_theta"] = rotary.pop("rope_theta")
    if "partial_rotary_factor" in rotary:
        config["partial_rotary_factor"] = rotary.pop("partial_rotary_factor")
    rotary["type"] = rotary.pop("rope_type")
    config["rope_scaling"] = rotary
    file.write_text(json.dumps(config, indent=2))


def make(folder, family, own, scaling, positions):
    rotary = scaling | {"rope_theta": 100.0}
    fields = SIZES | own | {"max_position_embeddings": positions, "rope_parameters": rotary}
    known = {name: value for name, value in fields.items() if value is not None}
    config = AutoConfig.for_model(family, **known)
    fresh(config).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    for length in (SHORT, LONG) if scaling is DYNAMIC else (LONG,):
        (folder / f"expected-{length}.json").write_text(json.dumps(figures(config, length)))


def verify(lorashear, folder):
    agrees = True
    for expected in sorted(folder.glob("expected-*.json")):
        command = [*lorashear, "verify", str(folder), "--expected", str(expected)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            print(run.stdout, run.stderr, sep="\n")
            agrees = False
    return agrees


def main():
    folder, lorashear = Path(sys.argv[1]), sys.argv[2:]
    torch.set_grad_enabled(False)
    warnings.simplefilter("ignore", FutureWarning)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    off = []
    for number, (name, (family, own, scaling, positions)) in enumerate(MODELS.items()):
        make(folder / name, family, own, scaling, positions)
        if number % 2:
            old_style(folder / name)
        agrees = verify(lorashear, folder / name)
        print(f"{name}: {'within 1e-4' if agrees else 'OFF'}")
        off += [] if agrees else [name]
    sys.exit(f"off: {', '.join(off)}" if off else 0)


main()
