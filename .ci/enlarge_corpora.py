"""Makes large inputs from small real ones: their paragraphs, sentences and pages in new orders.

    python3 .ci/enlarge_corpora.py MEGABYTES OUTPUT TEXT... [-- DUMP.xml.bz2...]

TEXT are text files, plain or gzip, in UTF-8 or Latin-1. Writes OUTPUT/openwebtext (JSON lines), gutenberg
(books of 2 MB), bookcorpus (one sentence per line), alpaca and, if dumps in UTF-8 are given, wikipedia, each of that
size. The same files give the same output. `lorashear bench ingest` can then read and clean them.
"""

import bz2
import gzip
import json
import random
import re
import sys
from pathlib import Path

BOOK = 2_000_000
MARKER = re.compile(r"gutenberg|\*\*\*", re.IGNORECASE)


def text(path):
    content = gzip.open(path).read() if path.endswith(".gz") else Path(path).read_bytes()
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return content.decode("latin-1").replace("\r\n", "\n")


def paragraphs(paths):
    """Those of more than 40 characters that could not be taken for the beginning or end of a book."""
    every = (part.strip() for path in paths for part in text(path).split("\n\n"))
    return [part for part in every if len(part) > 40 and not MARKER.search(part)]


def until(size, pieces):
    written = 0
    while written < size:
        piece = next(pieces)
        written += len(piece.encode())
        yield piece


def write(path, pieces):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(pieces)
    print(path, path.stat().st_size)


def pages(chance, prose):
    number = 0
    while True:
        number += 1
        page = "\n\n".join(chance.choices(prose, k=chance.choice([3, 5, 8, 12, 20])))
        yield json.dumps({"id": number, "text": page}, ensure_ascii=False) + "\n"


def examples(chance, prose):
    number = 0
    while True:
        number += 1
        asked = {"instruction": f"Go on with passage {number}.", "input": chance.choice(prose)}
        yield json.dumps(asked | {"output": chance.choice(prose)}, ensure_ascii=False) + "\n"


def choices(chance, pieces, end):
    while True:
        yield chance.choice(pieces) + end


def books(chance, folder, size, parts):
    for number in range(max(1, size // BOOK)):
        begin = f"Title: Book {number}\n\n*** START OF THE PROJECT GUTENBERG EBOOK {number} ***\n\n"
        end = f"*** END OF THE PROJECT GUTENBERG EBOOK {number} ***\n"
        write(folder / f"{90000 + number}-0.txt", [begin, *until(BOOK, choices(chance, parts, "\n\n")), end])


def dump(chance, path, size, dumps):
    read = [bz2.open(each, "rt", encoding="utf-8").read() for each in dumps]
    head = read[0][: read[0].index("<page>")]
    articles = [page for each in read for page in re.findall(r"<page>.*?</page>\n?", each, re.DOTALL)]
    numbered = (
        re.sub(r"<id>\d+</id>", f"<id>{number}</id>", chance.choice(articles), count=1)
        for number in range(1, sys.maxsize)
    )
    write(path, [head, *until(size, numbered), "</mediawiki>\n"])


def main():
    size = int(float(sys.argv[1]) * 1e6)
    output = Path(sys.argv[2])
    given = sys.argv[3:]
    cut = given.index("--") if "--" in given else len(given)
    chance = random.Random(5)
    parts = paragraphs(given[:cut])
    prose = [" ".join(part.split()) for part in parts]
    sentences = [each for part in prose for each in re.split(r"(?<=[.!?]) ", part) if len(each) > 10]
    write(output / "openwebtext/pages.jsonl", until(size, pages(chance, prose)))
    books(chance, output / "gutenberg", size, parts)
    write(output / "bookcorpus/books_large_p1.txt", until(size, choices(chance, sentences, "\n")))
    write(output / "alpaca/examples.jsonl", until(size, examples(chance, prose)))
    if given[cut + 1 :]:
        dump(chance, output / "wikipedia/enwiki-pages-articles.xml", size, given[cut + 1 :])


if __name__ == "__main__":
    main()
