"""Measures how fast other programs and ours read and generate with a model, dense and pruned: the table of docs/loading.md.

    python3 -m venv DIR && DIR/bin/pip install torch==2.7.1 transformers==5.24.0 xllamacpp==2026.10.11549
    DIR/bin/python .ci/bench_loading.py OUT LORASHEAR CLASSES MODEL… [--threads N] [--rounds N] [--types f32,q8_0,q4_k_m]

Exports every MODEL into OUT for transformers, TorchScript (float32) and llama.cpp (those types), if it is not
there yet. Each program then reads 256 tokens and generates 64 after them, greedily and with its cache, in its own
process: transformers, DJL (.ci/GoOn.java; CLASSES is a class path with DJL), llama.cpp by xllamacpp, and
`LORASHEAR bench generate`. In every round all programs and models take a turn, so that other work on the machine
affects all of them equally. Prints tokens per second of wall time and of processor time, as the median of two
repetitions in each of five rounds, followed by ± half the interquartile range; the peak memory of the process; and
the bytes of the weights on disk. If a program cannot load a model, its row says so.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROMPT, TOKENS, REPETITIONS = 256, 64, 2
IDS = [(i * 7919 + 13) % 4000 for i in range(PROMPT)]


def measured(read, generate):
    """Times of both, the first ones of which only warm up."""
    times = {"read": [], "generate": []}
    for repetition in range(REPETITIONS + 1):
        for name, work in (("read", read), ("generate", generate)):
            clock, processor = time.perf_counter(), time.process_time()
            work()
            if repetition:
                times[name].append([time.perf_counter() - clock, time.process_time() - processor])
    return times


def transformers(folder, threads):
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True, dtype=torch.float32).eval()
    state = {}

    def step(ids, past):
        out = model(ids, past_key_values=past, use_cache=True, logits_to_keep=1)
        state["next"], state["past"] = out.logits[:, -1:].argmax(-1), out.past_key_values

    def generate():
        for _ in range(TOKENS):
            step(state["next"], state["past"])

    with torch.inference_mode():
        return measured(lambda: step(torch.tensor([IDS]), None), generate)


def llama_cpp(file, threads):
    import xllamacpp

    p = xllamacpp.CommonParams()
    p.model.path, p.n_ctx, p.n_parallel, p.warmup, p.verbosity = file, PROMPT + TOKENS + 8, 1, True, 0
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(p)
    state = {}

    def ask(count):
        asked = {"prompt": IDS, "n_predict": count, "temperature": 0, "ignore_eos": True, "cache_prompt": False}
        state["timings"] = server.handle_completions(asked)["timings"]

    times = measured(lambda: ask(1), lambda: ask(TOKENS + 1))
    # Both read the prompt and choose one token after it; the longer one, 64 more.
    times["generate"] = [[a - c, b - d] for (a, b), (c, d) in zip(times["generate"], times["read"])]
    return times


def classes(folder, threads, class_path):
    command = ["java", "-Xmx1g", "-Dai.djl.offline=true", "-cp", class_path, str(Path(__file__).parent / "GoOn.java")]
    done = child([*command, folder, str(REPETITIONS), str(TOKENS), *map(str, IDS)], threads)
    return json.loads(done.splitlines()[-1])


def ours(model, threads, lorashear, out):
    figures = Path(out) / "generate.json"
    child([lorashear, "bench", "generate", model, "--length", str(PROMPT), "--tokens", str(TOKENS),
           "--repetitions", str(REPETITIONS), "--json", str(figures), "--device", "cpu"], threads)  # fmt: skip
    told = json.loads(figures.read_text())["models"][0]
    pairs = {"read": "prompt", "generate": "generated"}
    return {k: list(zip(told[f"{n}_seconds"], told[f"{n}_processor_seconds"])) for k, n in pairs.items()}


def child(command, threads):
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
    return done.stdout


def export(model, program, kind, out, lorashear):
    folder = Path(out) / f"{Path(model).name}-{program}-{kind}"
    if not folder.exists():
        child([lorashear, "export", model, "--out", str(folder), "--for", program, "--type", kind], 1)
    weights = [f for f in folder.iterdir() if f.suffix in (".safetensors", ".pt", ".gguf")]
    return folder, weights[0], sum(f.stat().st_size for f in weights)


WORKERS = {"transformers": transformers, "llama.cpp": llama_cpp, "DJL": classes, "ours": ours}


def work(program, *arguments):
    """In a process of its own, whose memory can be told."""
    command = [sys.executable, __file__, "--worker", program, *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told, errors = process.stdout.read(), process.stderr.read()
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = code
    if code:
        raise RuntimeError((errors.strip() or "it ended with " + str(code)).splitlines()[-1])
    return json.loads(told.splitlines()[-1]) | {"memory": used.ru_maxrss * 1024}


def speed(tokens, times, digits):
    """The median, and half of what lies between the quartiles."""
    speeds = [tokens / time for time in times]
    low, middle, high = statistics.quantiles(speeds, n=4, method="inclusive") if len(speeds) > 1 else speeds * 3
    return f"{middle:.{digits}f} ± {(high - low) / 2:.{digits}f}"


def main():
    given = argparse.ArgumentParser()
    given.add_argument("out")
    given.add_argument("lorashear")
    given.add_argument("classes")
    given.add_argument("models", nargs="+")
    given.add_argument("--threads", type=int, default=os.cpu_count())
    given.add_argument("--rounds", type=int, default=5)
    given.add_argument("--types", default="f32,q8_0,q4_k_m")
    given = given.parse_args()
    rows = {}  # (program, model) -> arguments of the worker, bytes on disk
    told = {}
    for model in given.models:
        name = Path(model).name
        kinds = [("transformers", "f32"), ("torchscript", "f32")]
        for program, kind in kinds + [("llama.cpp", kind) for kind in given.types.split(",")]:
            row = (f"{program} {kind}" if program == "llama.cpp" else program.replace("torchscript", "DJL"), name)
            try:
                folder, weights, size = export(model, program, kind, given.out, given.lorashear)
                worker = row[0].split()[0]
                more = [given.classes] if worker == "DJL" else []
                rows[row] = [worker, weights if worker == "llama.cpp" else folder, given.threads, *more], size
            except RuntimeError as error:
                told[row] = str(error)
        size = sum(f.stat().st_size for f in Path(model).glob("*.safetensors"))
        rows["ours", name] = ["ours", model, given.threads, given.lorashear, given.out], size
    measures = {}
    for _ in range(given.rounds):
        for row, (arguments, _) in rows.items():
            try:
                times = work(*arguments)
            except RuntimeError as error:
                told[row] = str(error)
                continue
            found = measures.setdefault(row, {"memory": 0, "read": [], "generate": []})
            found["memory"] = max(found["memory"], times["memory"])
            for name in ("read", "generate"):
                found[name] += times[name]
    print("| program | model | prompt | generated | by processor time | on disk | in memory |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for program in dict.fromkeys(p for p, _ in [*rows, *told]):
        for model in (Path(m).name for m in given.models):
            row = (program, model)
            if row not in measures:
                print(f"| {program} | {model} | {told[row]} | | | | |")
                continue
            (read, _), (clock, processor) = (zip(*measures[row][name]) for name in ("read", "generate"))
            speeds = " | ".join([speed(PROMPT, read, 0), speed(TOKENS, clock, 1), speed(TOKENS, processor, 1)])
            memory = measures[row]["memory"] / 1e6
            print(f"| {program} | {model} | {speeds} | {rows[row][1] / 1e6:.0f} MB | {memory:.0f} MB |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        program, model, threads, *more = sys.argv[2:]
        print(json.dumps(WORKERS[program](model, int(threads), *more)))
    else:
        main()
