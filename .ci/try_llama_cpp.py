"""Tries exports for llama.cpp in llama.cpp.

    pip install xllamacpp tokenizers
    python .ci/try_llama_cpp.py families FAMILIES COPY     the small models with a tokenizer, which GGUF needs, and
                                                           windows of 64 if llama.cpp supports none
    python .ci/try_llama_cpp.py try OUT                    OUT as .ci/Exports.java writes it of COPY
"""

import json
import math
import shutil
import sys
from itertools import product
from pathlib import Path

import xllamacpp
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from tried import tries

WINDOW = 64  # longer than the texts, which end there
GELU = 5e-3  # llama.cpp looks that function up in half precision


def tokenizer():
    """Of ASCII alone, so that every token has a text: the server tells no figures of others."""
    merges = list(product("etaoinsrhld", "etaoinsrhldcumfpgy"))
    vocabulary = {"<|endoftext|>": 0}
    for token in [chr(c) for c in range(33, 127)] + ["Ġ"] + ["".join(pair) for pair in merges]:
        vocabulary.setdefault(token, len(vocabulary))
    made = Tokenizer(models.BPE(vocabulary, merges))
    made.add_special_tokens(["<|endoftext|>"])
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return made


def families(source, copy):
    for family in sorted(Path(source).iterdir()):
        home = Path(copy) / family.name
        home.mkdir(parents=True)
        config = json.loads((family / "config.json").read_text())
        if config.get("sliding_window") and not config["model_type"].startswith("gemma"):
            config["sliding_window"] = WINDOW
        (home / "config.json").write_text(json.dumps(config | {"eos_token_id": 0}))
        shutil.copyfile(family / "model.safetensors", home / "model.safetensors")
        tokenizer().save(str(home / "tokenizer.json"))


def logits(folder, rows):
    p = xllamacpp.CommonParams()
    p.model.path, p.n_ctx, p.n_parallel, p.warmup, p.verbosity, p.cpuparams.n_threads = (
        str(next(folder.glob("*.gguf"))), 256, 1, False, 0, 2)  # fmt: skip
    p.cache_type_k = p.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    p.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    server = xllamacpp.Server(p)
    expected = json.loads((folder.parent.parent / "model" / folder.name / "expected.json").read_text())
    return [shifted(server, ids, last) for ids, last in zip(rows, expected["logits_last"], strict=True)]


def shifted(server, ids, expected):
    """The server tells the logits less the logarithm of their exponentials' sum; that is added, as it should be."""
    total = max(expected) + math.log(sum(math.exp(x - max(expected)) for x in expected))
    request = {"prompt": ids, "n_predict": 1, "n_probs": len(expected), "temperature": 0, "ignore_eos": True}
    content = server.handle_completions(request | {"cache_prompt": False})["choices"][0]["logprobs"]["content"]
    told = {top["id"]: top["logprob"] + total for top in content[0]["top_logprobs"]}
    return [told[token] for token in range(len(expected))]


if sys.argv[1] == "families":
    families(*sys.argv[2:])
else:
    tries(sys.argv[2], "llama.cpp", "gguf", "llama.cpp", "b11549", logits, largest=GELU)
