"""Stages from and to a store whose every request waits two seconds, and one of twenty is refused.

The store is s3proxy, in memory. Each stage must publish the same bytes there as on the disk.
"""

import contextlib
import pathlib
import shutil
import sys
import urllib.request

import line
import program
import published

sys.path.insert(0, str(program.HOME / ".ci/cluster"))
import s3  # noqa: E402
from connection import FailingLine  # noqa: E402

STORE, LINE = 17180, 17181
WAIT, REFUSE = 2.0, 0.05
BUCKET = f"http://127.0.0.1:{STORE}/drill"
CORPORA = ("wikipedia", "openwebtext", "gutenberg", "bookcorpus", "alpaca")
STAGES = {
    "ingest": "sources: [{sources}]\ntokenizer: {place}/sample/tokenizer.json\noutput: {place}/documents\n",
    "tokenize": "documents: {place}/documents\ntokenizer: {place}/sample/tokenizer.json\noutput: {place}/corpus\n"
                "sequenceLength: 128\nvalidation: {{share: 0.1}}\nshardCharacters: 50000\npassageCharacters: 5000\n",
    "perplexity": "corpus: {place}/corpus\ncheckpoint: {place}/model\noutput: {place}/losses\nrows: 8\n",
    "prune": "checkpoint: {place}/model\ncorpus: {place}/corpus\noutput: {place}/pruned\nunprunable: 0\nratio: 0.2\nrows: 16\n"
             "lhspg: {{warmupSteps: 4, periods: 2, stepsPerPeriod: 4, coolDownSteps: 4}}\ntrain: {{rows: 2}}\n",
    "recover": "checkpoint: {place}/pruned\ncorpus: {place}/corpus\noutput: {place}/recovered\nrows: 8\nvalidationRows: 2\n"
               "train: {{rows: 2}}\n",
}
OUTPUTS = {"ingest": "documents", "tokenize": "corpus", "perplexity": "losses", "prune": "pruned", "recover": "recovered"}


def drill(drill):
    work = drill.work / "store"
    shutil.rmtree(work, ignore_errors=True)
    local = work / "local"
    shutil.copytree(drill.work / "sample", local / "sample")
    shutil.copytree(drill.reference.root / "cache/demo-model", local / "model")
    with contextlib.ExitStack() as both:
        (work / "conf").mkdir()
        (work / "conf/core-site.xml").write_text(s3.core_site(s3.hadoop_settings(LINE)))
        both.callback(s3.serve(work, STORE, "drill").kill)
        for file in [*local.rglob("*")]:
            if file.is_file():
                put(file.relative_to(local), file)
        for stage in STAGES:
            run(drill, work, stage, local).wait()
        slow = FailingLine(LINE, STORE, WAIT, REFUSE, drill.seed)
        both.callback(slow.close)
        for stage in STAGES:
            asked, refused = slow.requests, slow.refused
            there = run(drill, work, stage, "s3a://drill")
            code = there.wait()
            wrong = different(local, OUTPUTS[stage]) if code == 0 else [f"exit code {code}: {line.last(there.said)}"]
            drill.row("slow store", f"{stage}: {slow.requests - asked} requests, {slow.refused - refused} refused",
                      "the same bytes as on the disk", wrong)


def run(drill, work, stage, place):
    """Starts a stage with everything below one address, and a cache of its own for the store."""
    name = f"{stage}-{'local' if isinstance(place, pathlib.Path) else 'store'}"
    sources = ", ".join(f"{{corpus: {corpus}, paths: [{place}/sample/{corpus}]}}" for corpus in CORPORA)
    (work / f"{name}.yaml").write_text(STAGES[stage].format(place=place, sources=sources))
    return drill.command(f"store/{name}", stage, "--config", work / f"{name}.yaml", cache=work / "cache",
                         environment={**s3.KEYS, "LORASHEAR_S3": "yes", "HADOOP_CONF_DIR": str(work / "conf")})


def put(name, file):
    urllib.request.urlopen(urllib.request.Request(f"{BUCKET}/{name}", data=file.read_bytes(), method="PUT")).close()


def different(local, folder):
    """What the store's folder has otherwise than the disk's."""
    names = s3.objects(STORE, "drill", f"{folder}/").keys()
    here = {str(file.relative_to(local)): file for file in (local / folder).rglob("*") if file.is_file()}
    if names != here.keys() or f"{folder}/{published.MANIFEST}" not in names:
        return [f"other files than on the disk: {sorted(names ^ here.keys())}"]
    wrong = []
    for name, file in here.items():
        with urllib.request.urlopen(f"{BUCKET}/{name}") as there:
            if there.read() != file.read_bytes():
                wrong.append(f"{name} has other bytes than on the disk")
    return wrong
