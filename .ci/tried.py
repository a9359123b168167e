"""The table of the results of our exports in other programs: model-jobs/…/export/tried.tsv.

A check calls record(…) for each try. TRIED=write writes the result into the table; without it
the check fails if the result differs from the table. The table in docs/loading.md is made from it too.
"""

import datetime
import json
import math
import os
import sys
from pathlib import Path

TABLE = Path(__file__).parent.parent / "model-jobs/src/main/resources/io/lorashear/export/tried.tsv"
PAGE = Path(__file__).parent.parent / "docs/loading.md"
SHAPES = ("plain", "heads", "free-mlp", "free", "skip")
BEGIN, END = "<!-- tried -->\n", "<!-- end -->\n"
RESULTS = ("same", "unsaid", "not-run", "refused", "differs")


def read():
    head, *rows = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines())
    return head, rows


def page():
    """Writes the table into docs/loading.md: one line for each program, form and shape."""
    groups = {}
    for program, version, _, form, family, shape, result, _ in read()[1]:
        groups.setdefault((program, version, form, shape), []).append((family, result))
    lines = ["| program | form | shape | the same logits | otherwise |\n", "|---|---|---|---|---|\n"]
    for (program, version, form, shape), tries in groups.items():
        same = ", ".join(family for family, result in tries if result == "same")
        other = ", ".join(f"{family} ({result})" for family, result in tries if result != "same")
        lines.append(f"| {program} {version} | {form} | {shape} | {same} | {other} |\n")
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    text = before + BEGIN + "".join(lines) + END + rest.split(END)[1]
    PAGE.write_text(text, encoding="utf-8")


def record(program, version, form, model, shape, result, detail=""):
    """One try; detail is the largest difference of a logit, or the first line of an error."""
    assert result in RESULTS, result
    detail = " ".join(str(detail).split())[:160]
    print("\t".join((program, version, form, model, shape, result, detail)), flush=True)
    head, rows = read()
    key = [program, version, form, model, shape]
    before = next((row for row in rows if row[:2] + row[3:6] == key), None)
    if os.environ.get("TRIED") != "write":
        told = before[6] if before else "nothing"
        if told != result:
            sys.exit(f"{TABLE.name} says {told} of {' '.join(key)}, but it is {result}: {detail}")
        return
    row = [program, version, datetime.date.today().isoformat(), form, model, shape, result, detail]
    if before and before[6:] == row[6:]:
        return
    rows = [other for other in rows if other is not before] + [row]
    rows.sort(key=lambda row: (row[0].lower(), row[1], row[3], SHAPES.index(row[5]), row[4]))
    text = "".join("\t".join(row) + "\n" for row in [head] + rows)
    TABLE.with_suffix(".new").write_text(text, encoding="utf-8")
    TABLE.with_suffix(".new").replace(TABLE)
    page()


def within(difference, largest=1e-3):
    """The result of a comparison, and its detail."""
    return ("same" if difference <= largest else "differs"), f"{difference:.0e}"


def model(config):
    """A family as the table names it; behind a slash what its attention has of its own."""
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    window = config.get("sliding_window") or 0
    slides = 0 < window < config.get("max_position_embeddings", 0) and config.get("use_sliding_window", True)
    own = ([] if kind == "default" else [kind]) + (["window"] if slides else [])
    return "/".join([config["model_type"], *own])


def tries(out, target, form, program, version, logits, models="model", expected=list, largest=1e-3, shapes=SHAPES):
    """Every export that Exports.java wrote for a target: logits(folder, rows of ids) are compared.

    What is expected of a row is expected(its logits). Where several small models are of one family, the row is that
    of the one that went worst.
    """
    found = {}
    for folder in sorted((Path(out) / models).iterdir()):
        config = json.loads((folder / "config.json").read_text())
        config["model_type"] = config.get("base_model_type", config["model_type"])
        shape = next(s for s in SHAPES[::-1] if folder.name.endswith("-" + s))
        if shape not in shapes:
            continue
        export = Path(out) / target / folder.name
        why = export.with_name(export.name + ".unsaid")
        if why.exists():
            result = "unsaid", why.read_text().replace(str(folder), "a model")
        else:
            stored = json.loads((folder / "expected.json").read_text())
            last = [expected(row) for row in stored["logits_last"]]
            result = attempt(export, stored["ids"], last, logits, largest)
        before = found.get((model(config), shape))
        if before is None or RESULTS.index(result[0]) > RESULTS.index(before[0]):
            found[model(config), shape] = result
    for (family, shape), result in sorted(found.items()):
        record(program, version, form, family, shape, *result)


def normalized(logits):
    """Log-probabilities, for programs that give no logits."""
    most = max(logits)
    total = most + math.log(sum(math.exp(x - most) for x in logits))
    return [x - total for x in logits]


def attempt(export, ids, expected, logits, largest):
    try:
        rows = logits(export, ids)
    except Exception as failure:  # whatever the program throws is its answer
        text = str(failure).strip() or "no message"
        return "refused", f"{type(failure).__name__}: {text.splitlines()[0]}".replace(str(export), "the folder")
    pairs = zip(rows, expected, strict=True)
    worst = max(abs(x - y) for row, last in pairs for x, y in zip(row, last, strict=True))
    return within(worst, largest)
