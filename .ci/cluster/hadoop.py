"""HDFS and YARN on this machine: a name node, a data node, a resource manager and node managers, each a JVM."""

import contextlib
import getpass
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

HOME = pathlib.Path(__file__).resolve().parents[2]
STORE, MANAGER, PAGES = 17020, 17032, 17088
SERVERS = {
    "namenode": "org.apache.hadoop.hdfs.server.namenode.NameNode",
    "datanode": "org.apache.hadoop.hdfs.server.datanode.DataNode",
    "manager": "org.apache.hadoop.yarn.server.resourcemanager.ResourceManager",
    "node": "org.apache.hadoop.yarn.server.nodemanager.NodeManager",
}
LOG = """\
log4j.rootLogger=INFO,out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{HH:mm:ss} %p %c{1}: %m%n
"""


def descendants(pid):
    """The processes below one, the nearest first."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in table.splitlines()]
    found = [pid]
    for one in found:
        found += [child for child, parent in parents if parent == one]
    return found[1:]


def kill_tree(process):
    """As if the machine lost its power: a process and everything that it started."""
    for one in [process.pid, *descendants(process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    process.wait()


class Hadoop:
    """A cluster in a folder; `conf` is what HADOOP_CONF_DIR names."""

    address = f"hdfs://127.0.0.1:{STORE}"

    def __init__(self, work, memory):
        self.work = work
        self.memory = memory
        self.processes = {}
        subprocess.run(["mvn", "-B", "-q", "-f", HOME / ".ci/cluster/hadoop.xml",
                        "dependency:build-classpath", f"-Dmdep.outputFile={work}/hadoop.path"], check=True)
        self.path = (work / "hadoop.path").read_text().strip()
        self.conf = self._settings("client")

    def _settings(self, name, **own):
        """A folder of settings; those of a server name its own ports and folders too."""
        folder = self.work / "conf" / name
        folder.mkdir(parents=True, exist_ok=True)
        data = self.work / "data"
        files = {
            "core-site": {"fs.defaultFS": self.address, "hadoop.tmp.dir": f"{data}/tmp"},
            "hdfs-site": {
                "dfs.replication": 1,
                "dfs.namenode.name.dir": f"{data}/names",
                "dfs.datanode.data.dir": f"{data}/blocks",
                "dfs.namenode.http-address": "127.0.0.1:17070",
                "dfs.datanode.address": "127.0.0.1:17066",
                "dfs.datanode.http.address": "127.0.0.1:17064",
                "dfs.datanode.ipc.address": "127.0.0.1:17067",
                "dfs.namenode.datanode.registration.ip-hostname-check": "false",
            },
            "yarn-site": {
                "yarn.resourcemanager.hostname": "127.0.0.1",
                "yarn.resourcemanager.address": f"127.0.0.1:{MANAGER}",
                "yarn.resourcemanager.scheduler.address": "127.0.0.1:17030",
                "yarn.resourcemanager.resource-tracker.address": "127.0.0.1:17031",
                "yarn.resourcemanager.admin.address": "127.0.0.1:17033",
                "yarn.resourcemanager.webapp.address": f"127.0.0.1:{PAGES}",
                "yarn.scheduler.minimum-allocation-mb": 128,
                # A lost machine is noticed after ten minutes by default.
                "yarn.nm.liveness-monitor.expiry-interval-ms": 20000,
                "yarn.resourcemanager.nodemanagers.heartbeat-interval-ms": 300,
                "yarn.nodemanager.resource.memory-mb": self.memory,
                "yarn.nodemanager.resource.cpu-vcores": 8,
                # Spark's containers reserve more addresses than they use.
                "yarn.nodemanager.vmem-check-enabled": "false",
                "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "99.9",
                "yarn.nodemanager.delete.debug-delay-sec": 0,
                **own,
            },
            "capacity-scheduler": {
                "yarn.scheduler.capacity.root.queues": "default",
                "yarn.scheduler.capacity.root.default.capacity": 100,
                "yarn.scheduler.capacity.maximum-am-resource-percent": 1,
            },
        }
        for file, values in files.items():
            text = "".join(f"<property><name>{key}</name><value>{value}</value></property>\n"
                           for key, value in values.items())
            (folder / f"{file}.xml").write_text(f"<configuration>\n{text}</configuration>\n")
        if name != "client":
            # HDFS looks for its pages on the class path; its jars have none, and REST needs none.
            for pages in ("hdfs", "datanode"):
                (folder / "webapps" / pages).mkdir(parents=True, exist_ok=True)
            (folder / "log4j.properties").write_text(LOG)
        return folder

    def _java(self, log, conf, *arguments, heap="256m"):
        flags = (HOME / "bin/spark-flags").read_text().split()
        java = pathlib.Path(shutil.which("java")).resolve()
        environment = {**os.environ, "JAVA_HOME": str(java.parents[1])}
        with open(self.work / f"{log}.log", "ab") as out:
            return subprocess.Popen(
                [java, f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *flags,
                 "-cp", f"{conf}:{self.path}", *arguments],
                stdout=out, stderr=out, cwd=self.work, env=environment)

    def start(self, name, **own):
        """Starts a server; `own` are settings of YARN for it alone."""
        kind = name.split("-")[0]
        conf = self._settings(name, **own)
        self.processes[name] = self._java(name, conf, SERVERS[kind])
        return self.processes[name]

    def start_node(self, number):
        """Starts the node manager of that number, with ports and folders of its own."""
        ports = {key: f"127.0.0.1:{17040 + 10 * number + place}" for place, key in enumerate(
            ("yarn.nodemanager.address", "yarn.nodemanager.localizer.address",
             "yarn.nodemanager.webapp.address", "yarn.nodemanager.collector-service.address"))}
        folder = self.work / "data" / f"node-{number}"
        return self.start(f"node-{number}", **ports, **{
            "yarn.nodemanager.local-dirs": f"{folder}/local", "yarn.nodemanager.log-dirs": f"{folder}/logs"})

    def start_all(self, nodes):
        """Everything, from an empty folder; returns when the store and the nodes answer."""
        format_it = self._java("format", self._settings("namenode"), SERVERS["namenode"], "-format", "-nonInteractive")
        if format_it.wait() != 0:
            raise SystemExit(f"HDFS could not be formatted: see {self.work}/format.log")
        for name in ("namenode", "datanode", "manager"):
            self.start(name)
        for number in range(1, nodes + 1):
            self.start_node(number)
        self.wait_for_nodes(nodes)

    def wait_for_nodes(self, count):
        """Waits until so many node managers run."""
        for _ in range(240):
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise SystemExit(f"{name} ended: see {self.work}/{name}.log")
            with contextlib.suppress(OSError):
                address = f"http://127.0.0.1:{PAGES}/ws/v1/cluster/metrics"
                with urllib.request.urlopen(address) as answer:
                    if json.load(answer)["clusterMetrics"]["activeNodes"] == count:
                        return
            time.sleep(0.5)
        raise SystemExit(f"fewer than {count} node managers run: see {self.work}/manager.log")

    def files(self, folder):
        """The files below a folder of the store with their times; none if there is no such folder."""
        found = {}
        waiting = [folder]
        for one in waiting:
            try:
                with _rest(one, "LISTSTATUS") as answer:
                    listing = json.load(answer)["FileStatuses"]["FileStatus"]
            except urllib.error.HTTPError:
                continue
            for each in listing:
                name = f"{one}/{each['pathSuffix']}"
                if each["type"] == "FILE":
                    found[name] = each["modificationTime"]
                else:
                    waiting.append(name)
        return found

    def put(self, local, folder):
        """Copies a folder of this machine into the store."""
        for file in sorted(path for path in local.rglob("*") if path.is_file()):
            _rest(f"{folder}/{file.relative_to(local)}", "CREATE&overwrite=true", "PUT", file.read_bytes()).close()

    def read(self, file):
        """The bytes of a file in the store."""
        with _rest(file, "OPEN") as answer:
            return answer.read()

    def applications(self):
        """The numbers of all applications, the oldest first."""
        with urllib.request.urlopen(f"http://127.0.0.1:{PAGES}/ws/v1/cluster/apps") as answer:
            found = (json.load(answer)["apps"] or {"app": []})["app"]
        return [one["id"] for one in sorted(found, key=lambda one: one["startedTime"])]

    def attempts(self, application):
        """How often an application's master was started."""
        address = f"http://127.0.0.1:{PAGES}/ws/v1/cluster/apps/{application}/appattempts"
        with urllib.request.urlopen(address) as answer:
            return len(json.load(answer)["appAttempts"]["appAttempt"])

    def containers(self, program, *nodes):
        """Processes of Java below those node managers, or below all, whose command has that class."""
        found = []
        for name in nodes or [name for name in self.processes if name.startswith("node-")]:
            for pid in descendants(self.processes[name].pid):
                with contextlib.suppress(OSError):
                    words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                    if words[0].endswith(b"/java") and program.encode() in words:
                        found.append(pid)
        return found

    def stop(self):
        """Ends all servers and what they started."""
        for process in self.processes.values():
            kill_tree(process)


def _rest(path, operation, method="GET", body=None):
    """A request to HDFS; the name node sends it on to the data node."""
    address = f"http://127.0.0.1:17070/webhdfs/v1{urllib.parse.quote(path)}?user.name={getpass.getuser()}&op={operation}"
    if body is None:
        return urllib.request.urlopen(urllib.request.Request(address, method=method))
    with urllib.request.urlopen(urllib.request.Request(f"{address}&noredirect=true", method=method)) as answer:
        place = json.load(answer)["Location"]
    request = urllib.request.Request(place, data=body, method=method, headers={"Content-Type": "application/octet-stream"})
    return urllib.request.urlopen(request)
