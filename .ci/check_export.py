"""Reads an exported Hugging Face directory as other programs do, without any of our code.

    python3 -m venv DIR && DIR/bin/pip install numpy==2.2.6 safetensors==0.6.2
    DIR/bin/python .ci/check_export.py EXPORT [expected.json]

EXPORT must have the same widths in all layers: a forward pass in float64, written only from the plain
fields of config.json, must find every tensor in its shape and use all of them. With expected.json
(ids, and logits_last for each row) its logits must agree within 1e-4.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open


class Weights:
    """The tensors of a directory; each is asked for with the shape it must have."""

    def __init__(self, path):
        with safe_open(path, framework="np") as file:
            assert file.metadata() == {"format": "pt"}, file.metadata()
            self.tensors = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}
        self.read = set()

    def __call__(self, name, *shape):
        assert name in self.tensors, f"{name} is missing"
        assert self.tensors[name].shape == shape, f"{name} is {self.tensors[name].shape}, not {shape}"
        self.read.add(name)
        return self.tensors[name]

    def none_left(self):
        assert self.read == set(self.tensors), f"nobody reads {sorted(set(self.tensors) - self.read)}"


def silu(x):
    return x / (1 + np.exp(-x))


def gelu(x):
    return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def gelu_tanh(x):
    return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


ACTIVATIONS = {"silu": silu, "gelu": gelu, "gelu_new": gelu_tanh, "gelu_pytorch_tanh": gelu_tanh}


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def capped(x, cap):
    return cap * np.tanh(x / cap) if cap else x


class Llama:
    """Llama, Mistral and Qwen; others say what they do otherwise."""

    tied, offset, epsilon = False, 0, "rms_norm_eps"
    table, stem, final, own_head = "model.embed_tokens.weight", "model.layers.", "model.norm", "lm_head.weight"

    def __init__(self, config, weights):
        self.config, self.weights = config, weights
        self.hidden = self.field("hidden_size", "n_embd")
        self.layers = self.field("num_hidden_layers", "n_layer")
        self.heads = self.field("num_attention_heads", "n_head")
        self.keys = self.field("num_key_value_heads") or self.heads
        self.dim = self.field("head_dim") or self.hidden // self.heads
        self.channels = self.field("intermediate_size", "n_inner") or 4 * self.hidden
        self.vocabulary = config["vocab_size"]
        self.act = ACTIVATIONS[self.field("hidden_activation", "hidden_act", "activation_function")]

    def field(self, *names):
        return next((self.config[name] for name in names if self.config.get(name) is not None), None)

    # What layers are made of

    def linear(self, x, name, out, biased=False):
        y = x @ self.weights(f"{name}.weight", out, x.shape[-1]).T
        return y + self.weights(f"{name}.bias", out) if biased else y

    def norm(self, x, name):
        root = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.config[self.epsilon])
        return x / root * (self.offset + self.weights(f"{name}.weight", x.shape[-1]))

    def split(self, x):
        return x.reshape(len(x), -1, self.dim).transpose(1, 0, 2)  # (heads, T, dim)

    def rotary(self, length):
        """Radians a position turns each pair by, and what turned pairs are multiplied by."""
        turned = int(self.dim * (self.field("partial_rotary_factor", "rotary_pct") or 1))
        f = self.config["rope_theta"] ** (-np.arange(0, turned, 2) / turned)
        scaling = self.config.get("rope_scaling") or {"rope_type": "default"}
        kind = scaling.get("rope_type", scaling.get("type"))
        if kind == "default":
            return f, 1
        if kind == "longrope":
            now, before = (self.config[f"{which}max_position_embeddings"] for which in ("", "original_"))
            factors = scaling["long_factor" if length > before else "short_factor"]
            return f / factors, math.sqrt(1 + math.log(max(1, now / before)) / math.log(before))
        assert kind == "llama3", f"{scaling} is not computed here"
        length = scaling["original_max_position_embeddings"] * f / (2 * math.pi)  # in wavelengths
        low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
        kept = np.clip((length - low) / (high - low), 0, 1)
        return (1 - kept) * f / scaling["factor"] + kept * f, 1

    def rotate(self, x):
        frequencies, magnitude = self.rotary(x.shape[1])
        angles = np.outer(np.arange(x.shape[1]), frequencies)  # (T, pairs)
        pairs = angles.shape[1]
        a, b = x[..., :pairs], x[..., pairs : 2 * pairs]
        cos, sin = magnitude * np.cos(angles), magnitude * np.sin(angles)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin, x[..., 2 * pairs :]], axis=-1)

    def window(self, layer):
        kinds = self.config.get("layer_types")
        slides = kinds[layer] == "sliding_attention" if kinds else self.config.get("use_sliding_window", True)
        return self.config.get("sliding_window") if slides else None

    def attend(self, q, k, v, layer, scale=None, cap=None):
        length, group = q.shape[1], len(q) // len(k)
        scores = q @ k.repeat(group, axis=0).transpose(0, 2, 1) * (scale or 1 / math.sqrt(self.dim))
        back = np.subtract.outer(np.arange(length), np.arange(length))  # query, key
        hidden = (back < 0) | (back >= (self.window(layer) or length))
        mixed = softmax(np.where(hidden, -np.inf, capped(scores, cap))) @ v.repeat(group, axis=0)
        return mixed.transpose(1, 0, 2).reshape(length, -1)  # (T, heads × dim)

    # A model

    def queries(self, x, at):
        kind = self.config["model_type"]
        biased = kind == "qwen2" or self.config.get("attention_bias", False)
        widths = {"q": self.heads * self.dim, "k": self.keys * self.dim, "v": self.keys * self.dim}
        q, k, v = (
            self.split(self.linear(x, f"{at}self_attn.{name}_proj", width, biased))
            for name, width in widths.items()
        )
        if kind == "qwen3":
            q, k = self.norm(q, f"{at}self_attn.q_norm"), self.norm(k, f"{at}self_attn.k_norm")
        return q, k, v

    def attention(self, x, at, layer, **how):
        q, k, v = self.queries(x, at)
        y = self.attend(self.rotate(q), self.rotate(k), v, layer, **how)
        return self.linear(y, f"{at}self_attn.o_proj", self.hidden, self.config.get("attention_bias", False))

    def mlp(self, x, at):
        biased = self.config.get("mlp_bias", False)
        gate = self.act(self.linear(x, f"{at}mlp.gate_proj", self.channels, biased))
        inner = gate * self.linear(x, f"{at}mlp.up_proj", self.channels, biased)
        return self.linear(inner, f"{at}mlp.down_proj", self.hidden, biased)

    def layer(self, x, at, layer):
        x = x + self.attention(self.norm(x, f"{at}input_layernorm"), at, layer)
        return x + self.mlp(self.norm(x, f"{at}post_attention_layernorm"), at)

    def embed(self, ids):
        return self.weights(self.table, self.vocabulary, self.hidden)[ids]

    def logits(self, ids):
        """Logits at the last position: ids (T,) to (vocabulary,)."""
        x = self.embed(ids)
        for layer in range(self.layers):
            x = self.layer(x, f"{self.stem}{layer}.", layer)
        head = self.table if self.config.get("tie_word_embeddings", self.tied) else self.own_head
        y = self.norm(x, self.final)[-1] @ self.weights(head, self.vocabulary, self.hidden).T
        return capped(y, self.config.get("final_logit_softcapping"))


class Gemma(Llama):
    tied, offset = True, 1

    def embed(self, ids):
        return super().embed(ids) * math.sqrt(self.hidden)


class Gemma2(Gemma):
    def layer(self, x, at, layer):
        scale = 1 / math.sqrt(self.config["query_pre_attn_scalar"])
        n = self.norm(x, f"{at}input_layernorm")
        a = self.attention(n, at, layer, scale=scale, cap=self.config["attn_logit_softcapping"])
        x = x + self.norm(a, f"{at}post_attention_layernorm")
        m = self.mlp(self.norm(x, f"{at}pre_feedforward_layernorm"), at)
        return x + self.norm(m, f"{at}post_feedforward_layernorm")


class Olmo2(Llama):
    def queries(self, x, at):
        q, k, v = (
            self.linear(x, f"{at}self_attn.{name}_proj", heads * self.dim, self.config["attention_bias"])
            for name, heads in (("q", self.heads), ("k", self.keys), ("v", self.keys))
        )
        q, k = self.norm(q, f"{at}self_attn.q_norm"), self.norm(k, f"{at}self_attn.k_norm")
        return self.split(q), self.split(k), self.split(v)

    def layer(self, x, at, layer):
        x = x + self.norm(self.attention(x, at, layer), f"{at}post_attention_layernorm")
        return x + self.norm(self.mlp(x, at), f"{at}post_feedforward_layernorm")


class Phi3(Llama):
    def queries(self, x, at):
        q, k = self.heads * self.dim, self.keys * self.dim
        together = self.linear(x, f"{at}self_attn.qkv_proj", q + 2 * k)
        return [self.split(part) for part in np.split(together, [q, q + k], axis=-1)]

    def mlp(self, x, at):
        gate, up = np.split(self.linear(x, f"{at}mlp.gate_up_proj", 2 * self.channels), 2, axis=-1)
        return self.linear(self.act(gate) * up, f"{at}mlp.down_proj", self.hidden)


class Mixtral(Llama):
    def mlp(self, x, at):
        moe, chosen = f"{at}block_sparse_moe.", self.config["num_experts_per_tok"]
        z = self.linear(x, f"{moe}gate", self.config["num_local_experts"])
        least = np.sort(z, axis=-1)[:, -chosen, None]
        routes = softmax(np.where(z < least, -np.inf, z))
        y = 0
        for expert in range(z.shape[-1]):
            own = f"{moe}experts.{expert}."
            inner = self.act(self.linear(x, f"{own}w1", self.channels)) * self.linear(x, f"{own}w3", self.channels)
            y = y + routes[:, expert, None] * self.linear(inner, f"{own}w2", self.hidden)
        return y


class LayerNormed(Llama):
    """Norms that take the mean away, and biases everywhere."""

    def norm(self, x, name):
        deviation = x - x.mean(axis=-1, keepdims=True)
        root = np.sqrt(np.mean(deviation**2, axis=-1, keepdims=True) + self.config[self.epsilon])
        width = x.shape[-1]
        return deviation / root * self.weights(f"{name}.weight", width) + self.weights(f"{name}.bias", width)

    def fused(self, parts, layer, turned):
        q, k, v = (part.transpose(1, 0, 2) for part in parts)  # (heads, T, dim)
        return self.attend(self.rotate(q), self.rotate(k), v, layer) if turned else self.attend(q, k, v, layer)


class Gpt2(LayerNormed):
    tied, epsilon = True, "layer_norm_epsilon"
    table, stem, final = "transformer.wte.weight", "transformer.h.", "transformer.ln_f"

    def embed(self, ids):
        places = self.weights("transformer.wpe.weight", self.config["n_positions"], self.hidden)
        return super().embed(ids) + places[: len(ids)]

    def linear(self, x, name, out, biased=True):
        return x @ self.weights(f"{name}.weight", x.shape[-1], out) + self.weights(f"{name}.bias", out)

    def layer(self, x, at, layer):
        together = self.linear(self.norm(x, f"{at}ln_1"), f"{at}attn.c_attn", 3 * self.heads * self.dim)
        parts = together.reshape(len(x), 3, self.heads, self.dim).swapaxes(0, 1)
        x = x + self.linear(self.fused(parts, layer, False), f"{at}attn.c_proj", self.hidden)
        inner = self.act(self.linear(self.norm(x, f"{at}ln_2"), f"{at}mlp.c_fc", self.channels))
        return x + self.linear(inner, f"{at}mlp.c_proj", self.hidden)


class GptNeoX(LayerNormed):
    epsilon = "layer_norm_eps"
    table, stem, own_head = "gpt_neox.embed_in.weight", "gpt_neox.layers.", "embed_out.weight"
    final = "gpt_neox.final_layer_norm"

    def layer(self, x, at, layer):
        n, width = self.norm(x, f"{at}input_layernorm"), 3 * self.heads * self.dim
        together = self.linear(n, f"{at}attention.query_key_value", width, True)
        parts = np.moveaxis(together.reshape(len(x), self.heads, 3, self.dim), 2, 0)
        y = x + self.linear(self.fused(parts, layer, True), f"{at}attention.dense", self.hidden, True)
        n = self.norm(x if self.config["use_parallel_residual"] else y, f"{at}post_attention_layernorm")
        inner = self.act(self.linear(n, f"{at}mlp.dense_h_to_4h", self.channels, True))
        return y + self.linear(inner, f"{at}mlp.dense_4h_to_h", self.hidden, True)


FAMILIES = {
    "gemma": ("GemmaForCausalLM", Gemma),
    "gemma2": ("Gemma2ForCausalLM", Gemma2),
    "gpt2": ("GPT2LMHeadModel", Gpt2),
    "gpt_neox": ("GPTNeoXForCausalLM", GptNeoX),
    "llama": ("LlamaForCausalLM", Llama),
    "mistral": ("MistralForCausalLM", Llama),
    "mixtral": ("MixtralForCausalLM", Mixtral),
    "olmo2": ("Olmo2ForCausalLM", Olmo2),
    "phi3": ("Phi3ForCausalLM", Phi3),
    "qwen2": ("Qwen2ForCausalLM", Llama),
    "qwen3": ("Qwen3ForCausalLM", Llama),
}


def main(export, expected=None):
    config = json.loads((Path(export) / "config.json").read_text())
    assert "per_layer_config" not in config, "widths differ by layer: no other program reads it"
    architecture, family = FAMILIES[config["model_type"]]
    assert config["architectures"] == [architecture], config["architectures"]
    weights = Weights(Path(export) / "model.safetensors")
    model = family(config, weights)
    model.logits([0, 1])
    weights.none_left()
    print(f"{export}: {len(weights.read)} tensors are those of the plain fields")
    if expected:
        reference = json.loads(Path(expected).read_text())
        for ids, last in zip(reference["ids"], reference["logits_last"], strict=True):
            worst = np.abs(model.logits(ids) - last).max()
            assert worst < 1e-4, f"logits differ by {worst}"
            print(f"{export}: logits of {len(ids)} tokens differ by at most {worst:.1e}")


main(*sys.argv[1:])
