"""The program that is drilled: a copy that nobody builds again meanwhile, with settings that are small enough."""

import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

HOME = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).parent


class Program:
    """The launcher in the layout of a release, whose jars are links to those of Maven."""

    def __init__(self, folder):
        self.folder = folder
        self.launcher = folder / "bin/lorashear"

    def make(self):
        subprocess.run([HOME / "bin/lorashear", "--version"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "LORASHEAR_S3": "yes"})
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(HOME / "bin", self.folder / "bin")
        shutil.copytree(HOME / "conf", self.folder / "conf")
        shutil.copy(HERE / "demo.yaml", self.folder / "conf/pipeline/demo.yaml")
        shutil.copy(HERE / "pretrain.yaml", self.folder / "conf/pretrain/demo.yaml")
        (self.folder / "lib").mkdir()
        launch = HOME / "spark-jobs/target/launch"
        for module in ("model-jobs", "spark-jobs"):
            for jar in (HOME / module / "target").glob(f"{module}-[0-9]*.jar"):
                if not jar.stem.endswith(("-tests", "-cluster")):
                    shutil.copy2(jar, self.folder / "lib")
        for part in ("libraries", "spark"):
            (self.folder / "lib" / part).mkdir()
            for jar in map(pathlib.Path, (launch / part).read_text().strip().split(":")):
                (self.folder / "lib" / part / jar.name).symlink_to(jar)
        commit = subprocess.run(["git", "-C", HOME, "rev-parse", "HEAD"], capture_output=True, text=True).stdout
        (self.folder / "RELEASE").write_text(f"Spark: 4.2\nCommit: {commit}")
        # A short life spends most of its time in the second compiler.
        with open(self.folder / "bin/spark-flags", "a") as flags:
            flags.write("-XX:TieredStopAtLevel=1\n")
        return commit.strip()

    def hash(self):
        """Of what results depend on: our jars and the settings."""
        digest = hashlib.sha256()
        for file in sorted([*self.folder.glob("lib/*.jar"), *self.folder.glob("conf/p*/demo.yaml")]):
            digest.update(file.read_bytes())
        return digest.hexdigest()


class Run:
    """A command in a process group of its own, whose lines go to a file."""

    def __init__(self, program, arguments, cache, log, environment=(), within=()):
        self.log = log
        self.out = open(log, "wb")
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [*within, str(program.launcher), *map(str, arguments)],
            stdout=self.out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "LORASHEAR_HEAP": "2g", "LORASHEAR_CACHE": str(cache), **dict(environment)})

    def wait(self, seconds=None):
        """The exit code; None if it still runs after so many seconds."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.out.close()
        return code

    def kill(self):
        """SIGKILL, also to its children."""
        os.killpg(self.process.pid, signal.SIGKILL)
        return self.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    @property
    def seconds(self):
        return time.monotonic() - self.begun

    @property
    def said(self):
        return self.log.read_text(errors="replace")
