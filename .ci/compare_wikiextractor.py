"""Compares the text of Wikipedia's articles with that of other programs for the same dumps.

    python3.10 -m venv DIR && DIR/bin/pip install wikiextractor==3.0.6 mwparserfromhell==0.7.2 pyarrow==21.0.0
    DIR/bin/python .ci/compare_wikiextractor.py DOCUMENTS DUMP.xml...

DOCUMENTS was published by ingest from these dumps with cleaning.paragraphTokens=0,
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
import unicodedata
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import mwparserfromhell
import pyarrow.dataset

WORD = re.compile(r"\w+")


def words(text):
    """Raised and lowered digits count as digits: 10⁵ and 105 are one word."""
    return Counter(WORD.findall(unicodedata.normalize("NFKC", html.unescape(text)).lower()))


def dump(name):
    return Path(name).name.split(".xml")[0]


def ours(documents):
    """Text by dump and page id."""
    rows = pyarrow.dataset.dataset(Path(documents) / "documents").to_table(columns=["file", "position", "text"])
    return {(dump(row["file"]), row["position"].split("-")[0]): row["text"] for row in rows.to_pylist()}


def wikiextractor(dumps):
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


def stripped(dumps):
    """The same by mwparserfromhell's strip_code, which takes mark-up away and knows no wiki's names."""
    found = {}
    for path in dumps:
        for _, page in ElementTree.iterparse(path):
            if page.tag.split("}")[-1] == "page":
                say = {each.tag.split("}")[-1]: each.text or "" for each in reversed(list(page.iter()))}
                text = mwparserfromhell.parse(say.get("text", "")).strip_code()
                found[dump(path), say.get("id", "")] = say.get("title", ""), text
                page.clear()
    return found


def compare(name, mine, its):
    rows, shared_words, more_words, less_words = [], 0, Counter(), Counter()
    for key in sorted(mine.keys() & its.keys()):
        left, right = words(mine[key]), words(its[key][1])
        shared, size = (left & right).total(), left.total() + right.total()
        rows.append((2 * shared / max(1, size), left.total() - shared, right.total() - shared, key, its[key][0]))
        shared_words += shared
        more_words += left - right
        less_words += right - left
    scores = [row[0] for row in rows]
    print(f"{name}: {len(rows)} articles in both: mean {statistics.mean(scores):.4f}, median {statistics.median(scores):.4f}")
    for each in sorted({row[3][0] for row in rows}):
        of = [row[0] for row in rows if row[3][0] == each]
        print(f"{each}: {len(of)}, {statistics.mean(of):.3f}, {statistics.median(of):.3f}, {min(of):.3f}")
    print(f"words in both: {shared_words}, only ours: {more_words.total()}, only its own: {less_words.total()}")
    for whose, only in ("ours", more_words), ("its own", less_words):
        print(f"only {whose}: " + ", ".join(f"{word} {count}" for word, count in only.most_common(40)))
    for f1, more, less, key, title in sorted(rows)[:15]:
        print(f"{f1:.3f}  {more} words more, {less} less  {title} {key}")


def main():
    mine = ours(sys.argv[1])
    compare("WikiExtractor", mine, wikiextractor(sys.argv[2:]))
    compare("mwparserfromhell", mine, stripped(sys.argv[2:]))


main()
