"""What is published below a folder: whether it is whole, and whether it is the same as the undisturbed run's."""

import hashlib
import json
import re

MANIFEST = "manifest.json"
LISTENS = "sample   "  # the first line that the demo says
HIDDEN = re.compile(r"\.(.+)\.(unfinished|scratch|replaced|lock)(-[0-9a-f]{16})?")

# Everything else must be the same, byte by byte. These lie beside the published folders, never inside.
MAY_DIFFER = {
    "NAME.run.json": "started, finished, seconds and measured are times, speeds and memory; paths name the folder",
    "NAME.metrics.jsonl": "times and speeds; the loss of each step must be the same, and there once",
    "metrics.jsonl": "times, and a begin for each start",
    "report.html": "the page shows times, speeds and memory",
}
TIMES = ("started", "finished", "seconds", "measured")


def digest(file):
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def folders(root):
    """Published folders by their path below root; what a publication is made of is hidden until it is one."""
    found = {}
    for manifest in sorted(root.rglob(MANIFEST)):
        name = manifest.parent.relative_to(root)
        if not any(HIDDEN.fullmatch(part) for part in name.parts):
            found[str(name)] = manifest.parent
    return found


def faults(folder):
    """What is wrong with a folder, by its own manifest."""
    named = {entry["name"]: entry for entry in json.loads((folder / MANIFEST).read_text())["files"]}
    there = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} - {MANIFEST}
    wrong = [f"{folder / name} is not named by the manifest" for name in sorted(there - named.keys())]
    for name, entry in named.items():
        if name not in there:
            wrong.append(f"{folder / name} is missing")
        elif digest(folder / name) != entry["sha256"]:
            wrong.append(f"{folder / name} is not what the manifest says")
    return wrong


def contents(root):
    """The hash of every file of every published folder."""
    return {str(file.relative_to(root)): digest(file)
            for folder in folders(root).values() for file in folder.rglob("*") if file.is_file()}


def events(file):
    """Events of a stage since it last began anew; a kill may have cut a line off."""
    found = []
    for line in file.read_text(errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event["event"] == "begin" and not event.get("resumed"):
            found = []
        found.append(event)
    return found


def losses(file):
    return [(event["step"], event["loss"]) for event in events(file) if event["event"] == "step"]


def record(root, file):
    """A run's record without what may differ."""
    text = file.read_text().replace(str(root), "ROOT")
    return {key: value for key, value in json.loads(text).items() if key not in TIMES}


class Reference:
    """The results of the undisturbed run."""

    def __init__(self, root):
        self.root = root
        self.contents = contents(root)
        self.folders = folders(root)

    def wrong_so_far(self, root):
        """Faults of what is published below root, whether or not the line is complete."""
        wrong = []
        for name, folder in folders(root).items():
            if name not in self.folders:
                wrong.append(f"{folder} is not published by an undisturbed run")
                continue
            wrong += faults(folder)
            for file in folder.rglob("*"):
                if file.is_file() and self.contents.get(path := str(file.relative_to(root))) != digest(file):
                    wrong.append(f"{path} is not that of the undisturbed run")
        return wrong

    def wrong_at_the_end(self, root):
        """Also what is missing: folders, records of runs, steps of training; and what is left lying about."""
        wrong = self.wrong_so_far(root)
        wrong += [f"{name} is not published" for name in self.folders if name not in folders(root)]
        for file in self.root.rglob("*.run.json"):
            path = file.relative_to(self.root)
            if not (root / path).is_file():
                wrong.append(f"{path} is missing")
            elif record(root, root / path) != record(self.root, file):
                wrong.append(f"{path} has other fields than {', '.join(TIMES)} that differ")
        for file in self.root.rglob("*.metrics.jsonl"):
            path = file.relative_to(self.root)
            if not (root / path).is_file():
                wrong.append(f"{path} is missing")
            elif losses(root / path) != losses(file):
                wrong.append(f"{path} has other steps")
        wrong += [f"{path} is left behind" for path in sorted(root.rglob(".*")) if HIDDEN.fullmatch(path.name)]
        return wrong


def marks(root):
    """The inode and the time of every manifest: a folder that is made again has others."""
    found = {}
    for name, folder in folders(root).items():
        state = (folder / MANIFEST).stat()
        found[name] = (state.st_ino, state.st_mtime_ns)
    return found


def run_events(root):
    """Events of the line since it was last started."""
    file = root / "demo/line/metrics.jsonl"
    found = []
    for line in file.read_text(errors="replace").splitlines() if file.is_file() else ():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event["event"] == "begin" and event["stage"] == "demo":
            found = []
        found.append(event)
    return found


def process(root):
    """The process that wrote last; None before the first."""
    return next((event["process"] for event in run_events(root) if event["event"] == "begin"), None)


def stages(root):
    """Stages that were begun since the last start, also those that were done: name and seconds."""
    done = {}
    found = []
    for event in run_events(root):
        if event["event"] == "stage":
            found.append(event["name"])
        elif event["event"] == "stageDone":
            done[len(found)] = event["seconds"]
    return [(name, done.get(number, 0)) for number, name in enumerate(found, 1)]


def stage(root):
    """What the line is doing, by its metrics."""
    events = run_events(root)
    if not events:
        return "before the first stage"
    last = events[-1]
    return {"stage": last.get("name"), "stageDone": f"after {last.get('name')}", "end": "at the end"}.get(
        last["event"], "before the first stage")
