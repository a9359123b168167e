"""Runs ingest and tokenize on YARN and HDFS: the same bytes as on one machine, whatever is killed.

    python3 .ci/cluster/check_yarn.py [FOLDER [PART …]]   some minutes; FOLDER is target/yarn unless named
    SPARK_HOME=… python3 …                                by the Spark of that folder, for example pip's pyspark
    LORASHEAR_SPARK=3.5 python3 …                         on Spark 3.5

HDFS, a resource manager and two node managers are started from Maven's jars, each in a JVM of its own. Then, each
compared with a local run by the bytes of every published file:
  client      in client mode, from and to hdfs://
  cluster     in cluster mode; and a mistake in the settings, which must be told
  node        a node manager and its containers are killed while ingest runs
  master      the driver is killed in cluster mode; its second attempt keeps the shards that were there
  standalone  in cluster mode on a standalone master
  store       without YARN: tokenize to hdfs:/// is killed, and started again
All parts by default. What was run last, and which parts were not, lies in .ci/check_yarn.txt.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))
from hadoop import Hadoop, kill_tree  # noqa: E402

HOME = HERE.parents[2]
WORK = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HOME / "target/yarn").resolve()
TARGET, SCALA = ("target/spark3", "2.12") if os.environ.get("LORASHEAR_SPARK") == "3.5" else ("target", "2.13")
DOCUMENTS = os.environ.get("DOCUMENTS", "60")
CORPORA = ("wikipedia", "openwebtext", "gutenberg", "bookcorpus", "alpaca")
# The file of the product, and over it what fits a small machine.
SMALL = {
    "spark.executor.cores": 1,
    "spark.executor.memory": "512m",
    "spark.executor.memoryOverhead": "384m",
    "spark.driver.memoryOverhead": "384m",
    "spark.dynamicAllocation.maxExecutors": 2,
    "spark.sql.shuffle.partitions": 8,
    "spark.ui.enabled": "false",
}
# A Spark of one's own lies in the same folder of every machine here; the launcher's is sent.
if os.environ.get("SPARK_HOME"):
    SMALL["spark.yarn.jars"] = f"local:{os.environ['SPARK_HOME']}/jars/*"
MASTER = "org.apache.spark.deploy.yarn.ApplicationMaster"
EXECUTOR = "org.apache.spark.executor.YarnCoarseGrainedExecutorBackend"
YARN = ["--properties-file", f"{HOME}/conf/spark/yarn.conf"]
begun = time.monotonic()


def say(text):
    print(f"{time.monotonic() - begun:.0f} s  {text}", flush=True)


def fail(text):
    raise SystemExit(f"FAILED  {text}")


def settings(name, place, sample):
    """Files with what ingest and tokenize are told, everything below one address; returns their paths."""
    sources = ", ".join(f"{{corpus: {corpus}, paths: [{sample}/{corpus}]}}" for corpus in CORPORA)
    common = f"tokenizer: {sample}/tokenizer.json\n"
    files = {
        "ingest": f"sources: [{sources}]\n{common}output: {place}/{name}/documents\ncleaning: {{paragraphTokens: 16}}\n",
        "tokenize": f"documents: {place}/{name}/documents\n{common}output: {place}/{name}/corpus\n"
                    "shardCharacters: 20000\npassageCharacters: 5000\n",
    }
    for stage, text in files.items():
        (WORK / f"{name}-{stage}.yaml").write_text(text)


def start(name, *words, master=None, submit=(), hadoop=None):
    """Starts the program; what it says goes to a file."""
    environment = {key: value for key, value in os.environ.items() if master or key != "SPARK_HOME"}
    environment["LORASHEAR_HEAP"] = "600m"
    environment["LORASHEAR_SUBMIT"] = " ".join(
        [*submit, *(word for key, value in SMALL.items() for word in ("--conf", f"{key}={value}"))])
    if hadoop:
        environment["HADOOP_CONF_DIR"] = str(hadoop.conf)
    with open(WORK / f"{name}.log", "ab") as out:
        return subprocess.Popen([HOME / "bin/lorashear", *(["--master", master] if master else []), *words],
                                stdout=out, stderr=out, cwd=WORK, env=environment)


def log(name):
    return (WORK / f"{name}.log").read_text(errors="replace")


def finish(process, name):
    if process.wait() != 0:
        fail(f"{name} ended with {process.returncode}:\n{log(name)[-3000:]}")


def client(name, stage, hadoop):
    return start(name, stage, "--config", f"{name}-{stage}.yaml", master="yarn", submit=YARN, hadoop=hadoop)


def cluster(name, stage, hadoop):
    file = f"{name}-{stage}.yaml"
    return start(name, stage, "--config", file, master="yarn", hadoop=hadoop,
                 submit=[*YARN, "--deploy-mode", "cluster", "--files", file])


def same(hadoop, name, what):
    """Compares what the store has with what the local run has."""
    local = WORK / "local" / what
    here = {str(path.relative_to(local)): path.read_bytes() for path in local.rglob("*") if path.is_file()}
    root = f"/lorashear/{name}/{what}"
    there = {file[len(root) + 1:]: hadoop.read(file) for file in hadoop.files(root)}
    if here.keys() != there.keys():
        fail(f"{name}: other files than locally: {sorted(here.keys() ^ there.keys())}")
    other = [file for file in here if here[file] != there[file]]
    if other:
        fail(f"{name}: other bytes than locally: {other}")
    say(f"{name}: {what}, {len(here)} files, the same bytes as locally")


def wait_for(what, process, name):
    """Waits until something is there while the program still runs."""
    while not (found := what()):
        if process.poll() is not None:
            fail(f"{name} ended too early:\n{log(name)[-2000:]}")
        time.sleep(0.1)
    return found


def shards(hadoop, name, least=0):
    """Finished shards, at least so many; else none."""
    found = {file: time for file, time in hadoop.files(f"/lorashear/{name}/corpus").items()
             if file.endswith(".parquet") and "/_writing/" not in file}
    return found if len(found) >= least else {}


def kept(hadoop, name, before):
    after = shards(hadoop, name)
    if not before or any(after.get(file) != written for file, written in before.items()):
        fail(f"{name}: finished shards were written again")
    say(f"{name}: {len(before)} of {len(after)} shards kept")


def in_client_mode(hadoop):
    for stage, what in (("ingest", "documents"), ("tokenize", "corpus")):
        finish(client("client", stage, hadoop), "client")
        same(hadoop, "client", what)


def in_cluster_mode(hadoop):
    for stage, what in (("ingest", "documents"), ("tokenize", "corpus")):
        finish(cluster("cluster", stage, hadoop), "cluster")
        same(hadoop, "cluster", what)
    settings("mistake", "hdfs://", "hdfs:///no-sample")
    if cluster("mistake", "ingest", hadoop).wait() == 0:
        fail("mistake: a missing input was no failure")
    told = [line for line in log("mistake").splitlines() if "/no-sample/" in line]
    if not told:
        fail(f"mistake: the missing input is not named:\n{log('mistake')[-2000:]}")
    say(f"mistake: {told[0].strip()[:160]}")


def without_a_node(hadoop):
    process = client("node", "ingest", hadoop)
    wait_for(lambda: hadoop.containers(EXECUTOR, "node-2"), process, "node")
    time.sleep(2)
    kill_tree(hadoop.processes["node-2"])
    say("node: one of two node managers killed with its containers")
    finish(process, "node")
    same(hadoop, "node", "documents")
    hadoop.start_node(2)
    hadoop.wait_for_nodes(2)
    documents_of(hadoop, "node")


def documents_of(hadoop, name):
    """The local run's documents, for parts that begin with tokenize."""
    hadoop.put(WORK / "local/documents", f"/lorashear/{name}/documents")


def without_its_master(hadoop):
    documents_of(hadoop, "master")
    process = cluster("master", "tokenize", hadoop)
    before = wait_for(lambda: shards(hadoop, "master", 2), process, "master")
    for master in hadoop.containers(MASTER):
        os.kill(master, 9)
    say("master: the driver killed")
    finish(process, "master")
    kept(hadoop, "master", before)
    same(hadoop, "master", "corpus")
    application = hadoop.applications()[-1]
    say(f"master: {hadoop.attempts(application)} attempts")


def spark(name, *words):
    """A process of a standalone cluster."""
    home = os.environ.get("SPARK_HOME") or HOME / "spark-jobs" / TARGET / "launch/home"
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_SCALA_VERSION": SCALA, "SPARK_LOCAL_IP": "127.0.0.1"}
    with open(WORK / f"{name}.log", "ab") as out:
        return subprocess.Popen(["java", "-Xmx256m", "-XX:+UseSerialGC", "-cp", f"{home}/jars/*", *words],
                                stdout=out, stderr=out, cwd=WORK, env=environment)


def on_a_standalone_master(hadoop):
    """The driver runs on a worker, which finds the settings file at the same path: here it is the same machine."""
    master = spark("standalone-master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1",
                   "--port", "17077", "--webui-port", "17078")
    wait_for(lambda: "I have been elected leader" in log("standalone-master"), master, "standalone-master")
    worker = spark("standalone-worker", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "3",
                   "--memory", "2g", "--webui-port", "17079", "--work-dir", f"{WORK}/standalone-work", "spark://127.0.0.1:17077")
    try:
        settings("standalone", f"{hadoop.address}/lorashear", f"{hadoop.address}/sample")
        submit = ["--deploy-mode", "cluster", "--conf", "spark.standalone.submit.waitAppCompletion=true"]
        finish(start("standalone", "ingest", "--config", f"{WORK}/standalone-ingest.yaml",
                     master="spark://127.0.0.1:17077", submit=submit, hadoop=hadoop), "standalone")
        same(hadoop, "standalone", "documents")
    finally:
        kill_tree(worker)
        kill_tree(master)


def without_yarn(hadoop):
    documents_of(hadoop, "store")
    process = start("store", "tokenize", "--config", "store-tokenize.yaml", hadoop=hadoop)
    before = wait_for(lambda: shards(hadoop, "store", 2), process, "store")
    process.kill()
    process.wait()
    say("store: the process killed")
    before = shards(hadoop, "store")
    finish(start("store", "tokenize", "--config", "store-tokenize.yaml", hadoop=hadoop), "store")
    kept(hadoop, "store", before)
    same(hadoop, "store", "corpus")


PARTS = {"client": in_client_mode, "cluster": in_cluster_mode, "node": without_a_node,
         "master": without_its_master, "standalone": on_a_standalone_master, "store": without_yarn}


def locally():
    finish(start("sample", "sample", "--out", "sample", "--documents", DOCUMENTS), "sample")
    settings("local", str(WORK), str(WORK / "sample"))
    for stage in ("ingest", "tokenize"):
        finish(start("local", stage, "--config", f"local-{stage}.yaml"), "local")
    say("the local run is done")


def main():
    wanted = sys.argv[2:] or list(PARTS)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    locally()
    hadoop = Hadoop(WORK, memory=2560)
    try:
        hadoop.start_all(nodes=2)
        hadoop.put(WORK / "sample", "/sample")
        say("HDFS and YARN are up")
        for name in wanted:
            settings(name, "hdfs:///lorashear", "hdfs:///sample")
            PARTS[name](hadoop)
        say("done")
    finally:
        hadoop.stop()


if __name__ == "__main__":
    main()
