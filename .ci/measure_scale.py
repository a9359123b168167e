"""Measures ingest and tokenize over 1, 3 and 10 GB of text with a heap of 1 GB: what a gigabyte costs must not grow.

    python3 .ci/measure_scale.py DOCUMENTS TOKENIZER [--gigabytes 1,3,10] [--check] [FOLDER]

DOCUMENTS is what ingest published, whose words enlarge puts in a new order; TOKENIZER a tokenizer.json. FOLDER
(target/scale) needs about five times the largest size. enlarge writes that size once, in files of 100 MB; a smaller
size is the first files of each kind of text. Cost is counted and not timed: processor time of Spark's tasks, bytes
shuffled and spilled, from Spark's event log; and of the whole process its processor time and its largest memory, from
the system. With --check, a cost that grew by more than a tenth of what the smallest size costs per gigabyte is an error.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

HOME = pathlib.Path(__file__).resolve().parents[1]
KINDS = {"pages": 4000, "articles": 8000, "books": 400000, "sentences": 1000, "notes": 500}  # mean characters
FILE = 100  # megabytes
HEAP = "1g"
TASK = "SparkListenerTaskEnd"


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("documents", type=pathlib.Path)
    arguments.add_argument("tokenizer", type=pathlib.Path)
    arguments.add_argument("--gigabytes", default="1,3,10")
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("folder", nargs="?", default=HOME / "target/scale", type=pathlib.Path)
    given = arguments.parse_intermixed_args()
    work = given.folder.resolve()
    work.mkdir(parents=True, exist_ok=True)
    sizes = sorted(int(size) for size in given.gigabytes.split(","))
    print(f"commit {commit()}, {time.strftime('%Y-%m-%d', time.gmtime())}, heap {HEAP}, {os.cpu_count()} cores", flush=True)
    enlarge(work, given.documents.resolve(), sizes[-1])
    found = {}
    for size in sizes:
        documents, corpus = work / f"documents-{size}", work / f"corpus-{size}"
        found[size] = [*stage(work, "ingest", size, documents, ingest(work, size, given.tokenizer.resolve(), documents)),
                       *stage(work, "tokenize", size, corpus, tokenize(documents, given.tokenizer.resolve(), corpus))]
        shutil.rmtree(documents)
        shutil.rmtree(corpus)
    sys.exit(grown(found) if given.check else 0)


def commit():
    said = subprocess.run([HOME / "bin/lorashear", "--version"], check=True, capture_output=True, text=True).stdout
    return next(line.split()[1][:12] for line in said.splitlines() if line.startswith("commit "))


def enlarge(work, documents, gigabytes):
    sources = "".join(f"  - {{name: {kind}, megabytes: {gigabytes * 1000 // len(KINDS)}, characters: {length}}}\n"
                      for kind, length in KINDS.items())
    settings = f"documents: {documents}\noutput: {work}/raw\nfileMegabytes: {FILE}\nseed: 0\nsources:\n{sources}"
    if (work / "raw/manifest.json").is_file() and (work / "enlarge.yaml").read_text() == settings:
        return
    stage(work, "enlarge", gigabytes, work / "raw", settings)


def ingest(work, gigabytes, tokenizer, output):
    files = [file for kind in KINDS
             for file in sorted((work / "raw" / kind).glob("*.jsonl"))[:gigabytes * 1000 // len(KINDS) // FILE]]
    paths = "".join(f"      - {file}\n" for file in files)
    return f"sources:\n  - corpus: openwebtext\n    paths:\n{paths}tokenizer: {tokenizer}\noutput: {output}\n"


def tokenize(documents, tokenizer, output):
    return f"documents: {documents}\ntokenizer: {tokenizer}\noutput: {output}\nsequenceLength: 512\n"


def stage(work, name, gigabytes, output, settings):
    """Runs a stage; prints its rows and returns them."""
    (work / f"{name}.yaml").write_text(settings)
    shutil.rmtree(work / "events", ignore_errors=True)
    (work / "events").mkdir()
    submit = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{work}/events",
              "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false"}
    environment = {**os.environ, "LORASHEAR_HEAP": HEAP,
                   "LORASHEAR_SUBMIT": " ".join(f"--conf {key}={value}" for key, value in submit.items())}
    begun = time.monotonic()
    with open(work / f"{name}-{gigabytes}.log", "wb") as out:
        process = subprocess.Popen(
            [HOME / "bin/lorashear", "--master", "local[*]", name, "--config", work / f"{name}.yaml", "--overwrite"],
            stdout=out, stderr=out, env=environment)
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    if status:
        sys.exit(f"{name} of {gigabytes} GB failed: see {out.name}")
    print(f"{name} {gigabytes} GB: {seconds:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor time, "
          f"{used.ru_maxrss / 1e6:.1f} GB of memory, output {size(output) / 1e6:.0f} MB", flush=True)
    rows = [row(name, gigabytes, phase, cost) for phase, cost in phases(work / "events").items()]
    for each in rows:
        print("  " + say(each), flush=True)
    return rows


def size(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def phases(folder):
    """What the tasks of each phase cost; a phase is the description of its jobs."""
    of = {}
    cost = collections.defaultdict(collections.Counter)
    (file,) = folder.iterdir()
    for line in open(file):
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            phase = event["Properties"].get("spark.job.description", "other")
            phase = "other" if ":" in phase else phase  # a listing of files
            of.update({number: phase for number in event["Stage IDs"]})
        elif event["Event"] == TASK and (metrics := event.get("Task Metrics")):
            counted = cost[of[event["Stage ID"]]]
            counted["tasks"] += 1
            counted["processor"] += metrics["Executor CPU Time"] / 1e9
            counted["collecting"] += metrics["JVM GC Time"] / 1e3
            counted["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"] / 1e6
            counted["spilled"] += metrics["Disk Bytes Spilled"] / 1e6
    return cost


def row(stage, gigabytes, phase, cost):
    return {"stage": stage, "phase": phase, "gigabytes": gigabytes, **cost}


def say(row):
    per = row["gigabytes"]
    return (f"{row['phase']:24} {row['tasks']:5} tasks  {row['processor']:7.0f} s, {row['processor'] / per:6.1f} s/GB  "
            f"shuffled {row['shuffled']:7.0f} MB, {row['shuffled'] / per:6.1f} MB/GB  spilled {row['spilled']:6.0f} MB  "
            f"collecting {row['collecting']:5.0f} s")


def grown(found):
    """Costs per gigabyte that are more than a tenth above the smallest size's, where they matter at all."""
    smallest = min(found)
    least = {(each["stage"], each["phase"]): each for each in found[smallest]}
    total = {name: sum(each[name] for each in found[smallest]) for name in ("processor", "shuffled")}
    wrong = 0
    for size, rows in found.items():
        for each in rows:
            before = least.get((each["stage"], each["phase"]))
            for name in ("processor", "shuffled"):
                now, then = each[name] / size, before[name] / smallest if before else 0
                if now - then > 0.1 * max(then, 0.05 * total[name] / smallest):
                    print(f"{each['stage']}, {each['phase']}: {name} {then:.1f} a gigabyte of {smallest}, {now:.1f} of {size}")
                    wrong += 1
    return wrong > 0


if __name__ == "__main__":
    main()
