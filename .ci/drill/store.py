"""Stages from and to a store whose every request waits two seconds, and one of twenty is refused.

The store is s3proxy, in memory. Each stage must publish the same bytes there as on the disk. All run at once: they wait
most of the time. There is a folder for each, with what the stages before it made on the disk.
"""

import contextlib
import shutil
import sys
import urllib.request

import line
import program
import published

sys.path.insert(0, str(program.HOME / ".ci/cluster"))
import s3  # noqa: E402
from connection import FailingLine  # noqa: E402

STORE = 17180  # and a port above it for each stage
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
    with contextlib.ExitStack() as servers:
        servers.callback(s3.serve(work, STORE, "drill").kill)
        begun = {}
        for number, stage in enumerate(STAGES, 1):
            for file in local.rglob("*"):
                if file.is_file():
                    put(f"{stage}/{file.relative_to(local)}", file)
            run(drill, work, stage, local, STORE).wait()
            slow = FailingLine(STORE + number, STORE, WAIT, REFUSE, drill.seed)
            servers.callback(slow.close)
            begun[stage] = slow, run(drill, work, stage, f"s3a://drill/{stage}", STORE + number)
        for stage, (slow, there) in begun.items():
            code = there.wait()
            wrong = different(local, stage) if code == 0 else [f"exit code {code}: {line.last(there.said)}"]
            drill.row("slow store", f"{stage}: {slow.requests} requests, {slow.refused} refused",
                      f"after {there.seconds / 60:.0f} minutes the same bytes as on the disk", wrong)


def run(drill, work, stage, place, port):
    """Starts a stage with everything below one address, and a cache of its own for the store."""
    name = f"{stage}-{'local' if port == STORE else 'store'}"
    sources = ", ".join(f"{{corpus: {corpus}, paths: [{place}/sample/{corpus}]}}" for corpus in CORPORA)
    (work / f"{name}.yaml").write_text(STAGES[stage].format(place=place, sources=sources))
    conf = work / f"conf-{name}"
    conf.mkdir()
    (conf / "core-site.xml").write_text(s3.core_site(s3.hadoop_settings(port)))
    return drill.command(f"store/{name}", stage, "--config", work / f"{name}.yaml", cache=work / f"cache-{name}",
                         environment={**s3.KEYS, "LORASHEAR_S3": "yes", "HADOOP_CONF_DIR": str(conf)})


def put(name, file):
    urllib.request.urlopen(urllib.request.Request(f"{BUCKET}/{name}", data=file.read_bytes(), method="PUT")).close()


def different(local, stage):
    """What a stage's folder in the store has otherwise than the disk's; names that end in / are markers of folders."""
    folder = OUTPUTS[stage]
    names = {name for name in s3.objects(STORE, "drill", f"{stage}/{folder}/") if not name.endswith("/")}
    here = {f"{stage}/{file.relative_to(local)}": file for file in (local / folder).rglob("*") if file.is_file()}
    if names != here.keys() or f"{stage}/{folder}/{published.MANIFEST}" not in names:
        return [f"other files than on the disk: {sorted(names ^ here.keys())}"]
    wrong = []
    for name, file in here.items():
        with urllib.request.urlopen(f"{BUCKET}/{name}") as there:
            if there.read() != file.read_bytes():
                wrong.append(f"{name} has other bytes than on the disk")
    return wrong
