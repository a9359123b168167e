"""A model whose layers differ in their widths, for transformers 4.57 and 5.

    AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)

It is the family's own model of transformers, its layers built one by one: each sees the
configuration with its own entry of `layer_widths` in the place of the plain fields, as
{"num_attention_heads": 6, "num_key_value_heads": 2, "intermediate_size": 1228}. Experts of several
widths are a list. A part of a layer that is gone, {"skip": ["attention"]} or ["mlp"], adds
nothing, and the norms around it are gone as well.
"""

import torch
import transformers
from torch import nn
from transformers.activations import ACT2FN
from transformers.cache_utils import Cache
from transformers.generation import GenerationMixin
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING
from transformers.pytorch_utils import Conv1D

BASE = "llama"
if BASE not in CONFIG_MAPPING:
    raise ImportError(f"transformers {transformers.__version__} has no {BASE} models: take a newer one")
BaseConfig = CONFIG_MAPPING[BASE]
BaseForCausalLM = MODEL_FOR_CAUSAL_LM_MAPPING[BaseConfig]

ATTENTION, MLP = ("self_attn", "attention", "attn"), ("mlp", "block_sparse_moe")

# Norms that the attention alone uses, and those of the MLP: the first that a layer has.
NORMS = (
    (("input_layernorm", "post_attention_layernorm"), ("pre_feedforward_layernorm", "post_feedforward_layernorm")),
    (("post_attention_layernorm",), ("post_feedforward_layernorm",)),
    (("input_layernorm",), ("post_attention_layernorm",)),
    (("ln_1",), ("ln_2",)),
)

# Experts: fields for their widths and their number; gate, up and down as checkpoints name them.
EXPERTS = {
    "mixtral": ("intermediate_size", "num_local_experts", ("w1", "w3", "w2")),
    "qwen3_moe": ("moe_intermediate_size", "num_experts", ("gate_proj", "up_proj", "down_proj")),
}

# Families without head_dim: what their attention reads and writes by.
FUSED = {"gpt2": ("c_attn", "c_proj"), "gpt_neox": ("query_key_value", "dense")}


class LoRAShearConfig(BaseConfig):
    # The family's own fields, and `layer_widths`, first layer first.
    model_type = "lorashear"


class LayerConfig:
    """What one layer sees: its own fields, and the model's as they are at that moment."""

    def __init__(self, whole, own):
        names = self.attribute_map = whole.attribute_map
        self.whole, self.own = whole, {names.get(name, name): value for name, value in own.items()}

    def __getattr__(self, name):
        if name.startswith("__") or "own" not in self.__dict__:
            raise AttributeError(name)  # while it is being copied
        name = self.attribute_map.get(name, name)
        return self.own[name] if name in self.own else getattr(self.whole, name)


class NoAttention(nn.Module):
    """Adds nothing, and keeps a number a token in the cache, which tells by it how long a text is."""

    def __init__(self, attention):
        super().__init__()
        self.layer_idx = attention.layer_idx
        self.is_sliding = getattr(attention, "is_sliding", False)  # Gemma 3's layers ask for it

    def forward(self, hidden_states, *args, **kwargs):
        cache = next((value for value in (*args, *kwargs.values()) if isinstance(value, Cache)), None)
        if cache is not None:
            ones = torch.ones_like(hidden_states[:, None, :, :1])  # (B, 1, T, 1)
            cache.update(ones, ones, self.layer_idx, {"cache_position": kwargs.get("cache_position")})
        return torch.zeros_like(hidden_states), None


class NoMlp(nn.Module):
    """Adds nothing."""

    def forward(self, hidden_states):
        return torch.zeros_like(hidden_states)


class NoExperts(NoMlp):
    """Adds nothing, without a router's logits: the pair that transformers 4's Mixtral asks for."""

    def forward(self, hidden_states):
        return super().forward(hidden_states), None


class Expert(nn.Module):
    """down(f(gate(x)) · up(x))"""

    def __init__(self, hidden, width, activation):
        super().__init__()
        for name, (inner, outer) in zip(EXPERTS[BASE][2], ((hidden, width), (hidden, width), (width, hidden))):
            self.add_module(name, nn.Linear(inner, outer, bias=False))
        self.activation = ACT2FN[activation]

    def forward(self, x):
        gate, up, down = (getattr(self, name) for name in EXPERTS[BASE][2])
        return down(self.activation(gate(x)) * up(x))


class Experts(nn.ModuleList):
    """Experts of several widths, run one after the other."""

    def forward(self, x, chosen, weights):  # (tokens, hidden), (tokens, k), (tokens, k)
        y = torch.zeros_like(x)
        for number, expert in enumerate(self):
            token, place = torch.where(chosen == number)
            y = y.index_add(0, token, (expert(x[token]) * weights[token, place, None]).to(y.dtype))
        return y


def part(layer, names):
    """The name under which a layer has its attention or its MLP."""
    return next(name for name in names if name in layer._modules)


def remove(layer, names, nothing):
    """Puts `nothing` in the place of a part, and takes its norms away."""
    around = next(pair for pair in NORMS if all(hasattr(layer, norm) for norm in pair[0] + pair[1]))
    setattr(layer, part(layer, names), nothing)
    for norm in around[0 if names is ATTENTION else 1]:
        setattr(layer, norm, nn.Identity())


def rename(module, name, stored):
    """Keeps the name that checkpoints have for what transformers 5 calls otherwise."""
    if name in module._modules:
        module.add_module(stored, module._modules.pop(name))
        module.__dict__[name] = module._modules[stored]
    return name in module.__dict__


def fused(kind, config, heads, index):
    """Attention of fewer heads where the size of a head is hidden size over heads."""
    hidden = config.hidden_size
    width = heads * (hidden // config.num_attention_heads)
    attention = kind(LayerConfig(config, {"num_attention_heads": heads, "hidden_size": width}), layer_idx=index)
    for name, (inner, outer) in zip(FUSED[BASE], ((hidden, 3 * width), (width, hidden))):
        biased = getattr(attention, name).bias is not None
        setattr(attention, name, Conv1D(outer, inner) if BASE == "gpt2" else nn.Linear(inner, outer, bias=biased))
    return attention


def build(kind, config, index):
    """A decoder layer of the family's class `kind` with its own widths."""
    widths = dict(config.layer_widths[index])
    skip = widths.pop("skip", [])
    most = {name: max(value) if isinstance(value, list) else value for name, value in widths.items()}
    own = LayerConfig(config, most)
    whole = LayerConfig(own, {"num_attention_heads": config.num_attention_heads}) if BASE in FUSED else own
    layer = kind(whole, layer_idx=index)
    attention, mlp = part(layer, ATTENTION), part(layer, MLP)
    if "attention" in skip:
        remove(layer, ATTENTION, NoAttention(getattr(layer, attention)))
    elif BASE in FUSED:
        setattr(layer, attention, fused(type(getattr(layer, attention)), config, own.num_attention_heads, index))
    if "mlp" in skip:
        remove(layer, MLP, NoExperts() if mlp == "block_sparse_moe" else NoMlp())
    elif hasattr(getattr(layer, mlp), "experts"):
        field, number, _ = EXPERTS[BASE]
        sizes = widths[field] if isinstance(widths[field], list) else [widths[field]] * getattr(own, number)
        getattr(layer, mlp).experts = Experts(Expert(config.hidden_size, size, config.hidden_act) for size in sizes)
    if BASE == "mixtral":
        rename(layer, "mlp", "block_sparse_moe")
    return layer


class LoRAShearForCausalLM(BaseForCausalLM, GenerationMixin):
    """The family's model, its layers as `layer_widths` says."""

    config_class = LoRAShearConfig
    _supports_sdpa = BASE != "gemma2"  # transformers 4's leaves the soft cap of the scores out

    def __init__(self, config):
        if config.base_model_type != BASE:
            raise ValueError(f"config.json is of a {config.base_model_type}, but this file beside it is for {BASE}")
        depth, config.num_hidden_layers = config.num_hidden_layers, 1
        super().__init__(config)
        config.num_hidden_layers = depth
        layers = next(module for module in self.modules() if isinstance(module, nn.ModuleList))
        kind = type(layers.pop(0))
        layers.extend(build(kind, config, index) for index in range(depth))
        self.set_output_embeddings(self.get_output_embeddings())
        self.post_init()

    def set_output_embeddings(self, new_embeddings):
        super().set_output_embeddings(new_embeddings)
        if BASE == "gpt_neox" and rename(self, "lm_head", "embed_out"):
            self._tied_weights_keys = {"embed_out.weight": "gpt_neox.embed_in.weight"}
