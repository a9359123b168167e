"""One bit of each published file is changed, and the line goes on from there.

Of a copy of the undisturbed line, all that was published after the file's folder is taken away. The line is started
again and must refuse the file by its name, or end with the results of the undisturbed one: then the folder was made
again, or nobody opened the file. Its times are put back, so that they do not give the change away.
"""

import os
import shutil

import line
import opened
import published


def drill(drill):
    root = drill.work / "changed"
    order = in_order(drill.reference)
    for number, name in enumerate(order, 1):
        folder = drill.reference.folders[name]
        for file in sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()):
            as_it_was(drill, root, order[:number])
            seen, wrong = change(drill, root, root / name / file)
            drill.row("changed", f"{name}/{file}", seen, wrong)


def in_order(reference):
    """Published folders, the first one first."""
    return sorted(reference.folders, key=lambda name: (reference.folders[name] / published.MANIFEST).stat().st_mtime_ns)


def as_it_was(drill, root, names):
    """A copy of the undisturbed line when it had published these folders, with what lies beside each."""
    drill.begin(root)
    shutil.rmtree(root / "demo")
    for name in names:
        folder = drill.reference.folders[name]
        shutil.copytree(folder, root / name)
        for file in folder.parent.glob(f"{folder.name}.*"):
            text = file.read_text().replace(str(drill.reference.root), str(root))
            (root / name).with_name(file.name).write_text(text)


def change(drill, root, file):
    """Changes a bit of a file: what became of it, and what is wrong with that."""
    whole = file.read_bytes()
    if not whole:
        return "empty", []
    place = drill.random.randrange(len(whole))
    changed = bytearray(whole)
    changed[place] ^= 1 << drill.random.randrange(8)
    times = file.stat()
    file.write_bytes(changed)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    watch = opened.Opened(file)
    run = drill.demo(root, "changed")
    code = run.wait(600)
    was_opened = watch.close()
    left = file.read_bytes() == changed
    if left:
        file.write_bytes(whole)
    if code == 2:
        wrong = [] if str(file) in run.said else [f"byte {place}: {line.last(run.said)}"]
        return "refused by name", wrong + drill.reference.wrong_so_far(root)
    wrong = drill.reference.wrong_at_the_end(root) if code == 0 else [f"exit code {code}: {line.last(run.said)}"]
    if left and was_opened:
        wrong.append(f"byte {place} was changed, and nobody minded")
    return f"{'not opened' if left else 'made again'}; all else as in the undisturbed run", wrong
