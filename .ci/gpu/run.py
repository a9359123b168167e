"""Checks models of every family on a device, then times a large shape there.

    python3 run.py [--device cuda] [--shape llama-7b] [--minutes 8] [--out gpu]

Writes OUT.json and OUT.txt after every part; exits with 1 if a figure is outside its limit.
"""

import argparse
import json
import pathlib
import platform
import time

import torch

import families
import groups
from speed import Machine, Speed

HERE = pathlib.Path(__file__).resolve().parent


class Report:
    """What is said as it is known, and kept if the process is ended."""

    def __init__(self, out, minutes):
        self.out, self.began, self.limit = pathlib.Path(out), time.perf_counter(), 60 * minutes
        self.lines, self.json, self.failed = [], {"families": [], "notes": []}, False

    def say(self, text):
        self.lines.append(text)
        print(text, flush=True)
        self.save()

    def save(self):
        self.out.with_suffix(".txt").write_text("\n".join(self.lines) + "\n")
        self.out.with_suffix(".json").write_text(json.dumps(self.json, indent=1) + "\n")

    def left(self):
        return self.limit - (time.perf_counter() - self.began)

    def due(self, what, seconds):
        """Whether there is time for it; says so where there is none."""
        if self.left() > seconds:
            return True
        self.json["notes"].append(f"left out, no time: {what}")
        self.say(f"left out: {what}, {self.left():.0f} s are left")
        return False

    def tried(self, what, work, *arguments):
        """What it gives; where it ends with an error the run fails, but goes on with what is next."""
        try:
            return work(*arguments)
        except (AssertionError, KeyError, RuntimeError, ValueError) as e:
            self.failed = True
            self.json["notes"].append(f"failed: {what}: {e}")
            self.say(f"FAILED: {what}: {str(e).strip().splitlines()[-1]}")
            return None


def machine_of(device):
    about = {"device": device, "pytorch": torch.__version__, "threads": torch.get_num_threads()}
    if device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        about["name"], about["memory_gib"] = properties.name, properties.total_memory / (1 << 30)
        about["capability"] = f"{properties.major}.{properties.minor}"
        about["cuda"] = torch.version.cuda
        about["tf32"] = torch.backends.cuda.matmul.allow_tf32
    else:
        about["name"] = platform.machine()
    return about


def check_families(report, device):
    folders = sorted(path for path in (HERE / "families").iterdir() if path.is_dir())
    if not folders:
        raise SystemExit(f"{HERE}/families has no models: pack wrote none")
    families.mistakes_are_seen(folders[0], device)
    report.say(f"{'family':<16}{'type':<10}{'figure':<16}{'distance':>10}{'limit':>10}")
    for folder in folders:
        for precision in families.PRECISIONS:
            if not report.due(f"{folder.name} in {precision}", 0.5 * report.limit):
                continue
            rows = report.tried(folder.name, families.check, folder, precision, device)
            if rows is None:
                continue
            report.json["families"].append(
                {"family": folder.name, "precision": precision, "figures": rows})
            worst = max(rows, key=lambda row: row["distance"] / row["limit"])
            bad = [row for row in rows if not row["holds"]]
            for row in bad or [worst]:
                mark = "" if row["holds"] else f"  NOT MET at {row['weight']}, {row['method']}"
                report.say(f"{folder.name:<16}{precision:<10}{row['figure']:<16}"
                           f"{row['distance']:>10.1e}{row['limit']:>10.1e}{mark}")
            report.failed |= bool(bad)
    done = len(report.json["families"])
    report.say(f"{done} of {2 * len(folders)} checked: "
               + ("not all are met" if report.failed else "all within their limits"))


def check_groups(report, device):
    far = groups.check(HERE, device)
    report.json["groups"] = {"limit": groups.LIMIT, "distances": far}
    bad = [name for name, each in far.items() if not each <= groups.LIMIT]
    worst = max(far, key=far.get)
    report.failed |= bool(bad)
    report.say(
        f"LHSPG's groups: NOT MET: {', '.join(bad)}"
        if bad
        else f"LHSPG's groups: {len(far)} figures within {groups.LIMIT:.0e}, the worst {far[worst]:.1e}"
    )


def time_shape(report, machine, arguments):
    size = 8192 if machine.cuda else 1024
    peak = machine.product_peak(size)
    report.json["peak"] = {"operations_a_second": peak, "size": size}
    report.say(f"peak: {peak / 1e12:.3g}e12 operations a second, bfloat16, {size} x {size}")
    speed = Speed(machine, HERE, arguments.shape, peak, arguments.length, 15, report.say)
    report.json["shape"] = {"name": arguments.shape, "length": arguments.length,
                            "results": speed.results}
    start = time.perf_counter()
    speed.load()
    machine.wait()
    report.say(f"{arguments.shape}: weights drawn in {time.perf_counter() - start:.1f} s")
    for name, work, seconds in (("scoring", speed.score, 20), ("recovery", speed.recovery, 60),
                                ("LHSPG", speed.lhspg, 60)):
        if report.due(name, seconds):
            with torch.no_grad():
                report.tried(name, work)
            report.save()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--shape", default="llama-7b", help="a folder of shapes/")
    parser.add_argument("--length", type=int, default=512, help="tokens of a row")
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--out", default="gpu", help="OUT.json and OUT.txt are written")
    arguments = parser.parse_args()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        parser.error("PyTorch finds no GPU here: --device cpu --shape tiny shows what is done")
    torch._C._set_graph_executor_optimize(False)  # as the product has it
    torch.manual_seed(1)
    report = Report(arguments.out, arguments.minutes)
    report.json["machine"] = machine_of(arguments.device)
    report.json["machine"]["commit"] = (HERE / "commit").read_text().strip()
    report.say(", ".join(f"{name} {value}" for name, value in report.json["machine"].items()))
    with torch.no_grad():
        check_families(report, arguments.device)
        report.tried("LHSPG's groups", check_groups, report, arguments.device)
    time_shape(report, Machine(arguments.device), arguments)
    report.json["seconds"] = time.perf_counter() - report.began
    report.say(f"{report.json['seconds']:.0f} s in all")
    raise SystemExit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
