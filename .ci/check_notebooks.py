"""Runs every notebook without saved outputs: on a whole run, on a run without any part, and on no run.

    .ci/check_notebooks.sh RUN

RUN is the work folder of a demo. Committed notebooks must have no outputs. On RUN every cell that draws
must make a picture with coloured marks, whose axes have titles and names; on an empty folder every
notebook must end without error, draw nothing, and say what is missing. Pictures are left in OUT.
"""

import base64
import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
# Before the notebook's own cells: a figure that is shown without titles or names of axes is an error.
LABELLED = """
import matplotlib.pyplot as plt

def _labelled(show=plt.show):
    for figure in map(plt.figure, plt.get_fignums()):
        for axis in figure.axes:
            if axis.get_label() == "<colorbar>":
                continue
            inner = axis.get_subplotspec() and not axis.get_subplotspec().is_last_row()
            named = axis.get_title() or axis.get_title("left")
            assert named and axis.get_ylabel() and (axis.get_xlabel() or inner), f"a picture without title or names: {named!r}"
    show()

plt.show = _labelled
"""
# A cell that draws may say instead why it has nothing to draw: on the demo these alone.
WITHOUT_PICTURE = ("One share was taken out",)


def execute(path, **environment):
    """The notebook as it is after a run of all its cells; LABELLED goes first and is taken out again."""
    os.environ.update(environment)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(LABELLED))
    NotebookClient(notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}, extra_arguments=["--log-level=ERROR"]).execute()
    del notebook.cells[0]
    return notebook


def said(cell):
    return "".join(output.text for output in cell.get("outputs", []) if output.output_type == "stream" and output.name == "stdout")


def pictures(cell):
    return [base64.b64decode(output.data["image/png"]) for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def look(png, place):
    """Ends the check where a picture is blank, or has a frame and words but no coloured mark."""
    image = matplotlib.image.imread(io.BytesIO(png), format="png")[..., :3]  # (height, width, 3), 0 to 1
    spread = image.max(axis=2) - image.min(axis=2)
    coloured = (spread > 0.15).mean()
    if min(image.shape[:2]) < 100 or image.var() < 1e-3 or coloured < 5e-4:
        sys.exit(f"{place}: a picture of {image.shape[1]} x {image.shape[0]} points has variance {image.var():.5f}, {coloured:.3%} of it coloured: it shows nothing")


def warned(notebook, name):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr" and "Warning" in output.text:
                sys.exit(f"{name} warns: {output.text.strip()}")


def committed(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            sys.exit(f"{path.name} is committed with outputs: clear them")


def on_run(path, out, **environment):
    """Executes on a whole run, keeps the pictures, and returns how many there are."""
    notebook = execute(path, **environment)
    warned(notebook, path.name)
    seen = 0
    for cell in notebook.cells:
        drawn = pictures(cell)
        if "plt.show()" in cell.source and not drawn and not said(cell).startswith(WITHOUT_PICTURE):
            sys.exit(f"{path.name}: a cell drew nothing and said {said(cell)!r}:\n{cell.source[:300]}")
        for png in drawn:
            seen += 1
            file = out / f"{path.stem}-{seen}.png"
            file.write_bytes(png)
            look(png, file.name)
    nbformat.write(notebook, out / path.name)
    return seen


def on_nothing(path, empty):
    """Executes where no part of a run exists."""
    notebook = execute(path, LORASHEAR_RUN=str(empty), LORASHEAR_RUNS="")
    warned(notebook, path.name)
    told = "".join(said(cell) for cell in notebook.cells)
    if any(pictures(cell) for cell in notebook.cells) or not any(word in told for word in ("This run has no", "has no report/")):
        sys.exit(f"{path.name} on an empty folder must draw nothing and say so, but said {told!r}")


def another(run, folder):
    """A second run to compare with: the same but for its recovered model, which is a tenth worse."""
    for part in ("report", "losses"):
        shutil.copytree(run / part, folder / part)
    report = json.loads((folder / "report/report.json").read_text())
    report["recovered"]["perplexity"] *= 1.1
    (folder / "report/report.json").write_text(json.dumps(report))
    for record in run.glob("*.run.json"):
        shutil.copy(record, folder)
    file = folder / "losses/recovered/documents.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(line | {"loss": line["loss"] * 1.1}) + "\n" for line in lines))


def main():
    run, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    paths = sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        committed(path)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        # The kernel of this Python, and no settings of the user's.
        os.environ.update(JUPYTER_DATA_DIR=str(scratch / "jupyter"), JUPYTER_CONFIG_DIR=str(scratch / "jupyter"), IPYTHONDIR=str(scratch / "ipython"), HF_HOME=str(scratch / "hub"), HF_HUB_OFFLINE="1", OMP_WAIT_POLICY="PASSIVE")
        (scratch / "empty").mkdir()
        (scratch / "other").mkdir()
        another(run, scratch / "other")
        seen = 0
        for path in paths:
            runs = f"{run}{os.pathsep}{scratch / 'other'}" if path.stem.startswith("4") else ""
            seen += on_run(path, out, LORASHEAR_RUN=str(run), LORASHEAR_RUNS=runs)
            on_nothing(path, scratch / "empty")
        try:
            execute(paths[0], LORASHEAR_RUN=str(scratch / "nowhere"), LORASHEAR_RUNS="")
            sys.exit("a run that does not exist must be told")
        except CellExecutionError as error:
            if "name a run's work folder in LORASHEAR_RUN" not in str(error):
                raise
    print(f"{len(paths)} notebooks ran from clean, {seen} pictures were looked at; without a run each says what is not there")


main()
