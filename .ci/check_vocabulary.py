"""Compares a smaller vocabulary with the one it was cut from, by Hugging Face's tokenizers.

    python3 -m venv DIR && DIR/bin/pip install tokenizers==0.22.1 sentencepiece==0.2.1
    DIR/bin/python .ci/check_vocabulary.py OLD NEW TEXT...

OLD and NEW are folders with a tokenizer.json, TEXT are files of text. Every line, and every word of it,
none of whose tokens was removed must have the same tokens in NEW; every line must be decoded as in OLD;
every token that stays must have its text; and ids must be dense, in the old order. Where a
tokenizer.model lies in NEW, SentencePiece must give NEW's tokens by it wherever it did so for OLD.
"""

import sys
from pathlib import Path

from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer


def tokenizer(folder):
    return Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))


def pieces(folder):
    file = Path(folder) / "tokenizer.model"
    return SentencePieceProcessor(model_file=str(file)) if file.exists() else None


def main(old_folder, new_folder, *texts):
    old, new = tokenizer(old_folder), tokenizer(new_folder)
    before, after = old.get_vocab(with_added_tokens=True), new.get_vocab(with_added_tokens=True)
    strangers = sorted(set(after) - set(before))
    if strangers:
        sys.exit(f"{len(strangers)} tokens are new, such as {strangers[0]!r}")
    kept = sorted(after, key=before.get)
    if [after[token] for token in kept] != list(range(len(kept))):
        sys.exit("the new ids are not dense, in the old order")
    new_id = {before[token]: after[token] for token in kept}
    of_old, of_new = pieces(old_folder), pieces(new_folder)
    same = changed = more = by_pieces = 0
    for path in texts:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            for text in [line, *line.split(" ")]:
                ids = old.encode(text, add_special_tokens=False).ids
                now = new.encode(text, add_special_tokens=False).ids
                spelled = old.decode(ids, skip_special_tokens=False)
                if new.decode(now, skip_special_tokens=False) != spelled:
                    sys.exit(f"{text!r} is decoded differently")
                if of_new and of_old.encode(text) == ids:
                    by_pieces += 1
                    if of_new.encode(text) != now:
                        sys.exit(f"{text!r} has other tokens by tokenizer.model: {of_new.encode(text)}, {now}")
                if all(each in new_id for each in ids):
                    same += 1
                    if now != [new_id[each] for each in ids]:
                        sys.exit(f"{text!r} has no removed token, but other tokens: {ids}, {now}")
                else:
                    changed += 1
                    more += len(now) - len(ids)
    if not same or not changed:
        sys.exit(f"{same} texts without and {changed} with a removed token: nothing was compared")
    print(f"{len(before)} tokens, {len(after)} of them stay")
    print(f"{same} lines and words have the same tokens, {changed} have {more} more")
    if of_new:
        print(f"tokenizer.model has {of_new.get_piece_size()} pieces, and gave the same tokens {by_pieces} times")


if __name__ == "__main__":
    main(*sys.argv[1:])
