"""Disks that are full, or only read: one message, nothing wrong published, and the same command goes on."""

import contextlib
import re
import subprocess

import line

@contextlib.contextmanager
def disk(folder, size):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "drill", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    """Takes all that is free by a file, whose path is returned."""
    ballast = folder / "ballast"
    for block in (1 << 20, 512):
        with contextlib.suppress(OSError), open(ballast, "ab", buffering=0) as out:
            while out.write(bytes(block)):
                pass
    return ballast


def refused(run, *words):
    """How a run that must fail ended: the sentence about it, and what is wrong with that."""
    code = run.wait(600)
    if code is None:
        run.kill()
        return "", ["it does not end"]
    said = run.said.replace("\r", "\n")
    wrong = [] if code in (1, 2) else [f"exit code {code}"]
    wrong += [f"it does not say '{word}'" for word in words if str(word) not in said]
    if re.search(r"^\s+at \S+\(", said, re.MULTILINE):
        wrong.append("it shows a stack trace")
    telling = [line for line in said.splitlines() if str(words[0]) in line]
    if len(set(telling)) > 1:
        wrong.append(f"it says so {len(telling)} times")
    return f"exit code {code}, told", wrong + ([line.last(said)] if wrong else [])


def drill(drill):
    """What must be refused at the start, and then the start that is given room."""
    root = drill.work / "full"
    small = drill.work / "small"
    with disk(root, "400m"), disk(small, "1m"):
        drill.begin(root)
        before(drill, root)
        read_only(drill, root)
        fill(small)
        temporary(drill, root, small)


def before(drill, root):
    ballast = fill(root)
    seen, wrong = refused(drill.demo(root, "full-start"), "are free: make room or choose another folder", root)
    drill.row("disk full", "before the start", seen, wrong + drill.reference.wrong_so_far(root))
    ballast.unlink()


def read_only(drill, root):
    within = ["unshare", "--mount", "sh", "-c",
              f'mount --bind {root}/demo {root}/demo && mount -o remount,ro,bind {root}/demo && exec "$0" "$@"']
    seen, wrong = refused(drill.demo(root, "read-only", within=within), "cannot be written", root / "demo")
    drill.row("read-only", "the output folder", seen, wrong + drill.reference.wrong_so_far(root))


def temporary(drill, root, small):
    """No room for temporary files: Spark's, and those that native libraries are unpacked into."""
    within = ["unshare", "--mount", "sh", "-c", f'mount --bind {small} /tmp && exec "$0" "$@"']
    seen, wrong = refused(drill.demo(root, "tmp", within=within), "TMPDIR", "/tmp")
    drill.row("/tmp full", "from the start", seen, wrong + drill.reference.wrong_so_far(root))
    seen, wrong = refused(drill.demo(root, "tmpdir", {"TMPDIR": str(small)}), "TMPDIR", small)
    drill.row("/tmp full", "a full folder that TMPDIR names", seen, wrong + drill.reference.wrong_so_far(root))
    other = drill.work / "other"
    other.mkdir(exist_ok=True)
    run = drill.demo(root, "tmp-other", {"TMPDIR": str(other)}, within)
    code = run.wait()
    wrong = [f"exit code {code}: {line.last(run.said)}"] if code else drill.reference.wrong_at_the_end(root)
    drill.row("/tmp full", "TMPDIR names another folder", "complete, all as in the undisturbed run", wrong)
