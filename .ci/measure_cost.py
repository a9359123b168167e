"""Measures what reading and cleaning costs for each of the five corpora in the form in which it is published.

    python3 .ci/measure_cost.py TOKENIZER FOLDER TEXT... -- DUMP.xml.bz2...

TEXT and DUMP are real texts and dumps, of which .ci/enlarge_corpora.py makes 200 MB for each corpus; they are then packed
as the corpora are: articles as bzip2, pages as text files in tars packed by xz in a tar, sentences and books as gzip. One
row is printed for each corpus: processor time of ingest's tasks in the phase that reads, a gigabyte of unpacked input.
Duplicates are not compared, because what is made has many. The other phases cost the same for text of any origin:
.ci/measure_scale.py has them.
"""

import bz2
import gzip
import io
import json
import pathlib
import subprocess
import sys
import tarfile

import measure_scale

MEGABYTES = 200
PER_TAR = 400  # documents


def main():
    tokenizer, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    work.mkdir(parents=True, exist_ok=True)
    raw = work / "raw"
    subprocess.run([sys.executable, measure_scale.HOME / ".ci/enlarge_corpora.py", str(MEGABYTES), raw, *sys.argv[3:]],
                   check=True, stdout=subprocess.DEVNULL)
    print(f"commit {measure_scale.commit()}", flush=True)
    for corpus in ("openwebtext", "wikipedia", "gutenberg", "bookcorpus", "alpaca"):
        size = measure_scale.size(raw / corpus)
        if corpus == "openwebtext":
            size = tars(raw / corpus)
        elif corpus != "alpaca":
            pack(raw / corpus, bz2.open if corpus == "wikipedia" else gzip.open, ".bz2" if corpus == "wikipedia" else ".gz")
        settings = (f"sources: [{{corpus: {corpus}, paths: [{raw / corpus}]}}]\ntokenizer: {tokenizer}\n"
                    f"output: {work / 'documents'}\nduplicates: {{exact: false, near: false}}\n")
        rows = measure_scale.stage(work, "ingest", round(size / 1e9, 1), work / "documents", settings)
        read = sum(row["processor"] for row in rows if row["phase"] == "read and clean")
        print(f"{corpus}: {read / size * 1e9:.0f} s/GB of {size / 1e6:.0f} MB unpacked, "
              f"{measure_scale.size(raw / corpus) / 1e6:.0f} MB packed", flush=True)


def pack(folder, opened, end):
    for file in sorted(folder.iterdir()):
        with opened(f"{file}{end}", "wb") as out:
            out.write(file.read_bytes())
        file.unlink()


def tars(folder):
    """Puts each text into a file, some hundred into a tar packed by xz, and all into a tar; the size of the texts."""
    (lines,) = folder.iterdir()
    texts = [json.loads(line)["text"].encode() for line in open(lines)]
    lines.unlink()
    with tarfile.open(folder / "openwebtext.tar", "w") as out:
        for first in range(0, len(texts), PER_TAR):
            inner = io.BytesIO()
            with tarfile.open(fileobj=inner, mode="w:xz", preset=1) as tar:
                for number, text in enumerate(texts[first:first + PER_TAR], first):
                    add(tar, f"{number:07d}-{first:032x}.txt", text)
            add(out, f"openwebtext/urlsf_subset{first // PER_TAR:02d}-1_data.xz", inner.getvalue())
    return sum(map(len, texts))


def add(tar, name, content):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    main()
