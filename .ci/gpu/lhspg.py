"""The work of LHSPG beside the training pass, by the texts that the product runs: AdamW, the sums and
changes of groups (`ActiveGroups`), the rows of B held at zero (`RowMasks`), the copies of weights that
changed (`WorkingWeights`).

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
        limit = torch.tensor(1.0, dtype=torch.float64, device=weights[0].device)
        self.methods.clip(limit, weights)
        rates = torch.tensor([rate, 0.9, 0.999, 1e-8, 0.0], dtype=torch.float64)
        moments = (list(m.values()) for m in (self.first, self.second, self.counts))
        self.methods.adamw(rates.to(weights[0].device), weights, *moments)

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


class Shrinking:
    """A share of the groups of every axis on its way to zero."""

    def __init__(self, folder, kernels, originals, adam, share):
        spec = json.loads((folder / "axes.json").read_text())
        self.methods = torch.jit.load(str(kernels / "axis.pt"))
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
        """One step of a period, that many before its end; B's rows rest."""
        for axis in self.axes:
            self.project(axis, left)
        for name, mask in self.keep.items():
            self.adam.hold(name, mask)

    def project(self, axis, left):
        rows, x, owners, inner, outer, paired = [], [], [], [], [], []
        for part, positions, owner in axis.active:
            whole = self.weight(part)
            by_rows = whole if part["dimension"] == 0 else whole.t()
            rows.append((by_rows, positions))
            x.append(by_rows[positions])
            owners.append(owner)
            if "a" in part:
                a, b = self.pair(part)
                if part["dimension"] == 1:
                    a, b = b.t(), a.t()
                inner.append(a)
                outer.append(b[positions.to(b.device)])
                paired.append(len(x) - 1)
        groups = torch.tensor(axis.count)
        dims = torch.zeros(len(x), dtype=torch.int64)
        squared = self.methods.squared(groups, dims, x, owners)
        y, of = [x[i] for i in paired], [owners[i] for i in paired]
        along = self.methods.lora_products(groups, dims[: len(y)], self.scale, y, of, inner, outer)
        keep = 1 - 1 / left
        leaving = keep * squared + along < 0 * squared  # ε = 0
        factors = torch.where(leaving, 0.0, keep)
        self.methods.scale(factors, dims, x, owners)
        staying = [(~leaving[owner]).float() for owner in of]
        self.methods.fold(self.scale, y, inner, outer, staying)
        for (whole, positions), changed in zip(rows, x):
            whole[positions] = changed

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
