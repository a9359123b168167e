"""Tries exports for MLX-LM in MLX-LM, on Apple silicon or on Linux.

    pip install 'mlx[cpu]' mlx-lm
    python .ci/try_mlx.py OUT      OUT as .ci/Exports.java writes it
"""

import importlib.metadata
import sys

import mlx.core as mx
from mlx_lm.utils import load_model

from tried import tries


def logits(folder, rows):
    model, _ = load_model(folder, trust_remote_code=True)
    return [model(mx.array([ids]))[0, -1].astype(mx.float32).tolist() for ids in rows]


mx.set_default_device(mx.cpu)
tries(sys.argv[1], "mlx", "hf", "mlx", importlib.metadata.version("mlx-lm"), logits)
