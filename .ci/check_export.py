"""Reads an exported Hugging Face directory as other programs do, sharing no code with ours.

    python3 -m venv DIR && DIR/bin/pip install numpy==2.2.6 safetensors==0.6.2
    DIR/bin/python .ci/check_export.py EXPORT [expected.json]

EXPORT must have even widths: its tensors must be exactly those that the plain fields of config.json
describe. With expected.json (ids, and logits_last for each row), a Llama, Mistral, Qwen2 or Qwen3 is
computed in float64 from these fields, and its logits must agree within 1e-4.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open

ARCHITECTURES = {"llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2", "qwen3": "Qwen3"}


def biases(config):
    """Which projections have one: those of q, k and v, that of o, those of the MLP."""
    attention = config.get("attention_bias", False)
    return config["model_type"] == "qwen2" or attention, attention, config.get("mlp_bias", False)


def described(config):
    """Names and shapes that stock transformers builds from the plain fields."""
    hidden, dim, wide = config["hidden_size"], config["head_dim"], config["intermediate_size"]
    queries, keys = config["num_attention_heads"] * dim, config["num_key_value_heads"] * dim
    shapes = {"model.embed_tokens.weight": (config["vocab_size"], hidden), "model.norm.weight": (hidden,)}
    inner, outer, mlp = biases(config)
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (config["vocab_size"], hidden)
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"{at}{norm}.weight"] = (hidden,)
        for norm in ("q_norm", "k_norm") if config["model_type"] == "qwen3" else ():
            shapes[f"{at}self_attn.{norm}.weight"] = (dim,)
        for name, rows, columns, biased in (
            ("self_attn.q_proj", queries, hidden, inner),
            ("self_attn.k_proj", keys, hidden, inner),
            ("self_attn.v_proj", keys, hidden, inner),
            ("self_attn.o_proj", hidden, queries, outer),
            ("mlp.gate_proj", wide, hidden, mlp),
            ("mlp.up_proj", wide, hidden, mlp),
            ("mlp.down_proj", hidden, wide, mlp),
        ):
            shapes[f"{at}{name}.weight"] = (rows, columns)
            if biased:
                shapes[f"{at}{name}.bias"] = (rows,)
    return shapes


def logits(config, weights, ids):
    """Logits at the last position: ids (T,) to (vocabulary,)."""
    dim, length = config["head_dim"], len(ids)
    share = config["num_attention_heads"] // config["num_key_value_heads"]

    def norm(x, name):
        scale = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + config["rms_norm_eps"])
        return x / scale * weights[f"{name}.weight"]

    def linear(x, name):
        return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0)

    def heads(x, name=""):
        x = x.reshape(length, -1, dim).transpose(1, 0, 2)  # (heads, T, dim)
        return norm(x, name) if f"{name}.weight" in weights else x

    frequencies = config["rope_theta"] ** (-np.arange(0, dim, 2) / dim)
    angles = np.outer(np.arange(length), np.tile(frequencies, 2))  # (T, dim)

    def rotate(x):
        halves = np.concatenate([-x[..., dim // 2 :], x[..., : dim // 2]], axis=-1)
        return x * np.cos(angles) + halves * np.sin(angles)

    window = config.get("sliding_window") if config.get("use_sliding_window", True) else None
    back = np.subtract.outer(np.arange(length), np.arange(length))  # query, key
    hidden = np.where((back < 0) | (back >= (window or length)), -np.inf, 0)

    x = weights["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        n = norm(x, at + "input_layernorm")
        q = rotate(heads(linear(n, at + "self_attn.q_proj"), at + "self_attn.q_norm"))
        k = rotate(heads(linear(n, at + "self_attn.k_proj"), at + "self_attn.k_norm")).repeat(share, axis=0)
        v = heads(linear(n, at + "self_attn.v_proj")).repeat(share, axis=0)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(dim) + hidden
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = scores / scores.sum(axis=-1, keepdims=True) @ v  # (heads, T, dim)
        x = x + linear(mixed.transpose(1, 0, 2).reshape(length, -1), at + "self_attn.o_proj")
        n = norm(x, at + "post_attention_layernorm")
        gate = linear(n, at + "mlp.gate_proj")
        x = x + linear(gate / (1 + np.exp(-gate)) * linear(n, at + "mlp.up_proj"), at + "mlp.down_proj")
    head = "model.embed_tokens" if config["tie_word_embeddings"] else "lm_head"
    return norm(x, "model.norm")[-1] @ weights[f"{head}.weight"].T


def main(export, expected=None):
    config = json.loads((Path(export) / "config.json").read_text())
    assert "per_layer_config" not in config, "widths differ by layer: no other program reads it"
    architecture = f"{ARCHITECTURES[config['model_type']]}ForCausalLM"
    assert config["architectures"] == [architecture], config["architectures"]
    assert not config.get("rope_scaling"), "scaled rotary frequencies are not computed here"
    with safe_open(Path(export) / "model.safetensors", framework="np") as file:
        assert file.metadata() == {"format": "pt"}, file.metadata()
        weights = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}
    assert {name: array.shape for name, array in weights.items()} == described(config)
    print(f"{export}: {len(weights)} tensors are those of the plain fields")
    if expected:
        reference = json.loads(Path(expected).read_text())
        for ids, last in zip(reference["ids"], reference["logits_last"], strict=True):
            worst = np.abs(logits(config, weights, ids) - last).max()
            assert worst < 1e-4, f"logits differ by {worst}"
            print(f"{export}: logits of {len(ids)} tokens differ by at most {worst:.1e}")


main(*sys.argv[1:])
