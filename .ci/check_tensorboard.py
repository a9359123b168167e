# check_tensorboard.py RUN : checks that the event files of a run, read by TensorBoard itself, have the
# same figures as its metrics, step by step. RUN is the work folder of a command with --tensorboard.
import json
import sys
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def last_run(file):
    """The lines of the last run in a file: those since it began, resumptions included."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    begins = [i for i, line in enumerate(lines) if line["event"] == "begin" and not line["resumed"]]
    return lines[begins[-1]:]


def scalars(lines):
    """Of every tag: wall time, step, value."""
    tags = {}
    for line in lines:
        kind = {"step": "train/", "validation": "validation/"}.get(line["event"])
        for name, value in line.items() if kind else []:
            if isinstance(value, float):
                tags.setdefault(kind + name, []).append((line["time"], line["step"], value))
    return tags


def seconds(time):
    return np.datetime64(time.rstrip("Z"), "ms").astype(np.int64) / 1e3


compared = 0
for file in sorted(Path(sys.argv[1]).rglob("*.metrics.jsonl")):
    expected = scalars(last_run(file))
    if not expected:
        continue
    folders = sorted(file.with_name(file.name.replace(".metrics.jsonl", ".tensorboard")).iterdir())
    read = EventAccumulator(str(folders[-1]), size_guidance={"scalars": 0})
    read.Reload()
    assert set(read.Tags()["scalars"]) == set(expected), (file, read.Tags(), set(expected))
    for tag, points in expected.items():
        found = read.Scalars(tag)
        assert [event.step for event in found] == [step for _, step, _ in points], (file, tag)
        assert len({event.step for event in found}) == len(found), (file, tag, "a step comes twice")
        for event, (time, _, value) in zip(found, points):
            assert np.float32(event.value) == np.float32(value), (file, tag, event, value)
            assert abs(event.wall_time - seconds(time)) < 1e-3, (file, tag, event, time)
        compared += len(found)
    print(f"{folders[-1]}: {len(expected)} curves")
assert compared > 0, f"{sys.argv[1]} has no event files: was it run with --tensorboard?"
print(f"{compared} values are the same in TensorBoard and in the metrics")
