"""One line that is killed, stopped, started twice, has its disk filled and its clock set back, at random moments.

It is started again until it is complete; then another one begins, until everything was done as often as is wanted.
"""

import glob
import pathlib
import struct
import subprocess

import disks
import published

EARLY = 0.15  # the share of moments before the first stage
AHEAD = 4  # stages that are begun at most from one moment to the next
LONGEST_STOP = 300  # seconds that a process has to end after SIGTERM
SIZE = "1500m"  # of the disk: the native libraries that the first line unpacks take a third
REMADE = {"demo/line/report"}  # `run` writes its report again each time; it must be the same one
CLOCK = pathlib.Path(__file__).parent / "clock.c"
MEMORY = "/usr/lib/*/libjemalloc.so.2"  # which the launcher preloads otherwise


class Passes:
    """Runs of the whole line, one after the other, each in an empty folder."""

    def __init__(self, drill, root):
        self.drill = drill
        self.root = root
        self.count = 0
        self.hours = 0
        self.hands = drill.work / "hands"
        self.hands.write_bytes(bytes(8))
        clock = drill.work / "clock.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", clock, CLOCK], check=True)
        self.clock = {"LD_PRELOAD": " ".join([str(clock), *glob.glob(MEMORY)]), "CLOCK_SHIFT": str(self.hands)}
        self.begin()

    def begin(self):
        self.count += 1
        self.drill.begin(self.root, warm=self.count > 1)  # the first one also unpacks the native libraries
        self.marks = {}
        self.starts = 0
        self.reached = 0  # the stage of the last moment
        self.set_back(0)

    def set_back(self, hours):
        self.hours += hours
        with open(self.hands, "r+b") as out:  # the running program has it mapped
            out.write(struct.pack("q", -3600 * self.hours))

    def start(self):
        self.starts += 1
        return self.drill.demo(self.root, f"pass-{self.count}.{self.starts}", self.clock)

    def again(self):
        """Folders that were published before and have been made again."""
        now = published.marks(self.root)
        made = [name for name, mark in self.marks.items() if name not in REMADE and now.get(name) != mark]
        self.marks = now
        return [f"{name} was made again or is gone" for name in made]

    def ended(self, run):
        """The row of a line that has ended by itself; another one begins."""
        code = run.wait()
        wrong = [f"exit code {code}: {last(run.said)}"] if code else []
        wrong += self.again() + self.drill.reference.wrong_at_the_end(self.root)
        self.drill.row("line", f"{self.count}: complete after {self.starts} starts",
                       f"all {len(self.marks)} folders as in the undisturbed run; nothing left behind", wrong)
        self.begin()


def drill(drill):
    happens = [kill] * drill.kills + [terminate] * drill.terminations
    happens += [fill] * drill.fills + [second] * drill.rivals + [step] * drill.steps
    drill.random.shuffle(happens)
    root = drill.work / "pass"
    with disks.disk(root, SIZE):
        passes = Passes(drill, root)
        while happens or passes.starts:
            run = passes.start()
            while run.wait(0) is None:
                code = aim(drill, passes, run) if happens else run.wait()
                if code is not None:
                    passes.ended(run)
                    break
                within, moment = published.stage(root), run.seconds
                name, seen, wrong = happens.pop()(drill, passes, run)
                wrong += drill.reference.wrong_so_far(root) + passes.again()
                drill.row(name, f"line {passes.count}, after {moment:.0f} s, {within}",
                          f"{seen}{len(passes.marks)} folders whole and right, none made again", wrong)


def aim(drill, passes, run):
    """Waits for a random moment in one of the next stages, or before the first; the exit code if the run ends first."""
    if drill.random.random() < EARLY:
        return run.wait(drill.random.uniform(0, drill.before_the_first))
    goal = passes.reached + drill.random.randrange(AHEAD)
    moment = drill.random.random()
    if goal >= len(drill.stages):
        return run.wait()
    while published.process(passes.root) != run.process.pid or len(begun := published.stages(passes.root)) <= goal:
        if (code := run.wait(0.02)) is not None:
            return code
    passes.reached = len(begun) - 1
    return run.wait(moment * drill.stages[passes.reached][1])


def last(said):
    lines = [line for line in said.replace("\r", "\n").splitlines() if line.strip()]
    return lines[-1] if lines else "nothing said"


def kill(drill, passes, run):
    run.kill()
    return "SIGKILL", "", []


def terminate(drill, passes, run):
    begun = published.LISTENS in run.said
    run.terminate()
    code = run.wait(LONGEST_STOP)
    if code is None:
        run.kill()
        return "SIGTERM", "", [f"still there {LONGEST_STOP} s later"]
    told = "stopped by SIGTERM" in run.said
    wrong = [] if code in (143, -15) else [f"exit code {code}: {last(run.said)}"]
    if begun and not told:
        wrong.append(f"it does not say that it was stopped: {last(run.said)}")
    return "SIGTERM", f"exit code 143, {'told' if told else 'before the program listened'}; ", wrong


def fill(drill, passes, run):
    ballast = disks.fill(passes.root)
    seen, wrong = disks.refused(run, "make room", passes.root)
    ballast.unlink()
    return "disk full", f"{seen}; ", wrong


def second(drill, passes, run):
    """Another start in the same folder, which must not disturb the one that works there."""
    while run.wait(0.02) is None and published.process(passes.root) != run.process.pid:
        pass
    late = drill.demo(passes.root, "second")
    code = late.wait(600)
    wrong = [] if code == 2 else [f"exit code {code}"]
    if f"{passes.root}/demo/line is being written by another run" not in late.said:
        wrong.append(last(late.said))
    if run.wait(0) is None and published.process(passes.root) != run.process.pid:
        wrong.append("the metrics of the run name the other process")
    return "two runs", "refused by name; ", wrong


def step(drill, passes, run):
    passes.set_back(1)
    return "clock", "an hour back; ", []
