"""GGUF files that another program writes, read back: names by the package gguf, numbers by safetensors.

    python3 -m venv DIR && DIR/bin/pip install numpy==2.2.6 safetensors==0.6.2 gguf==0.17.1
    DIR/bin/python .ci/check_gguf.py write MODEL FILE.gguf       a Hugging Face directory as GGUF
    DIR/bin/python .ci/check_gguf.py compare MODEL EXPORT        our export of that file, by tensors
    DIR/bin/python .ci/check_gguf.py types TOKENIZER FOLDER LORASHEAR
                                                                 GGUF files of ours in all types, by blocks

The tensor changes of llama.cpp's converter are repeated here in numpy: rows of Llama's queries and keys are
reordered, one is added to Gemma's norms, GPT-2's matrices are transposed, GPT-NeoX's heads are separated, Mixtral's experts are joined.

For types that the package quantises itself, every byte must be the same. For the others, which it only
reads, values must be nearer than in a plain type with as many bits; each tensor must have the type that
llama.cpp's quantiser chose for the same shapes.
"""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import gguf
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

ARCHITECTURES = {"mistral": "llama", "mixtral": "llama", "gpt_neox": "gptneox"}
PLAIN = {"Q4_K": "Q4_1", "Q5_K": "Q5_1", "Q6_K": "Q5_1"}
EXPECTED = {  # what llama.cpp's quantiser makes of the Llama below
    "f32": "20 F32",
    "f16": "5 F32 15 F16",
    "bf16": "5 F32 15 BF16",
    "q8_0": "5 F32 15 Q8_0",
    "q6_k": "5 F32 2 Q8_0 13 Q6_K",
    "q5_k_m": "5 F32 1 Q5_1 1 Q8_0 11 Q5_K 2 Q6_K",
    "q5_k_s": "5 F32 2 Q5_1 12 Q5_K 1 Q6_K",
    "q5_1": "5 F32 14 Q5_1 1 Q6_K",
    "q5_0": "5 F32 14 Q5_0 1 Q6_K",
    "q4_k_m": "5 F32 1 Q5_0 1 Q8_0 11 Q4_K 2 Q6_K",
    "q4_k_s": "5 F32 2 Q5_0 10 Q4_K 2 Q5_K 1 Q6_K",
    "q4_1": "5 F32 14 Q4_1 1 Q6_K",
    "q4_0": "5 F32 14 Q4_0 1 Q6_K",
}
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


def wide(tokenizer, folder):
    """A Llama whose rows fill blocks of 256, but for those of 416 channels."""
    r = np.random.default_rng(7)
    hidden, channels, keys = 256, 416, 128
    shapes = {"self_attn.q": (hidden, hidden), "self_attn.k": (keys, hidden), "self_attn.v": (keys, hidden)}
    shapes |= {"self_attn.o": (hidden, hidden), "mlp.gate": (channels, hidden), "mlp.up": (channels, hidden)}
    shapes |= {"mlp.down": (hidden, channels)}
    x = {"model.embed_tokens.weight": r.normal(size=(512, hidden)), "model.norm.weight": r.normal(1, 0.1, hidden)}
    for layer in ("model.layers.0.", "model.layers.1."):
        for name in ("input_layernorm", "post_attention_layernorm"):
            x[f"{layer}{name}.weight"] = r.normal(1, 0.1, hidden)
        for name, shape in shapes.items():
            x[f"{layer}{name}_proj.weight"] = r.standard_t(4, shape) / 16
    model = Path(folder) / "wide"
    model.mkdir(parents=True, exist_ok=True)
    save_file({name: value.astype(np.float32) for name, value in x.items()}, model / "model.safetensors")
    config = json.loads((Path(tokenizer) / "config.json").read_text())
    config |= {"hidden_size": hidden, "head_dim": 32, "num_hidden_layers": 2, "intermediate_size": channels}
    (model / "config.json").write_text(json.dumps(config))
    shutil.copy(Path(tokenizer) / "tokenizer.json", model)
    return model


def types(tokenizer, folder, lorashear):
    model, read = wide(tokenizer, folder), {}
    for kind in EXPECTED:
        out = Path(folder) / kind
        command = [lorashear, "export", model, "--out", out, "--for", "llama.cpp", "--type", kind]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        read[kind] = gguf.GGUFReader(out / f"model-{kind}.gguf")
    exact = {tensor.name: tensor.data for tensor in read["f32"].tensors}
    for kind, counts in EXPECTED.items():
        tensors = read[kind].tensors
        found = " ".join(f"{n} {t.name}" for t, n in sorted(Counter(x.tensor_type for x in tensors).items()))
        assert found == counts, f"{kind}: {found}, not {counts}"
        for tensor in tensors:
            check(kind, tensor, exact[tensor.name])
        print(f"{kind}: {len(tensors)} tensors ({found}) read by the package gguf")


def check(kind, tensor, exact):
    plain = PLAIN.get(tensor.tensor_type.name)
    if plain is None:
        expected = gguf.quants.quantize(exact, tensor.tensor_type)
        assert np.array_equal(tensor.data.view(np.uint8), expected.view(np.uint8)), f"{kind}: bytes of {tensor.name}"
        return
    other = gguf.GGMLQuantizationType[plain]
    coarse = gguf.quants.dequantize(gguf.quants.quantize(exact, other), other)
    ours = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    assert np.std(ours - exact) < np.std(coarse - exact), f"{kind}: {tensor.name} is less exact than {plain}"


{"write": write, "compare": compare, "types": types}[sys.argv[1]](*sys.argv[2:])
