"""Compares the text of Wikipedia's articles with what WikiExtractor makes of the same dumps.

    python3.10 -m venv DIR && DIR/bin/pip install wikiextractor==3.0.6 pyarrow==21.0.0
    DIR/bin/python .ci/compare_wikiextractor.py DOCUMENTS DUMP.xml...

DOCUMENTS is what ingest published of these dumps with cleaning.paragraphTokens=0,
cleaning.irregularShare=1, duplicates.exact=false and duplicates.near=false. The dumps are unpacked; their
names must differ before the first .xml. Python 3.11 and later refuse WikiExtractor's regular expressions.
"""

import html
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow.dataset

WORD = re.compile(r"\w+")


def words(text):
    return Counter(WORD.findall(html.unescape(text).lower()))


def dump(name):
    return Path(name).name.split(".xml")[0]


def ours(documents):
    """Text by dump and page id."""
    rows = pyarrow.dataset.dataset(Path(documents) / "documents").to_table(columns=["file", "position", "text"])
    return {(dump(row["file"]), row["position"].split("-")[0]): row["text"] for row in rows.to_pylist()}


def theirs(dumps):
    """Title and text by dump and page id."""
    found = {}
    for path in dumps:
        with tempfile.TemporaryDirectory() as out:
            extract = [sys.executable, "-m", "wikiextractor.WikiExtractor", "--json", "--no-templates", "-q"]
            subprocess.run([*extract, "--processes", "1", "-o", out, path], check=True)
            for file in Path(out).rglob("wiki_*"):
                for page in map(json.loads, file.read_text().splitlines()):
                    found[dump(path), page["id"]] = page["title"], page["text"]
    return found


def main():
    mine, its = ours(sys.argv[1]), theirs(sys.argv[2:])
    rows = []
    for key in sorted(mine.keys() & its.keys()):
        left, right = words(mine[key]), words(its[key][1])
        shared, size = (left & right).total(), left.total() + right.total()
        rows.append((2 * shared / max(1, size), left.total() - shared, right.total() - shared, key, its[key][0]))
    scores = [row[0] for row in rows]
    print(f"{len(rows)} articles in both: mean {statistics.mean(scores):.4f}, median {statistics.median(scores):.4f}")
    for name in sorted({row[3][0] for row in rows}):
        of = [row[0] for row in rows if row[3][0] == name]
        print(f"{name}: {len(of)}, {statistics.mean(of):.3f}, {statistics.median(of):.3f}, {min(of):.3f}")
    print(f"words only ours: {sum(row[1] for row in rows)}, only its own: {sum(row[2] for row in rows)}")
    for f1, more, less, key, title in sorted(rows)[:15]:
        print(f"{f1:.3f}  {more} words more, {less} less  {title} {key}")


main()
