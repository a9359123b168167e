"""Checks GGUF exports in llama.cpp itself.

    python3 -m venv DIR && DIR/bin/pip install numpy==2.2.6 safetensors==0.6.2 tokenizers==0.22.2 xllamacpp==2026.10.11549
    DIR/bin/python .ci/check_llama_cpp.py FOLDER LORASHEAR SHARED

A small trained model in SHARED, whole and cut to different widths in every layer (architecture deci), must
load in all types, and in F16 generate the same text as `LORASHEAR generate`; ten texts must give the same
tokens as tokenizer.json, for tokenizers of several kinds. Exits with 1 if something differs.
try_llama_cpp.py checks that all families give the same logits.
"""

import gzip
import json
import shutil
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import xllamacpp
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

folder, lorashear, shared = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
TYPES = ["f16", "q8_0", "q4_k_m"]
PROMPT = "Once upon a time"
TEXTS = [
    "Hello, world! It's a test, isn't it? They'll see: I'm HERE.",
    "Größe, naïve café, Ελληνικά, Привет мир, ﬁnancial ½ ① Ⅷ",
    "🙂🙃👩‍👩‍👧‍👦🏳️‍🌈 flags 🇩🇪🇫🇷 and 🤷🏽‍♀️ shrug",
    "def f(x):\n    return {'a': [x**2 for _ in range(10)]}  # code\n\tif x != 3: pass\n",
    "many     spaces   and\t\ttabs    \n\n\n   indented     end   ",
    "1234567890 3.14159 1,000,000 2026-11-29 v1.2.3 x10 7up ١٢٣ ४५",
    "你好,世界。今天天气很好!日本語のテキストとカタカナ、한국어 텍스트입니다.",
    "مرحبا بالعالم، كيف حالك اليوم؟ שלום עולם",
    "line one\nline two\r\nline three\n\n\nline six\r\n\r\n",
    "http://example.com/path?query=1&b=2#frag user@mail.org C:\\dir\\file.txt <tag attr=\"v\"/> $100 50% ~!@^&*()_+",
]


def export(model, kind):
    out = folder / f"{model.name}-{kind}"
    command = [lorashear, "export", model, "--out", out, "--for", "llama.cpp", "--type", kind]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return out / f"model-{kind}.gguf"


def generated(model):
    command = [lorashear, "generate", model, "--prompt", PROMPT, "--tokens", "32", "--temperature", "0"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip("\n")


def opened(file):
    p = xllamacpp.CommonParams()
    p.model.path, p.n_ctx, p.n_parallel, p.warmup, p.verbosity, p.cpuparams.n_threads = str(file), 256, 1, False, 0, 2
    return xllamacpp.Server(p)


def going_on(server):
    answer = server.handle_completions({"prompt": PROMPT, "n_predict": 32, "temperature": 0})
    return PROMPT + answer["choices"][0]["text"]


def tokens(server, text):
    body = json.dumps({"content": text, "add_special": True, "parse_special": True}).encode()
    request = urllib.request.Request(server.listening_address + "/tokenize", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))["tokens"]


def stories(name, widths):
    """The trained model with the first so many heads, key-value heads and channels in each layer; (0, 0): no attention."""
    home, whole = folder / name, shared / "reference/stories260K-hf"
    home.mkdir()
    shutil.copyfile(whole / "tokenizer.json", home / "tokenizer.json")
    config, weights = json.loads((whole / "config.json").read_text()), load_file(whole / "model.safetensors")
    own = {}
    for layer, (heads, keys, channels) in enumerate(widths):
        part = lambda module: f"model.layers.{layer}.{module}.weight"
        rows = {"self_attn.q_proj": 8 * heads, "self_attn.k_proj": 8 * keys, "self_attn.v_proj": 8 * keys}
        rows |= {"mlp.gate_proj": channels, "mlp.up_proj": channels}
        for module, count in rows.items():
            weights[part(module)] = weights[part(module)][:count].copy()
        for module, count in {"self_attn.o_proj": 8 * heads, "mlp.down_proj": channels}.items():
            weights[part(module)] = weights[part(module)][:, :count].copy()
        own[str(layer)] = {"num_attention_heads": heads, "num_key_value_heads": keys, "intermediate_size": channels}
        if heads == 0:
            own[str(layer)] = {"skip": ["attention"], "intermediate_size": channels}
            for module in ("input_layernorm", *(f"self_attn.{x}_proj" for x in "qkvo")):
                del weights[part(module)]
    if widths:
        config["per_layer_config"] = own
    (home / "config.json").write_text(json.dumps(config))
    save_file(weights, home / "model.safetensors")
    return home


def tiny(name, tokenizer, **ids):
    """A model of one narrow layer with that many rows in its embedding, and two more."""
    home = folder / name
    home.mkdir()
    tokenizer.save(str(home / "tokenizer.json"))
    rows = tokenizer.get_vocab_size() + 2
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": rows, "hidden_size": 32,
              "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "rms_norm_eps": 1e-5,
              "tie_word_embeddings": True, "max_position_embeddings": 256, **ids}  # fmt: skip
    (home / "config.json").write_text(json.dumps(config))
    shapes = {"self_attn.q_proj": (32, 32), "self_attn.k_proj": (32, 32), "self_attn.v_proj": (32, 32),
              "self_attn.o_proj": (32, 32), "mlp.gate_proj": (32, 32), "mlp.up_proj": (32, 32),
              "mlp.down_proj": (32, 32), "input_layernorm": (32,), "post_attention_layernorm": (32,)}  # fmt: skip
    random = np.random.default_rng(0)
    weights = {f"model.layers.0.{module}.weight": random.normal(0, 0.1, shape) for module, shape in shapes.items()}
    weights |= {"model.embed_tokens.weight": random.normal(0, 0.1, (rows, 32)), "model.norm.weight": np.ones(32)}
    save_file({name: np.asarray(x, np.float32) for name, x in weights.items()}, home / "model.safetensors")
    return home


def tokenizers():
    def unzipped(name):
        return gzip.decompress((shared / "data/models" / name).read_bytes()).decode()

    yield tiny("tokens-smollm", Tokenizer.from_file(str(shared / "reference/smollm2-135m/tokenizer.json")), eos_token_id=2)
    yield tiny("tokens-llama2", Tokenizer.from_str(unzipped("llama2-tokenizer/tokenizer.json.gz")), eos_token_id=2)
    merges = [tuple(line.split(" ")) for line in unzipped("gpt2-tokenizer/merges.txt.gz").splitlines()[1:] if line]
    gpt2 = Tokenizer(models.BPE(json.loads(unzipped("gpt2-tokenizer/vocab.json.gz")), merges))
    gpt2.add_special_tokens(["<|endoftext|>"])
    gpt2.pre_tokenizer, gpt2.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    yield tiny("tokens-gpt2", gpt2, eos_token_id=50256)


def check_tokens(home, file):
    server, tokenizer = opened(file), Tokenizer.from_file(str(home / "tokenizer.json"))
    for text in TEXTS:
        found, expected = tokens(server, text), tokenizer.encode(text).ids
        assert found == expected, f"{home.name}: {text!r} is {found} in llama.cpp, {expected} in tokenizer.json"
    print(f"{home.name}: {len(TEXTS)} texts have the same tokens")


def check_story(home, kind, file, expected):
    text = going_on(opened(file))
    print(f"{home.name} {kind}: {text[:60]!r}…")
    assert kind != "f16" or text.strip() == expected.strip(), f"{text!r}, but generate says {expected!r}"


def main():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cut = [(8, 4, 172), (8, 4, 161), (6, 3, 172), (0, 0, 167), (8, 4, 150)]
    trained = [stories("stories", []), stories("stories-cut", cut)]
    vocabularies = list(tokenizers())
    with ThreadPoolExecutor(2) as pool:
        texts = {home: pool.submit(generated, home) for home in trained}
        types = {(home, kind): pool.submit(export, home, kind) for home in trained for kind in TYPES}
        cuts = {home: pool.submit(export, home, "f16") for home in vocabularies}
    for (home, kind), file in types.items():
        check_story(home, kind, file.result(), texts[home].result())
    for home, file in cuts.items():
        check_tokens(home, file.result())


main()
