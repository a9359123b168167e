"""LHSPG's work besides the training pass, with the TorchScript that the program runs: AdamW, the sums and
changes of groups (`HalfSpaceKernels`), the rows of B held at zero (`RowMasks`), the copies of changed
weights (`WorkingWeights`).

    host, float32         x, every frozen weight        groups shrink here
    device, bfloat16      its copies                    renewed after a step that changed x
    device, float32       A, B, their gradients and moments
"""

import json

import torch


class Adam:
    """A and B, one step count a row."""

    def __init__(self, kernels, names, weights):
        self.methods = torch.jit.load(str(kernels / "adamw.pt"))
        self.weights = dict(zip(names, weights))
        self.first = {n: torch.zeros_like(w) for n, w in self.weights.items()}
        self.second = {n: torch.zeros_like(w) for n, w in self.weights.items()}
        self.counts = {n: w.new_zeros(w.shape[0], 1) for n, w in self.weights.items()}

    def zero_gradients(self):
        self.methods.zero(list(self.weights.values()))

    def step(self, rate):
        weights = list(self.weights.values())
        limit = torch.tensor(1.0, dtype=torch.float64)  # scalars of a call stay on the host
        self.methods.clip(limit, weights)
        rates = torch.tensor([rate, 0.9, 0.999, 1e-8, 0.0], dtype=torch.float64)
        moments = (list(m.values()) for m in (self.first, self.second, self.counts))
        self.methods.adamw(rates, weights, *moments)

    def hold(self, name, keep):
        self.weights[name].mul_(keep)
        self.first[name].mul_(keep)
        self.second[name].mul_(keep)
        if keep.shape == self.counts[name].shape:
            self.counts[name].mul_(keep)


class Copies:
    """What the device computes with, of weights that lie in the host's memory."""

    def __init__(self, kernels, originals, wide, device):
        self.methods = torch.jit.load(str(kernels / "copies.pt"))
        elsewhere = torch.device(device).type != "cpu"
        names = [name for name in originals if elsewhere or name not in wide]
        self.originals = [originals[name] for name in names]
        types = torch.tensor([6 if name in wide else 15 for name in names])
        beside = torch.zeros([], device=device)
        *self.copies, self.seen = self.methods.copies(beside, types, self.originals)
        self.by_name = dict(zip(names, self.copies))

    def renew(self):
        self.methods.renew(self.seen, self.originals, self.copies)

    def renew_rows(self, changes):
        """Of weights changed since by these rows alone: name, stored dimension, positions."""
        names = list(self.by_name)
        places = [names.index(name) for name, _, _ in changes]
        times = [places.count(place) for place in places]
        self.methods.renew_rows(
            self.seen,
            torch.tensor(places),
            torch.tensor(times),
            torch.tensor([dimension for _, dimension, _ in changes]),
            [self.originals[place] for place in places],
            [self.copies[place] for place in places],
            [positions for _, _, positions in changes],
        )


class Shrinking:
    """A share of the groups of every axis on its way to zero."""

    def __init__(self, folder, kernels, originals, adam, share):
        spec = json.loads((folder / "axes.json").read_text())
        self.methods = torch.jit.load(str(kernels / "axis.pt"))
        self.rows = torch.jit.load(str(kernels / "rows.pt"))
        self.scale = torch.tensor(spec["scale"], dtype=torch.float64)
        self.originals, self.adam = originals, adam
        tables = [torch.tensor(row) for row in spec["owners"]]
        self.axes = [Axis(each, tables, share) for each in spec["axes"]]
        self.keep = self.masks()

    def weight(self, part):
        stored = self.originals[part["weight"]]
        return stored.t() if part["turned"] else stored

    def pair(self, part):
        return self.adam.weights[part["a"]], self.adam.weights[part["b"]]

    def masks(self):
        keep = {}
        for axis in self.axes:
            for part, positions, _ in axis.active:
                if "a" in part:
                    name = part["b"] if part["dimension"] == 0 else part["a"]
                    factor = self.adam.weights[name]
                    size = factor.shape[part["dimension"]]
                    shape = (size, 1) if part["dimension"] == 0 else (1, size)
                    mask = keep.setdefault(name, torch.ones(shape, device=factor.device))
                    mask.view(-1)[positions.to(factor.device)] = 0
        return keep

    def step(self, left):
        """One step of a period, that many before its end; B's rows rest. Gives the rows changed."""
        changes = self.project(left)
        for name, mask in self.keep.items():
            self.adam.hold(name, mask)
        return changes

    def project(self, left):
        x, positions, owners, inner, outer, changes = [], [], [], [], [], []
        nothing = next(iter(self.adam.weights.values())).new_zeros(0)
        for axis in self.axes:
            for part, at, owner in axis.active:
                whole, by_rows = self.weight(part), part["dimension"] == 0
                x.append(whole if by_rows else whole.t())
                positions.append(at)
                owners.append(owner)
                a, b = self.pair(part) if "a" in part else (nothing, nothing)
                inner.append(a if by_rows or "a" not in part else b.t())
                outer.append(b if by_rows or "a" not in part else a.t())
                stored = 1 - part["dimension"] if part["turned"] else part["dimension"]
                changes.append((part["weight"], stored, at))
        first = [0]
        for axis in self.axes:
            first.append(first[-1] + len(axis.active))
        rule = [1 - 1 / left, 0.0, float(self.scale), 0.0]  # ε = 0
        leaving = self.rows.project(
            torch.tensor(first),
            torch.tensor([axis.count for axis in self.axes]),
            torch.zeros(len(self.axes), dtype=torch.int64),
            torch.tensor(rule, dtype=torch.float64),
            x,
            positions,
            owners,
            inner,
            outer,
        )
        leaving.cpu()  # the one answer of a step
        return changes

    def scores(self):
        """The sums that saliencies are made of, before every period."""
        sums = 0.0
        for axis in self.axes:
            groups = torch.tensor(axis.size)
            x = [self.weight(part) for part in axis.parts]
            dims = torch.tensor([part["dimension"] for part in axis.parts])
            squared = self.methods.squared(groups, dims, x, axis.owners)
            at = [i for i, part in enumerate(axis.parts) if "a" in part]
            y, of = [x[i] for i in at], [axis.owners[i] for i in at]
            a, b = zip(*(self.pair(axis.parts[i]) for i in at))
            a, b, dims = list(a), list(b), dims[at]
            along = self.methods.lora_products(groups, dims, self.scale, y, of, a, b)
            update = self.methods.lora_squared(groups, dims, self.scale, of, a, b)
            sums += float(squared.sum() + 2 * along.sum() + update.sum())
        return sums

    def fold(self, pairs):
        """x ← x + sBA, B ← 0 between periods; `pairs` is weight → (A, B)."""
        x = [self.originals[name] for name in pairs]
        a, b = (list(each) for each in zip(*pairs.values()))
        self.methods.fold(self.scale, x, a, b, [torch.ones(w.shape[0]) for w in x])
        for each in b:
            each.mul_(0)


class Axis:
    """One axis: all its slices, and the rows of the first groups in those that are shrunk."""

    def __init__(self, spec, tables, share):
        self.parts, self.size = spec["slices"], spec["size"]
        self.count = max(1, round(share * self.size))
        self.owners, self.active = [], []
        for part in self.parts:
            table = tables[part["owners"]]
            self.owners.append(torch.where(table < 0, self.size, table))
            if part["zeroed"]:
                positions = torch.nonzero((table >= 0) & (table < self.count)).view(-1)
                self.active.append((part, positions, table[positions]))
