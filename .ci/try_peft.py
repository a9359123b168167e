"""Tries adapters in PEFT, each on the model that its adapter_config.json names.

    pip install torch transformers peft
    python .ci/try_peft.py OUT      OUT as .ci/Exports.java writes it for transformers and peft
"""

import importlib.metadata
import logging
import sys

import torch
from peft import AutoPeftModelForCausalLM

from tried import tries


@torch.inference_mode()
def logits(folder, rows):
    model = AutoPeftModelForCausalLM.from_pretrained(folder, trust_remote_code=True, dtype=torch.float32)
    return [model.eval()(torch.tensor([ids])).logits[0, -1].tolist() for ids in rows]


logging.disable(logging.WARNING)
tries(sys.argv[1], "peft", "adapter", "peft", importlib.metadata.version("peft"), logits, "recovered")
