"""GGUF files that another program writes, read back: names by the package gguf, numbers by safetensors.

    python3 -m venv DIR && DIR/bin/pip install numpy==2.2.6 safetensors==0.6.2 gguf==0.17.1
    DIR/bin/python .ci/check_gguf.py write MODEL FILE.gguf       a Hugging Face directory as GGUF
    DIR/bin/python .ci/check_gguf.py compare MODEL EXPORT        our export of that file, by tensors

What llama.cpp's converter does to tensors is done here in numpy: rows of Llama's queries and keys
reordered, one added to Gemma's norms, GPT-2's matrices turned, GPT-NeoX's heads taken apart, Mixtral's experts put together.
"""

import json
import re
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors import safe_open

ARCHITECTURES = {"mistral": "llama", "mixtral": "llama", "gpt_neox": "gptneox"}
EXPERT = re.compile(r"model\.layers\.(\d+)\.block_sparse_moe\.experts\.(\d+)\.(w\d)\.weight")


def tensors(directory):
    with safe_open(Path(directory) / "model.safetensors", framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}


def merged(found):
    """The experts of a layer in one tensor, under the name that the converter gives it."""
    whole = {name: x for name, x in found.items() if not EXPERT.fullmatch(name)}
    experts = {}
    for name, x in found.items():
        if match := EXPERT.fullmatch(name):
            layer, expert, kind = match.groups()
            experts.setdefault(f"layers.{layer}.feed_forward.experts.{kind}.weight", {})[int(expert)] = x
    return whole | {name: np.stack([parts[i] for i in range(len(parts))]) for name, parts in experts.items()}


def stored(name, x, config, kind, heads, dim):
    if kind in ("llama", "mistral", "mixtral") and ("q_proj" in name or "k_proj" in name):
        return x.reshape(-1, 2, dim // 2, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)
    if kind.startswith("gemma") and name.endswith("norm.weight"):
        return x + 1
    if kind == "gpt2" and x.ndim == 2 and ".c_" in name:
        return x.T
    if "query_key_value" in name:
        return x.reshape(heads, 3, dim, *x.shape[1:]).swapaxes(0, 1).reshape(x.shape)
    return x


def write(directory, path):
    config = json.loads((Path(directory) / "config.json").read_text())

    def field(*names):
        return next((config[name] for name in names if config.get(name) is not None), None)

    kind = config["model_type"]
    layers, hidden = field("num_hidden_layers", "n_layer"), field("hidden_size", "n_embd")
    heads = field("num_attention_heads", "n_head")
    dim = field("head_dim") or hidden // heads
    name = ARCHITECTURES.get(kind, kind)
    architecture = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == name)
    names = gguf.get_tensor_name_map(architecture, layers)

    out = gguf.GGUFWriter(path, name)
    out.add_block_count(layers)
    out.add_context_length(field("max_position_embeddings", "n_positions"))
    out.add_embedding_length(hidden)
    out.add_feed_forward_length(field("intermediate_size", "n_inner"))
    out.add_head_count(heads)
    for value, add in (
        (field("num_key_value_heads"), out.add_head_count_kv),
        (field("head_dim"), out.add_key_length),
        (field("head_dim"), out.add_value_length),
        (field("rms_norm_eps"), out.add_layer_norm_rms_eps),
        (field("layer_norm_eps", "layer_norm_epsilon"), out.add_layer_norm_eps),
        (field("rope_theta"), out.add_rope_freq_base),
        (field("sliding_window"), out.add_sliding_window),
        (field("num_local_experts"), out.add_expert_count),
        (field("num_experts_per_tok"), out.add_expert_used_count),
        (field("attn_logit_softcapping"), out.add_attn_logit_softcapping),
        (field("final_logit_softcapping"), out.add_final_logit_softcapping),
    ):
        if value is not None:
            add(value)
    if kind == "gpt_neox":
        out.add_rope_dimension_count(int(config["rotary_pct"] * dim))
        out.add_parallel_residual(config["use_parallel_residual"])
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list([f"t{i}" for i in range(config["vocab_size"])])
    out.add_token_merges([])
    for hf, x in merged(tensors(directory)).items():
        new = names.get_name(hf, try_suffixes=(".weight", ".bias"))
        assert new is not None, f"{hf} has no name in GGUF"
        out.add_tensor(new, np.ascontiguousarray(stored(hf, x, config, kind, heads, dim)))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def compare(directory, export):
    expected, found = tensors(directory), tensors(export)
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    worst = max(np.abs(found[name] - expected[name]).max() for name in expected)
    assert worst < 2e-7, f"numbers differ by {worst}"
    print(f"{export}: {len(found)} tensors of {directory}, through GGUF, differ by at most {worst:.1e}")


{"write": write, "compare": compare}[sys.argv[1]](*sys.argv[2:])
