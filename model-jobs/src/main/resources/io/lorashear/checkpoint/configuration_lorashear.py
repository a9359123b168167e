"""A Llama's configuration whose layers differ, for programs that read `block_configs` as objects.

    block_configs[i].attention.no_op, .attention.n_heads_in_group, .ffn.no_op, .ffn.intermediate_size
"""

from types import SimpleNamespace

from transformers import LlamaConfig


class DeciLMConfig(LlamaConfig):
    """A Llama's fields, and `block_configs`: one entry a layer."""

    model_type = "nemotron-nas"

    @property
    def block_configs(self):
        return self.__dict__["block_configs"]

    @block_configs.setter
    def block_configs(self, blocks):
        self.__dict__["block_configs"] = [
            block if isinstance(block, SimpleNamespace) else SimpleNamespace(**{part: SimpleNamespace(**own) for part, own in block.items()})
            for block in blocks
        ]

    def to_dict(self):
        fields = super().to_dict()
        fields["block_configs"] = [{part: vars(own) for part, own in vars(block).items()} for block in self.block_configs]
        return fields
