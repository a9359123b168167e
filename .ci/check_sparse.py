"""Checks 2:4 matrices of `export --for compressed-tensors` in that library itself.

    python3 -m venv DIR && DIR/bin/pip install torch==2.7.1 transformers==4.57.6 compressed-tensors==0.14.0.1
    DIR/bin/python .ci/check_sparse.py FOLDER LORASHEAR

Makes small models of several families in FOLDER, with two of every four weights of their matrices zero.
From LORASHEAR's export in each number type, the library must restore every tensor, bit for bit; when
it stores the same matrices itself, values, bits and shapes must be the same; and transformers must
load the folder with the model's logits. Exits with 1 if one of these fails.
"""

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path

import compressed_tensors
import torch
import transformers
from compressed_tensors.compressors import ModelCompressor
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging

SIZES = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 44,  # 44 bits do not fill their last byte
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
FAMILIES = {
    "llama": {"tie_word_embeddings": True},
    "qwen2": {},
    "qwen3": {"head_dim": 8},
    "phi3": {},
    "gpt_neox": {},
    "mixtral": {"num_local_experts": 4, "num_experts_per_tok": 2},
}
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
WHOLE = ("lm_head", "embed_out", "gate")


def make(family, folder):
    """A model of random weights, two of four neighbours the smallest and zero."""
    torch.manual_seed(0)
    sizes = SIZES if family != "gpt_neox" else {k: n for k, n in SIZES.items() if k != "num_key_value_heads"}
    config = AutoConfig.for_model(family, **sizes, **FAMILIES[family])
    model = AutoModelForCausalLM.from_config(config).float()
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.Linear) and name.split(".")[-1] not in WHOLE:
                groups = module.weight.normal_(std=0.2).view(-1, 4)
                groups.scatter_(1, groups.abs().topk(2, largest=False).indices, 0.0)
    model.save_pretrained(folder)
    return model.eval()


def tensors(exported, dense):
    """What the library gives back of the folder, and what it would store of the same matrices."""
    compressor = ModelCompressor.from_pretrained(str(exported)).sparsity_compressor
    read = dict(compressor.decompress(str(exported)))
    if read.keys() != dense.keys():
        return f"names differ: {sorted(read.keys() ^ dense.keys())[:4]}"
    for name, tensor in dense.items():
        if read[name].dtype != tensor.dtype or not torch.equal(read[name], tensor):
            return f"{name} differs"
    stored = load_file(exported / "model.safetensors")
    packed = [name[: -len(".bitmask")] for name in stored if name.endswith(".bitmask")]
    for stem in packed:
        for name, tensor in compressor.compress_weight(stem, dense[stem + ".weight"]).items():
            if not torch.equal(stored[name], tensor) or stored[name].dtype != tensor.dtype:
                return f"{name} is stored otherwise"
    for name, tensor in dense.items():
        if tensor.dim() == 2 and "layers" in name and name[:-7] not in packed and not name.endswith("gate.weight"):
            return f"{name} is stored whole"
    return None


def logits(exported, model, kind):
    """The largest difference, of the same numbers in the same type."""
    ids = torch.arange(24).view(2, 12)
    loaded = AutoModelForCausalLM.from_pretrained(exported, dtype=kind).eval()
    with torch.inference_mode():
        return (loaded.to(kind)(ids).logits - copy.deepcopy(model).to(kind)(ids).logits).abs().max().item()


def check(family, root, lorashear):
    model = make(family, root / family)
    weights = load_file(root / family / "model.safetensors")
    for kind, dtype in TYPES.items():
        exported = root / f"{family}-{kind}"
        subprocess.run(
            [lorashear, "export", root / family, "--out", exported, "--for", "compressed-tensors", "--type", kind],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        settings = json.loads((exported / "config.json").read_text())["quantization_config"]
        wrong = tensors(exported, {name: x.to(dtype) for name, x in weights.items()})
        distance = logits(exported, model, dtype) if wrong is None else float("nan")
        fits = wrong is None and distance == 0
        print(
            f"{family} {kind}: {settings['sparsity_config']['format']},"
            f" {wrong or 'every tensor the same'}, logits {distance:.1e} apart: {'good' if fits else 'WRONG'}"
        )
        if not fits:
            return False
    return True


def main(root, lorashear):
    logging.set_verbosity_error()
    print(f"compressed-tensors {compressed_tensors.__version__}, transformers {transformers.__version__}")
    shutil.rmtree(root, ignore_errors=True)
    good = [check(family, root, lorashear) for family in FAMILIES]
    sys.exit(0 if all(good) else 1)


main(Path(sys.argv[1]), sys.argv[2])
