"""Checks small models of every family in every shape in transformers: they must compute the same there as here.

    python -m venv DIR && DIR/bin/pip install torch==2.7.1 transformers==5.24.0 peft==0.21.2 accelerate==1.15.0
    DIR/bin/pip install --no-deps --target FOUR transformers==4.57.6 huggingface_hub==0.36.2 tokenizers==0.22.1
    DIR/bin/python .ci/check_transformers.py make OUT MODEL…
    java -cp CLASSES .ci/Exports.java OUT/families OUT transformers
    DIR/bin/python .ci/check_transformers.py try OUT                      and with PYTHONPATH=FOUR

`make` puts copies of the small models MODEL… into OUT/families, and models of further families. `try` requires of each
export the same logits (1e-3), the same 32 greedy tokens with a cache, and no tensor missing or left over; if layers differ
also a step of PEFT, the same tokens with a static cache, and the same model after save_pretrained and loading; one such
model stays as OUT/back-VERSION. The results for the logits go into the table of docs/loading.md (see tried.py); any other
failure fails the check.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from tried import tries

SIZES = {
    "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    "intermediate_size": 96, "vocab_size": 320, "max_position_embeddings": 128, "tie_word_embeddings": False,
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}
YARN = {
    "rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 32,
    "llama_4_scaling_beta": 0.1, "mscale": 1.0, "mscale_all_dim": 1.0, "beta_fast": 32.0, "beta_slow": 1.0,
}
MISSING = {
    "gemma3": ("gemma3_text", {"sliding_window": 8, "query_pre_attn_scalar": 16, "layer_types": ["sliding_attention", "full_attention"]}),
    "ministral": ("ministral", {"sliding_window": 8, "layer_types": ["sliding_attention", "full_attention"]}),
    "ministral3": ("ministral3", {"rope_parameters": YARN}),
    "qwen3_moe": ("qwen3_moe", {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "norm_topk_prob": True}),
    "smollm3": ("smollm3", {"num_hidden_layers": 4, "no_rope_layers": [1, 1, 1, 0]}),
}
faults = []


def make(out, *models):
    folder = Path(out) / "families"
    for model in models:
        shutil.copytree(model, folder / Path(model).name, dirs_exist_ok=True)
    for name, (kind, own) in MISSING.items():
        torch.manual_seed(1)
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **(SIZES | own)))
        for number, parameter in enumerate(model.parameters()):
            parameter.data = parameter.data + 0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number))
        model.save_pretrained(folder / name)


def require(folder, true, what):
    if not true:
        faults.append(f"{folder.name}: {what}")


def load(folder, **more):
    return AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True, **more)


def last(model, rows):
    with torch.no_grad():
        return [model(torch.tensor([ids])).logits[0, -1].tolist() for ids in rows]


def apart(one, other):
    return max(abs(x - y) for a, b in zip(one, other, strict=True) for x, y in zip(a, b, strict=True))


def greedy(model, ids, count, **more):
    prompt = torch.tensor([ids])
    how = {"attention_mask": torch.ones_like(prompt), "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    tokens = model.generate(prompt, max_new_tokens=count, **how, **more)
    return tokens[0, len(ids) :].tolist()


def step(folder, model, rows):
    """One step of PEFT on every linear layer moves every pair."""
    tuned = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))
    pairs = {name: weight for name, weight in tuned.named_parameters() if weight.requires_grad}
    before = {name: weight.detach().clone() for name, weight in pairs.items()}
    optimizer = torch.optim.SGD(pairs.values(), lr=0.1)
    batch = torch.tensor(rows)
    loss = tuned(batch, labels=batch).loss
    loss.backward()
    optimizer.step()
    still = [name for name, weight in pairs.items() if torch.equal(weight, before[name]) and "expert" not in name]
    require(folder, pairs and not still and loss.isfinite(), f"a step of PEFT leaves {still[:3]} of {len(pairs)} as they were")


def again(folder, model, rows, expected):
    """Saved and loaded, it is the same model, and its configuration says all it said."""
    with tempfile.TemporaryDirectory() as parent:
        back = Path(parent) / folder.name
        model.save_pretrained(back)
        require(folder, apart(last(load(back), rows), expected) < 1e-5, "its logits are others after save_pretrained")
        before, after = (json.loads((at / "config.json").read_text()) for at in (folder, back))
        for field in ("model_type", "base_model_type", "architectures", "auto_map", "layer_widths"):
            require(folder, before[field] == after.get(field), f"{field} is {after.get(field)} after save_pretrained")


def uneven(folder, rows, expected, tokens):
    """What a model of its own kind must do beside its logits."""
    model = load(folder, device_map="cpu")
    require(folder, apart(last(model, rows), expected) < 1e-3, "its logits are others with a device_map")
    static = greedy(model, rows[0], len(tokens), cache_implementation="static")
    require(folder, static == tokens, f"a static cache gives {static}, not {tokens}")
    again(folder, model, rows, last(model, rows))
    step(folder, model, rows)


def figures(folder, rows):
    """The logits that the table tells of; all else is required."""
    expected = json.loads((folder.parent.parent / "model" / folder.name / "expected.json").read_text())
    model, told = load(folder, output_loading_info=True)
    require(folder, not any(told.values()), f"loading tells {told}")
    found = last(model, rows)
    tokens = greedy(model, rows[0], len(expected["greedy"]))
    require(folder, tokens == expected["greedy"], f"greedy tokens are {tokens}, not {expected['greedy']}")
    if folder.name.endswith(("-free", "-skip")) and "layer_widths" in model.config.to_dict():
        uneven(folder, rows, found, tokens)
    return found


def closed(folder):
    """Without its code it is not loaded, in transformers' own words; its tokenizer is, and texts go through."""
    try:
        AutoModelForCausalLM.from_pretrained(folder)
    except ValueError as failure:
        require(folder, "trust_remote_code=True" in str(failure), f"without its code it says {failure}")
    else:
        require(folder, False, "it loads without its code")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer("Once upon a time", return_tensors="pt")
    model = load(folder)
    model.save_pretrained(folder.parent.parent / f"back-{transformers.__version__}")
    text = tokenizer.decode(model.generate(**inputs, max_new_tokens=12, do_sample=False)[0])
    require(folder, "Once upon a time" in text, f"it says {text!r}")
    require(folder, tokenizer.eos_token is not None, "its tokenizer has no eos_token")


def main():
    command, *places = sys.argv[1:]
    torch.set_num_threads(1)  # models of a few thousand numbers
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if command == "make":
        return make(*places)
    out = Path(places[0])
    with tempfile.TemporaryDirectory() as modules:
        transformers.dynamic_module_utils.HF_MODULES_CACHE = modules
        tries(out, "transformers", "hf", "transformers", transformers.__version__, figures)
        for folder in sorted((out / "transformers").glob("stories*-free")):
            closed(folder)
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
