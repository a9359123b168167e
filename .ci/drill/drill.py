"""Shows that nothing published is ever wrong and nothing finished is lost, whatever happens to the demo's line.

    .ci/drill.sh [--seed N] [--only PART,…] [--kills N] … [FOLDER]

Each part of the table is compared with one undisturbed run of the same line, by the hashes of all published
files. FOLDER (target/drill) is for the runs; it needs some gigabytes. Parts need root for their mounts.
"""

import argparse
import datetime
import pathlib
import random
import shutil
import sys
import time

import changed
import disks
import line
import program
import published
import store
import table

DOCUMENTS = 80  # of each source
PARTS = {"line": line, "disks": disks, "changed": changed, "store": store}


class Drill:
    def __init__(self, work, seed):
        self.work = work
        self.seed = seed
        self.random = random.Random(seed)
        self.program = program.Program(work / "program")

    def prepare(self):
        self.work.mkdir(parents=True, exist_ok=True)
        commit = self.program.make()
        self.table = table.Table(self.work / "drill.txt")
        self.row = self.table.row
        self.table.say(f"commit {commit[:12]}, seed {self.seed}, {time.strftime('%Y-%m-%d', time.gmtime())}")
        root = self.work / "undisturbed"
        of = self.work / "undisturbed.of"
        if not of.is_file() or of.read_text() != self.program.hash():
            self.undisturbed(root)
            of.write_text(self.program.hash())
        self.reference = published.Reference(root)
        self.stages = published.stages(root)
        events = published.run_events(root)
        self.before_the_first = seconds(events[0]["processStarted"], events[1]["time"])
        self.table.say(f"undisturbed: {seconds(events[0]['processStarted'], events[-1]['time']):.0f} s, "
                       f"{len(self.stages)} stages, {len(self.reference.folders)} published folders, "
                       f"{len(self.reference.contents)} files")
        wrong = [fault for folder in self.reference.folders.values() for fault in published.faults(folder)]
        if wrong:
            sys.exit(f"the undisturbed run is wrong itself: {wrong}")

    def undisturbed(self, root):
        self.command("sample", "sample", "--out", self.work / "sample", "--documents", DOCUMENTS).wait()
        self.begin(root, warm=False)
        run = self.demo(root, "undisturbed")
        if run.wait() != 0:
            sys.exit(f"the undisturbed run failed: {run.log}")

    def begin(self, root, warm=True):
        """An empty folder with the sample; native libraries and the program's classes are there already, if warm."""
        shutil.rmtree(root / "demo", ignore_errors=True)
        shutil.rmtree(root / "cache", ignore_errors=True)
        shutil.copytree(self.work / "sample", root / "demo/sample")
        if warm:
            (root / "cache").mkdir()
            (root / "cache/classes").symlink_to(self.work / "undisturbed/cache/classes")
            (root / "cache/djl").symlink_to(self.work / "undisturbed/cache/djl")

    def command(self, name, *arguments, cache=None, environment=(), within=()):
        cache = cache or self.work / "undisturbed/cache"
        return program.Run(self.program, arguments, cache, self.work / f"{name}.log", environment, within)

    def demo(self, root, name, environment=(), within=()):
        return self.command(name, "demo", "--out", root / "demo", cache=root / "cache",
                            environment=environment, within=within)


def seconds(first, second):
    return (datetime.datetime.fromisoformat(second) - datetime.datetime.fromisoformat(first)).total_seconds()


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", default=",".join(PARTS))
    for what, often in (("kills", 30), ("terminations", 10), ("fills", 5), ("rivals", 3), ("steps", 3)):
        arguments.add_argument(f"--{what}", type=int, default=often)
    arguments.add_argument("folder", nargs="?", default=program.HOME / "target/drill", type=pathlib.Path)
    given = arguments.parse_args()
    drill = Drill(given.folder.resolve(), given.seed)
    vars(drill).update({what: getattr(given, what) for what in ("kills", "terminations", "fills", "rivals", "steps")})
    drill.prepare()
    for part in given.only.split(","):
        drill.random.seed(f"{given.seed} {part}")  # what a part draws does not depend on the others
        begun = time.monotonic()
        PARTS[part].drill(drill)
        drill.table.say(f"{part}: {(time.monotonic() - begun) / 60:.0f} minutes")
    drill.table.say("not compared byte by byte:")
    for name, why in published.MAY_DIFFER.items():
        drill.table.say(f"  {name}: {why}")
    drill.table.say(f"{drill.table.rows} rows, {drill.table.wrong} of them wrong")
    sys.exit(drill.table.wrong > 0)


if __name__ == "__main__":
    main()
