"""Checks that check_smollm2.sh makes of a real model with a fifth of its parameters pruned, in other programs.

    python .ci/check_smollm2.py transformers OUT SHAPE…      with any version of it
    python .ci/check_smollm2.py llama.cpp OUT SHAPE…

transformers: the logits are ours within 1e-3, the text of 32 greedy tokens with a cache, or to its end, is ours, no tensor
is missing or left over; for free widths also a step of PEFT, and the same model after save_pretrained and loading. llama.cpp:
the architecture is llama if all MLPs have one width and heads are unchanged, else deci; F32 generates our text, the other
types load and generate: if two tokens are about equally likely, rounding in F16 can choose the other. Exits with 1 if something differs.
"""

import importlib.metadata
import json
import sys
import tempfile
from pathlib import Path

PROMPT, TOKENS = "The capital of France is", 32
ARCHITECTURES = {"free": "deci", "uniform-ffn": "llama", "uniform": "llama", "deci": "deci"}  # of the four shapes


def ours(out, shape):
    return json.loads((out / f"{shape}.json").read_text()), (out / f"{shape}.text").read_text().rstrip("\n")


def in_transformers(out, shapes, modules):
    import torch
    import transformers

    import check_transformers as check

    transformers.dynamic_module_utils.HF_MODULES_CACHE = modules
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for shape in shapes:
        expected, text = ours(out, shape)
        faults = len(check.faults)
        folder = out / f"{shape}-transformers"
        model, told = check.load(folder, output_loading_info=True, dtype=torch.float32)
        check.require(folder, not any(told.values()), f"loading tells {told}")
        logits = check.last(model, expected["ids"])
        apart = check.apart(logits, expected["logits_last"])
        check.require(folder, apart <= 1e-3, f"its logits are {apart:.0e} apart")
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
        prompt = tokenizer(PROMPT, return_tensors="pt")
        said = model.generate(**prompt, max_new_tokens=TOKENS, do_sample=False)[0]
        found = tokenizer.decode(said, skip_special_tokens=True)
        check.require(folder, found == text, f"it goes on with {found!r}, not {text!r}")
        more = ""
        if shape == "free":
            check.again(folder, model, expected["ids"], logits)
            check.step(folder, model, expected["ids"])
            more = "; saved and loaded, the same; a step of PEFT"
        told = f"logits within {apart:.0e}, the same text by {TOKENS} greedy tokens or to its end{more}"
        if len(check.faults) > faults:
            told = "; ".join(check.faults[faults:])
        print(f"transformers {transformers.__version__}, {shape}: {told}")
    return check.faults


def in_llama_cpp(out, shapes, _):
    import xllamacpp
    from gguf import GGUFReader

    version, faults = importlib.metadata.version("xllamacpp"), []
    for shape in shapes:
        for kind in ("f32", "f16", "q8_0", "q4_k_m"):
            file = out / f"{shape}-{kind}" / f"model-{kind}.gguf"
            architecture = GGUFReader(file).fields["general.architecture"].contents()
            p = xllamacpp.CommonParams()
            p.model.path, p.n_ctx, p.n_parallel, p.warmup, p.verbosity = str(file), 256, 1, False, 0
            p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 2
            asked = {"prompt": PROMPT, "n_predict": TOKENS, "temperature": 0}
            text = PROMPT + xllamacpp.Server(p).handle_completions(asked)["choices"][0]["text"]
            same = text.strip() == ours(out, shape)[1].strip()
            size = file.stat().st_size / 1e6
            said = f"the same text by {TOKENS} greedy tokens or to its end" if same else f"goes on {text[len(PROMPT):][:40]!r}…"
            print(f"llama.cpp (xllamacpp {version}), {shape} {kind}: {architecture}, {size:.0f} MB, {said}")
            if kind == "f32" and not same:
                faults.append(f"{file.name} of {shape} goes on with {text!r}, not {ours(out, shape)[1]!r}")
            if architecture != ARCHITECTURES[shape] or len(text) == len(PROMPT):
                faults.append(f"{file.name} of {shape} is {architecture} and says {text!r}")
    return faults


program, folder, *shapes = sys.argv[1:]
with tempfile.TemporaryDirectory() as modules:
    faults = {"transformers": in_transformers, "llama.cpp": in_llama_cpp}[program](Path(folder), shapes, modules)
sys.exit("\n".join(faults) or 0)
