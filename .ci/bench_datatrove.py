"""Compares tokenize with datatrove over the same published documents, one after the other.

    python3 -m venv DIR && DIR/bin/pip install datatrove==0.10.1 tokenizers==0.23.3 pyarrow orjson
    DIR/bin/python .ci/bench_datatrove.py DOCUMENTS TOKENIZER FOLDER [--rounds N]

DOCUMENTS is what ingest published, TOKENIZER a tokenizer.json. Each round runs the command, from its start to its end,
and a pipeline of datatrove with as many workers as there are cores: it reads the Parquet files, tokenizes, and writes
one file of ids for each. The command also divides off validation rows, leaves out what those contain too, and packs.
Prints megabytes of text a second of each, and seconds of processor time.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

HOME = pathlib.Path(__file__).resolve().parents[1]


def datatrove(documents, tokenizer, folder):
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.pipeline.tokens import DocumentTokenizer

    files = len(list(documents.glob("*.parquet")))
    steps = [ParquetReader(str(documents), text_key="text", id_key="id", glob_pattern="*.parquet"),
             DocumentTokenizer(str(folder / "tokens"), tokenizer_name_or_path=str(tokenizer), eos_token="<|endoftext|>",
                               local_working_dir=str(folder / "work"), shuffle_documents=False)]
    LocalPipelineExecutor(steps, tasks=files, workers=os.cpu_count(), logging_dir=str(folder / "logs"),
                          start_method="fork").run()  # children of this process, whose processor time counts


def timed(program, log):
    """Seconds and seconds of processor time of a program."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with open(log, "wb") as out:
        subprocess.run(program, check=True, stdout=out, stderr=out)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def text_bytes(documents):
    import pyarrow.parquet

    columns = ["text", "response"]
    return sum(len(value.encode()) for file in documents.glob("*.parquet")
               for batch in pyarrow.parquet.ParquetFile(file).iter_batches(columns=columns)
               for name in columns for value in batch[name].to_pylist())


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("documents", type=pathlib.Path)
    arguments.add_argument("tokenizer", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--datatrove", action="store_true", help="only datatrove, in this process")
    given = arguments.parse_intermixed_args()
    documents, tokenizer, folder = (path.resolve() for path in (given.documents, given.tokenizer, given.folder))
    if given.datatrove:
        return datatrove(documents / "documents", tokenizer, folder)
    folder.mkdir(parents=True, exist_ok=True)
    megabytes = text_bytes(documents / "documents") / 1e6
    (folder / "tokenize.yaml").write_text(
        json.dumps({"documents": str(documents), "tokenizer": str(tokenizer), "output": str(folder / "corpus"),
                    "sequenceLength": 512}))
    programs = {"lorashear tokenize": [HOME / "bin/lorashear", "tokenize", "--config", folder / "tokenize.yaml"],
                "datatrove": [sys.executable, __file__, documents, tokenizer, folder / "datatrove", "--datatrove"]}
    print(f"{megabytes:.0f} MB of text", flush=True)
    for _ in range(given.rounds):
        for name, program in programs.items():
            for old in ("corpus", "datatrove"):
                shutil.rmtree(folder / old, ignore_errors=True)
            seconds, processor = timed(program, folder / f"{name}.log")
            print(f"{name:20}{seconds:7.0f} s{megabytes / seconds:6.1f} MB/s{processor:7.0f} s of processor time"
                  f"{megabytes / processor:6.1f} MB/s", flush=True)


if __name__ == "__main__":
    main()
