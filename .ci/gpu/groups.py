"""LHSPG's work besides the training pass, on a small model, compared with the equations in plain PyTorch.

    clip, AdamW        torch.optim.AdamW on a CPU
    x̃ = (1 − 1/r) x + sBA;  x ← 0 if ⟨x̃, x⟩ < 0, else x̃          rows of shrinking groups
    sums               ‖x‖² + 2⟨x, sBA⟩ + ‖sBA‖² = ‖x + sBA‖²
"""

import json

import torch

from files import distance
from lhspg import Adam, Copies, Shrinking

LIMIT = 1e-5  # float32
LEFT = 4  # r, steps to go
SHARE = 0.25  # of the groups of every axis


def check(root, device):
    """Distances by name; each must be at most LIMIT."""
    folder, generator = root / "shapes" / "tiny", torch.Generator().manual_seed(1)
    specs = json.loads((folder / "bfloat16-pairs.json").read_text())["weights"]
    frozen, pairs = {}, {}
    for each in specs:
        drawn = 0.05 * torch.randn(each["shape"], generator=generator)
        (pairs if each["learns"] else frozen)[each["name"]] = drawn
    live = {name: factor.to(device).requires_grad_(True) for name, factor in pairs.items()}
    for name, factor in live.items():
        gradient = torch.randn(factor.shape, generator=generator)
        factor.grad = gradient.to(device)
    adam = Adam(root / "kernels", list(live), list(live.values()))
    far = {"AdamW": adamw(adam, pairs)}
    wide = {each["name"] for each in specs if each["wide"]}
    shrinking = Shrinking(folder, root / "kernels", frozen, adam, SHARE)
    against(shrinking)
    copies = Copies(root / "kernels", frozen, wide, device)
    before = {name: weight.clone() for name, weight in frozen.items()}
    far["sums"] = sums(shrinking)
    wanted, leaving = trial(shrinking, before)
    if not 0 < sum(leaving) < len(leaving):
        raise SystemExit(f"{sum(leaving)} of {len(leaving)} groups leave: nothing is told apart")
    changes = shrinking.step(LEFT)
    far["groups"] = max(distance(frozen[name], wanted[name]) for name in frozen)
    far["resting rows"] = max(
        float((live[name] * (1 - mask)).abs().max()) for name, mask in shrinking.keep.items()
    )
    copies.renew_rows(changes)
    far["copies"] = max(
        distance(copy, frozen[name].to(copy.dtype)) for name, copy in copies.by_name.items()
    )
    return far


def adamw(adam, pairs):
    """One step, in float64 on the CPU."""
    plain = [pairs[name].double().requires_grad_(True) for name in adam.weights]
    for each, weight in zip(plain, adam.weights.values()):
        each.grad = weight.grad.cpu().double()
    torch.nn.utils.clip_grad_norm_(plain, 1.0)
    torch.optim.AdamW(plain, lr=1e-2, weight_decay=0.0).step()
    adam.step(1e-2)
    return max(distance(w, each) for w, each in zip(adam.weights.values(), plain))


def against(shrinking):
    """Makes x of every other group on its way −½ sBA, so that it is pushed out."""
    for axis in shrinking.axes:
        for part, positions, owner in axis.active:
            odd = positions[owner % 2 == 1]
            shrinking.weight(part)[odd] = -0.5 * product(shrinking, part)[odd]


def product(shrinking, part):
    a, b = (factor.detach().cpu() for factor in shrinking.pair(part))
    return float(shrinking.scale) * (b @ a)


def trial(shrinking, before):
    """All weights after the step, and which groups leave."""
    wanted = {name: weight.clone() for name, weight in before.items()}
    left_out = []
    for axis in shrinking.axes:
        for group in range(axis.count):
            rows = [(part, p[o == group]) for part, p, o in axis.active]
            x = [before[part["weight"]][at] for part, at in rows]
            moved = [
                (1 - 1 / LEFT) * each + product(shrinking, part)[at]
                for each, (part, at) in zip(x, rows)
            ]
            leaves = sum(float((m * e).sum()) for m, e in zip(moved, x)) < 0
            left_out.append(leaves)
            for each, (part, at) in zip(moved, rows):
                wanted[part["weight"]][at] = 0.0 if leaves else each
    return wanted, left_out


def sums(shrinking):
    plain = 0.0
    for axis in shrinking.axes:
        for part in axis.parts:
            x = shrinking.weight(part) + product(shrinking, part)
            plain += float(x.double().pow(2).sum())
    return abs(shrinking.scores() / plain - 1)
