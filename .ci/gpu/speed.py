"""Measures how fast a model of some shape, with random weights, is scored and trained here.

    scoring     token_losses of as many tokens as the product scores at a time
    recovery    4 micro-batches of 4 rows of 512 tokens, loss and gradients by block; clip, AdamW
    LHSPG       8 micro-batches of 2 rows, the same, and the work on groups: lhspg.py
"""

import math
import os
import resource
import time

import torch

from files import Archive, backward
from lhspg import Adam, Copies, Shrinking

GIB = 1 << 30
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


class Machine:
    """The device, its clock and its memory."""

    def __init__(self, device):
        self.device, self.cuda = torch.device(device), device == "cuda"

    def wait(self):
        if self.cuda:
            torch.cuda.synchronize()

    def forget_peak(self):
        if self.cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    def peak(self):
        """GiB: of the device since `forget_peak`, or of the whole process since it began."""
        if self.cuda:
            return torch.cuda.max_memory_allocated() / GIB
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB

    def seconds(self, work, times, limit):
        """The median, after one call that does not count; fewer calls where they take too long."""
        work()
        taken, began = [], time.perf_counter()
        while len(taken) < times and (not taken or time.perf_counter() - began < limit):
            self.wait()
            start = time.perf_counter()
            work()
            self.wait()
            taken.append(time.perf_counter() - start)
        return sorted(taken)[len(taken) // 2], len(taken)

    def product_peak(self, size):
        """Operations a second of the best of many products of two bfloat16 matrices."""
        a = torch.randn(size, size, device=self.device).bfloat16()
        b = torch.randn(size, size, device=self.device).bfloat16()
        best, began = 0.0, time.perf_counter()
        calls = 10 if self.cuda else 1
        while best == 0 or time.perf_counter() - began < 3:
            self.wait()
            start = time.perf_counter()
            for _ in range(calls):
                torch.mm(a, b)
            self.wait()
            best = max(best, calls * 2 * size**3 / (time.perf_counter() - start))
        return best


def fitting(rows, say, work):
    """`work(rows)`, with half the rows as often as the memory runs out."""
    while True:
        try:
            return work(rows)
        except RuntimeError as e:
            if not any(words in str(e).lower() for words in OUT_OF_MEMORY):
                raise
            if rows == 1:
                say(f"out of memory with one row: {str(e).splitlines()[0]}")
                return None
            say(f"out of memory with {rows} rows: tries {rows // 2}")
        rows //= 2  # outside of except, which holds what the call had


class Speed:
    """The measurements of one shape."""

    def __init__(self, machine, root, shape, peak, length, limit, say):
        self.machine, self.peak, self.length, self.limit = machine, peak, length, limit
        self.folder, self.kernels, self.say = root / "shapes" / shape, root / "kernels", say
        self.scoring = Archive(self.folder, "bfloat16-none")
        self.training = Archive(self.folder, "bfloat16-pairs")
        self.results = []

    def load(self):
        """Random weights: in the host's memory in float32 where it has room, as the product has
        them, and their bfloat16 copies on the device; where it has none, the copies alone."""
        device, generator = self.machine.device, torch.Generator(self.machine.device).manual_seed(1)
        frozen = [each for each in self.training.weights if not each["learns"]]
        needed = 4 * sum(math.prod(each["shape"]) for each in frozen)
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        self.hosted = needed * 1.1 < free
        if not self.hosted:
            self.say(f"the host has {free / GIB:.0f} GiB free, float32 weights need"
                     f" {needed / GIB:.0f}: nothing is measured of what LHSPG does to them")
        weights = {}
        for each in frozen:
            if len(each["shape"]) == 1:
                drawn = torch.ones(each["shape"], device=device)
            else:
                drawn = torch.empty(each["shape"], device=device, dtype=torch.bfloat16)
                drawn.normal_(0, 0.02, generator=generator)
            kept = drawn if each["wide"] or self.hosted else drawn.bfloat16()
            weights[each["name"]] = kept.to("cpu", torch.float32) if self.hosted else kept
        self.originals = self.copies = None
        if self.hosted:
            wide = {each["name"] for each in frozen if each["wide"]}
            self.originals = weights
            self.copies = Copies(self.kernels, weights, wide, device)
            weights = dict(weights, **self.copies.by_name)
        for each in self.training.weights:
            if each["learns"]:
                bound = each["shape"][1] ** -0.5 if "lora_A" in each["name"] else 0.0
                factor = torch.empty(each["shape"], device=device)
                factor.uniform_(-bound, bound, generator=generator).requires_grad_(True)
                factor.grad = torch.zeros_like(factor)
                weights[each["name"]] = factor
        self.weights = weights

    def of(self, archive):
        return [self.weights[each["name"]] for each in archive.weights]

    def ids(self, rows):
        shape = (rows, self.length)
        return torch.randint(self.scoring.vocabulary, shape, device=self.machine.device)

    def note(self, what, tokens, operations, taken, memory, **more):
        seconds, times = taken
        rate = tokens / seconds
        self.results.append({
            "what": what, "tokens": tokens, "seconds": seconds, "times": times,
            "tokens_a_second": rate, "peak_memory_gib": memory,
            "share_of_peak": rate * operations / self.peak if operations else None, **more})
        self.say(line(self.results[-1]))

    def score(self):
        weights = self.of(self.scoring)
        losses = {}

        def measured(rows):
            ids = self.ids(rows)

            def work():
                losses["mean"] = self.scoring.methods.token_losses(ids, weights).mean()

            self.machine.forget_peak()
            taken = self.machine.seconds(work, 10, self.limit)
            operations = self.scoring.forward_operations(self.length)
            self.note("scoring", rows * self.length, operations, taken, self.machine.peak(),
                      rows=rows, loss=finite(losses["mean"]))
            return rows

        fitting(max(1, 2048 // self.length), self.say, measured)

    def train(self, what, rows, accumulate, by_block, after=None):
        """A step of rows × accumulate rows; `after` is what comes after AdamW."""
        method = "loss_and_backward_by_block" if by_block else "loss_and_backward"
        weights, total = self.of(self.training), rows * accumulate
        names = self.training.learning
        adam = Adam(self.kernels, names, [self.weights[name] for name in names])

        def measured(rows):
            micro = [self.ids(rows) for _ in range(total // rows)]
            losses = []

            def work():
                adam.zero_gradients()
                for ids in micro:
                    share = 1 / len(micro)
                    losses.append(backward(self.training, method, ids, share, weights))
                losses[-1].item()
                adam.step(1e-4)
                if after is not None:
                    after(adam)

            self.machine.forget_peak()
            taken = self.machine.seconds(work, 3, self.limit)
            operations = self.training.step_operations(self.length, by_block)
            self.note(what, total * self.length, operations, taken, self.machine.peak(),
                      rows=rows, micro_batches=len(micro), loss=finite(losses[-1]))
            return rows

        return fitting(rows, self.say, measured)

    def recovery(self):
        self.train("recovery, by block", 4, 4, True)
        self.train("recovery, all kept", 4, 4, False)

    def lhspg(self):
        """Steps of a period of 40, in which a fiftieth of every axis is on its way to zero."""
        if not self.hosted:
            self.train("LHSPG without its groups", 2, 8, True)
            return
        state, apart = {"left": 40}, {"groups": [], "copies": []}

        def after(adam):
            if "shrinking" not in state:
                state["shrinking"] = Shrinking(self.folder, self.kernels, self.originals, adam, 0.02)
            self.machine.wait()
            start = time.perf_counter()
            rows = state["shrinking"].step(max(2, state["left"]))
            self.machine.wait()
            changed = time.perf_counter()
            self.copies.renew_rows(rows)
            self.copies.renew()  # nothing is left to do
            self.machine.wait()
            apart["groups"].append(changed - start)
            apart["copies"].append(time.perf_counter() - changed)
            state["left"] -= 1

        if self.train("LHSPG step", 2, 8, True, after) is None:
            return
        step = self.results[-1]
        step["of_it_groups_seconds"] = sorted(apart["groups"])[len(apart["groups"]) // 2]
        step["of_it_copies_seconds"] = sorted(apart["copies"])[len(apart["copies"]) // 2]
        self.say(f"  of it groups in the host's memory {step['of_it_groups_seconds']:.3g} s, copies"
                 f" to the device {step['of_it_copies_seconds']:.3g} s")
        self.between_periods(state["shrinking"])

    def between_periods(self, shrinking):
        pairs = {}
        for axis in shrinking.axes:
            for part in axis.parts:
                if "a" in part:
                    pairs[part["weight"]] = shrinking.pair(part)
        seconds = {}
        for name, work in (("scores", shrinking.scores), ("fold", lambda: shrinking.fold(pairs)),
                           ("copies", self.copies.renew)):
            self.machine.wait()
            start = time.perf_counter()
            work()
            self.machine.wait()
            seconds[name] = time.perf_counter() - start
        self.results.append({"what": "between periods", "seconds": sum(seconds.values()), **seconds})
        parts = ", ".join(f"{name} {each:.3g} s" for name, each in seconds.items())
        self.say(f"between periods: {parts}")


def finite(loss):
    if not bool(loss.isfinite()):
        raise SystemExit(f"the loss is {float(loss)}")
    return float(loss)


def line(row):
    share = "" if row["share_of_peak"] is None else f"{100 * row['share_of_peak']:5.1f} % of the peak"
    return (f"{row['what']:<22}{row['rows']:>3} rows {row['tokens']:>6} tokens {row['seconds']:>9.3f} s"
            f" {row['tokens_a_second']:>9.0f} tokens/s {row['peak_memory_gib']:>7.2f} GiB {share}"
            f"  loss {row['loss']:.3f}")
