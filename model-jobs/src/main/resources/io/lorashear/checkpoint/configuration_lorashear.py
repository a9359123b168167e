"""A Llama's configuration whose layers differ, for programs that read `block_configs` as objects.

    block_configs[i].attention.no_op, .attention.n_heads_in_group, .ffn.no_op, .ffn.intermediate_size
"""

from types import SimpleNamespace

from transformers import LlamaConfig


def block(parts):
    return SimpleNamespace(**{name: SimpleNamespace(**own) for name, own in parts.items()})


def parts(block):
    return {name: vars(own) for name, own in vars(block).items()}


class DeciLMConfig(LlamaConfig):
    """A Llama's fields, and `block_configs`: one entry a layer."""

    model_type = "nemotron-nas"

    def __setattr__(self, name, value):
        if name == "block_configs":
            value = [block(one) if isinstance(one, dict) else one for one in value]
        super().__setattr__(name, value)

    def to_dict(self):
        return super().to_dict() | {"block_configs": [parts(one) for one in getattr(self, "block_configs", [])]}
