"""Checks a Spark cluster of three processes and an S3 server: the same bytes as on one machine, whatever is killed.

    python3 .ci/cluster/check.py [FOLDER [PART …]]   some minutes; FOLDER is target/cluster unless named
    LORASHEAR_SPARK=3.5 python3 …                    the same on Spark 3.5

A master and two workers are started from Maven's jars, s3proxy serves a folder as S3, and the connection
between them can be made to fail. Then, each compared with a local run:
  plain     ingest and tokenize, from and to s3a://
  worker    one worker and its executor are killed in the midst of tokenizing
  driver    the driver is killed; a second start keeps the shards that were there
  store     for some seconds every other request is answered with 503, the others are cut off
  losses    losses of a small model, on one executor and on two
  drained   one of two workers is told to leave in the midst of tokenizing
  full      a document does not fit into the heap of an executor
  submitted the driver runs on a worker (--deploy-mode cluster), and is killed there: with --supervise the master
            starts it again, and it keeps the shards that were there
  mistaken  the same with a mistake in the settings, which is in the driver's stderr
All parts by default; losses needs plain. What was run last lies in .ci/check_cluster.txt.
"""

import contextlib
import filecmp
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import s3  # noqa: E402
from connection import FailingLine  # noqa: E402

HOME = pathlib.Path(__file__).resolve().parents[2]
WORK = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HOME / "target/cluster").resolve()
MASTER, STORE, LINE = 17077, 17080, 17081
TARGET, SCALA = ("target/spark3", "2.12") if os.environ.get("LORASHEAR_SPARK") == "3.5" else ("target", "2.13")
DOCUMENTS = "400"
SHARDS = ["shardCharacters=20000", "passageCharacters=5000"]
S3A = s3.hadoop_settings(LINE)


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def class_path(name):
    return (HOME / "spark-jobs" / TARGET / "launch" / name).read_text().strip().split(":")


def java(*arguments, log, environment=(), heap="256m"):
    """Starts a program of the JVM, whose output goes to a file."""
    flags = (HOME / "bin/spark-flags").read_text().split()
    with open(WORK / f"{log}.log", "ab") as out:
        return subprocess.Popen(
            ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", *flags, *arguments],
            stdout=out, stderr=out, cwd=WORK, env={**os.environ, **s3.KEYS, **dict(environment)})


def build():
    """Our jars and Spark's; and a home for Spark with links to the latter."""
    environment = {**os.environ, "LORASHEAR_S3": "yes"}
    subprocess.run([HOME / "bin/lorashear", "--master", "local", "--help"], env=environment,
                   check=True, stdout=subprocess.DEVNULL)
    jars = WORK / "spark/jars"
    jars.mkdir(parents=True)
    needed_too = ("commons-", "jackson-", "log4j-", "protobuf-java-", "slf4j-", "snakeyaml-", "xz-")  # as bin/lorashear
    shared = [jar for jar in class_path("libraries") if pathlib.Path(jar).name.startswith(needed_too)]
    for jar in {*class_path("spark"), *shared}:
        (jars / pathlib.Path(jar).name).symlink_to(jar)


def spark_daemon(kind, *arguments, log):
    environment = {"SPARK_HOME": f"{WORK}/spark", "SPARK_LOCAL_DIRS": f"{WORK}/scratch",
                   "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_SCALA_VERSION": SCALA}
    return java("-Dspark.decommission.enabled=true", "-cp", f"{WORK}/spark/jars/*", f"org.apache.spark.deploy.{kind}", *arguments,
                log=log, environment=environment)


def worker(number):
    return spark_daemon("worker.Worker", "--host", "127.0.0.1", "--webui-port", str(18080 + number),
                        "--cores", "1", "--memory", "1g", "--work-dir", f"{WORK}/work-{number}",
                        f"spark://127.0.0.1:{MASTER}", log=f"worker-{number}")


def hadoop(*command):
    """A command of Hadoop's shell."""
    (WORK / "hadoop").mkdir(exist_ok=True)
    (WORK / "hadoop/core-site.xml").write_text(s3.core_site(S3A))
    done = java("-cp", f"{WORK}/hadoop:{WORK}/spark/jars/*", "org.apache.hadoop.fs.FsShell",
                *command, log="hadoop").wait()
    if done != 0:
        raise SystemExit(f"hadoop fs {' '.join(command)} failed: see {WORK}/hadoop.log")


def lorashear(name, *arguments, cluster=True, cores=2, submit=()):
    """Starts a command, on so many of the cluster's executors of one core, or in one process."""
    settings = [f"--conf spark.hadoop.{key}={value}" for key, value in S3A.items()]
    more = ["--conf spark.driver.host=127.0.0.1", "--conf spark.executor.memory=768m",
            "--conf spark.sql.shuffle.partitions=24", f"--conf spark.cores.max={cores}", "--conf spark.ui.enabled=false",
            "--conf spark.sql.adaptive.enabled=false", *submit]
    environment = {**os.environ, **s3.KEYS, "LORASHEAR_S3": "yes", "LORASHEAR_HEAP": "1g",
                   "SPARK_LOCAL_DIRS": f"{WORK}/scratch",
                   "LORASHEAR_SUBMIT": " ".join(settings + more)}
    master = ["--master", f"spark://127.0.0.1:{MASTER}"] if cluster else []
    with open(WORK / f"{name}.log", "ab") as out:
        return subprocess.Popen([HOME / "bin/lorashear", *master, *arguments],
                                stdout=out, stderr=out, cwd=WORK, env=environment)


def settings(place, sample, name, shards=()):
    """What ingest and tokenize are told, with everything below one address."""
    sources = ", ".join(f"{{corpus: {corpus}, paths: [{sample}/{corpus}]}}" for corpus in
                        ("wikipedia", "openwebtext", "gutenberg", "bookcorpus", "alpaca"))
    tokenizer = f"{sample}/tokenizer.json"
    (WORK / f"{name}-ingest.yaml").write_text(
        f"sources: [{sources}]\ntokenizer: {tokenizer}\noutput: {place}/documents\n"
        "cleaning: {paragraphTokens: 16}\n")
    lines = "".join(line.replace("=", ": ") + "\n" for line in shards)
    (WORK / f"{name}-tokenize.yaml").write_text(
        f"documents: {place}/documents\ntokenizer: {tokenizer}\noutput: {place}/{name}\n{lines}")


def finish(process, name):
    if process.wait() != 0:
        tail = (WORK / f"{name}.log").read_text(errors="replace")[-3000:]
        raise SystemExit(f"{name} failed:\n{tail}")


def run(name, stage, cluster=True):
    finish(lorashear(name, stage, "--config", f"{WORK}/{name}-{stage}.yaml", cluster=cluster), name)


def shards(name):
    """Finished training and validation shards that the store has, with their times."""
    return {key: time for key, time in s3.objects(STORE, "lorashear", f"{name}/sequences/").items() if key.endswith(".parquet")}


def wait_for_shards(name, process, count=2):
    while len(shards(name)) < count:
        if process.poll() is not None:
            raise SystemExit(f"{name} ended too early: see {WORK}/{name}.log")
        time.sleep(0.05)


def kept(name, before):
    after = shards(name)
    if not before or any(after.get(shard) != written for shard, written in before.items()):
        raise SystemExit(f"{name}: finished shards were written again")
    say(f"{name}: {len(before)} of {len(after)} shards kept")


def same(name, what):
    """Compares what the store has with what the local run has."""
    local = WORK / "local" / what
    remote = WORK / "got" / name
    shutil.rmtree(remote, ignore_errors=True)
    remote.parent.mkdir(exist_ok=True)
    hadoop("-get", f"s3a://lorashear/{name}", str(remote))
    names = sorted(str(p.relative_to(local)) for p in local.rglob("*") if p.is_file())
    there = sorted(str(p.relative_to(remote)) for p in remote.rglob("*")
                   if p.is_file() and not p.name.endswith(".crc"))
    if names != there:
        raise SystemExit(f"{name}: other files than locally: {set(names) ^ set(there)}")
    _, other, lost = filecmp.cmpfiles(local, remote, names, shallow=False)
    if other or lost:
        raise SystemExit(f"{name}: other bytes than locally: {other + lost}")
    say(f"{name}: {len(names)} files, the same bytes as locally")


def kill_with_children(process):
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)],
                              capture_output=True, text=True, check=False).stdout.split()
    process.kill()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def tokenize(name, **how):
    settings("s3a://lorashear", "s3a://lorashear/sample", name, SHARDS)
    return lorashear(name, "tokenize", "--config", f"{WORK}/{name}-tokenize.yaml", **how)


# One worker's core is the driver's, the other the executor's.
ON_A_WORKER = {"cores": 1, "submit": ["--deploy-mode cluster", "--supervise",
                                      "--conf spark.standalone.submit.waitAppCompletion=true"]}


def driver_on_a_worker():
    """The process number of the driver, or None."""
    found = subprocess.run(["pgrep", "-f", "deploy.worker.DriverWrapper"],
                           capture_output=True, text=True, check=False).stdout.split()
    return int(found[0]) if found else None


def submitted(cluster):
    begun = tokenize("submitted", **ON_A_WORKER)
    wait_for_shards("submitted", begun)
    os.kill(driver_on_a_worker(), signal.SIGKILL)
    before = shards("submitted")
    say(f"submitted: the driver on its worker killed after {len(before)} shards")
    finish(begun, "submitted")
    kept("submitted", before)
    same("submitted", "corpus")


def mistaken(cluster):
    (WORK / "mistaken-tokenize.yaml").write_text("documents: s3a://lorashear/documents\ntokenizer: none\n"
                                                 "output: s3a://lorashear/mistaken\n")
    how = {**ON_A_WORKER, "submit": [word for word in ON_A_WORKER["submit"] if word != "--supervise"]}
    # Spark's client ends with 0 even if the driver it waited for has failed.
    code = lorashear("mistaken", "tokenize", "--config", f"{WORK}/mistaken-tokenize.yaml", **how).wait()
    told = [file.read_text(errors="replace").splitlines()[-1] for file in WORK.glob("work-*/driver-*/stderr")]
    mistake = "none: no such file; give the tokenizer.json that came with the model"
    failed = re.search("Driver driver-[0-9-]+ exited with failure",
                       "".join(log.read_text(errors="replace") for log in WORK.glob("worker-*.log")))
    if mistake not in told or not failed:
        raise SystemExit(f"mistaken: exit code {code}, and the drivers said {told}")
    say(f"mistaken: the driver failed and named the mistake; its client's exit code is {code}")


DRAIN = ["--conf spark.decommission.enabled=true", "--conf spark.storage.decommission.enabled=true",
         "--conf spark.storage.decommission.shuffleBlocks.enabled=true"]


def drained(cluster):
    """A worker that is told to leave takes no more tasks; its shuffle files go to the other one."""
    begun = tokenize("drained", submit=DRAIN)
    wait_for_shards("drained", begun)
    cluster.workers[2].send_signal(signal.SIGPWR)
    say("drained: one of two workers told to leave")
    finish(begun, "drained")
    if "Decommission worker" not in (WORK / "worker-2.log").read_text(errors="replace"):
        raise SystemExit(f"drained: the worker does not say that it leaves: see {WORK}/worker-2.log")
    same("drained", "corpus")
    kill_with_children(cluster.workers[2])
    cluster.start_worker(2)


def full(cluster):
    """A document that is too large for the heap of an executor: one message, which names the setting."""
    (WORK / "large.jsonl").write_text(json.dumps({"text": " ".join(f"word{number}" for number in range(3_000_000))}) + "\n")
    (WORK / "full-ingest.yaml").write_text(
        f"sources: [{{corpus: openwebtext, paths: [{WORK}/large.jsonl]}}]\ntokenizer: {WORK}/sample/tokenizer.json\n"
        "output: s3a://lorashear/full\ncleaning: {paragraphTokens: 0}\nlimits: {recordBytes: 100000000}\n")
    code = lorashear("full", "ingest", "--config", f"{WORK}/full-ingest.yaml",
                     submit=["--conf spark.executor.memory=460m"]).wait()
    told = [line for line in (WORK / "full.log").read_text(errors="replace").splitlines() if "spark.executor.memory" in line]
    if code != 1 or len(told) != 1:
        raise SystemExit(f"full: exit code {code}, and {told or 'nothing'} about memory: see {WORK}/full.log")
    say(f"full: {told[0][:200]}")


def pretrain():
    """A model of a few steps; what it says does not matter."""
    (WORK / "model-pretrain.yaml").write_text(
        f"corpus: {WORK}/local/corpus\ntokenizer: {WORK}/sample/tokenizer.json\n"
        f"output: {WORK}/model\ntokens: 20000\nhidden: 64\nlayers: 2\nchannels: 128\n")
    run("model", "pretrain", cluster=False)


def losses(name, corpus, place, **where):
    """Scores rows of a corpus with that model."""
    (WORK / f"{name}-perplexity.yaml").write_text(
        f"corpus: {corpus}\ncheckpoint: {WORK}/model\noutput: {place}/{name}\nrows: 64\n"
        "batchRows: 4\ntokens: true\n")
    finish(lorashear(name, "perplexity", "--config", f"{WORK}/{name}-perplexity.yaml", **where),
           name)


def plain(cluster):
    run("plain", "tokenize")
    same("plain", "corpus")


def killed_worker(cluster):
    begun = tokenize("worker")
    wait_for_shards("worker", begun)
    kill_with_children(cluster.workers[2])
    say("worker: one of two workers killed")
    finish(begun, "worker")
    same("worker", "corpus")
    cluster.start_worker(2)


def killed_driver(cluster):
    begun = tokenize("driver")
    wait_for_shards("driver", begun)
    begun.kill()
    begun.wait()
    time.sleep(5)
    before = shards("driver")
    finish(tokenize("driver"), "driver")
    kept("driver", before)
    same("driver", "corpus")


def failing_store(cluster):
    begun = tokenize("store")
    wait_for_shards("store", begun)
    cluster.line.fail_for(seconds=12)
    finish(begun, "store")
    say(f"store: {cluster.line.refused} requests answered with 503, {cluster.line.cut} cut off")
    if not cluster.line.refused or not cluster.line.cut:
        raise SystemExit("store: the job was over before the store failed")
    same("store", "corpus")


def losses_on_executors(cluster):
    pretrain()
    losses("losses", f"{WORK}/local/corpus", f"{WORK}/local", cluster=False)
    for cores in (1, 2):
        losses(f"losses-{cores}", "s3a://lorashear/plain", "s3a://lorashear", cores=cores)
        same(f"losses-{cores}", "losses")


PARTS = {"plain": plain, "worker": killed_worker, "driver": killed_driver, "store": failing_store,
         "losses": losses_on_executors, "drained": drained, "full": full, "submitted": submitted, "mistaken": mistaken}


class Cluster:
    """The store, its failing connection, a master and two workers."""

    def __init__(self):
        self.store = s3.serve(WORK, STORE, "lorashear")
        self.line = FailingLine(LINE, STORE)
        self.master = spark_daemon("master.Master", "--host", "127.0.0.1", "--port", str(MASTER), "--webui-port", "18080",
                                   log="master")
        time.sleep(5)
        self.workers = {}
        self.start_worker(1)
        self.start_worker(2)

    def start_worker(self, number):
        self.workers[number] = worker(number)

    def stop(self):
        self.line.close()
        for process in (self.store, self.master, *self.workers.values()):
            kill_with_children(process)


def main():
    wanted = sys.argv[2:] or list(PARTS)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    build()
    finish(lorashear("sample", "sample", "--out", f"{WORK}/sample", "--documents", DOCUMENTS,
                     cluster=False), "sample")
    settings(f"{WORK}/local", f"{WORK}/sample", "corpus", SHARDS)
    (WORK / "corpus.log").touch()
    run("corpus", "ingest", cluster=False)
    run("corpus", "tokenize", cluster=False)
    say("local run done")
    cluster = Cluster()
    try:
        hadoop("-put", "-d", f"{WORK}/sample", "s3a://lorashear/sample")
        settings("s3a://lorashear", "s3a://lorashear/sample", "plain", SHARDS)
        run("plain", "ingest")
        same("documents", "documents")
        for part in wanted:
            PARTS[part](cluster)
        say("done")
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
