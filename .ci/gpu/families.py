"""Small models of every family: their figures, and how far these are from the stored ones.

    logits            of two rows of 24 tokens
    losses            nats of every token
    gradients         of the loss by every weight: used for measured saliencies
    pair gradients    of the loss by LoRA's A and B: used for training by LHSPG and recovery
"""

import json

import torch

from files import Archive, backward, distance, placed, read_tensors, write_tensors

TRANSFORMERS = 2e-5  # float32 on a CPU against transformers' figures, which are float32 too
FLOAT32 = 1e-4  # of a norm: sums in another order; TF32 would be 1e-3
BFLOAT16 = 2  # times the CPU's own distance from float32
SMALL = 1e-2  # of the norm of all gradients: what a weight's own norm counts at least
PRECISIONS = ("float32", "bfloat16")
METHODS = ("loss_and_backward", "loss_and_backward_by_block")


def tensors_of(folder):
    tensors = read_tensors(folder / "model.safetensors")
    figures = folder / "figures.safetensors"
    if figures.exists():
        tensors.update({n[5:]: t for n, t in read_tensors(figures).items() if n.startswith("pair.")})
    return tensors


def named(archive, tensors):
    """Names in files may lack the prefix that graphs have; a tied head is the embedding."""
    found = dict(tensors)
    for each in archive.weights:
        name = each["name"]
        if name not in found:
            found[name] = next(t for n, t in tensors.items() if name.endswith("." + n))
    return found


def compute(folder, precision, device, tensors, methods=METHODS[:1]):
    """All figures by name, on the device; of training, those of each method."""
    ids = torch.tensor(json.loads((folder / "expected.json").read_text())["ids"], device=device)
    scoring = Archive(folder, f"{precision}-none")
    weights = placed(scoring, named(scoring, tensors), device)
    with torch.no_grad():
        scored = {
            "logits": scoring.methods.logits(ids, weights),
            "losses": scoring.methods.token_losses(ids, weights),
        }
    figures = {method: dict(scored) for method in methods}
    for what in ("all", "pairs"):
        archive = Archive(folder, f"{precision}-{what}")
        weights = placed(archive, named(archive, tensors), device)
        for method, found in figures.items():
            for each, weight in zip(archive.weights, weights):
                if each["learns"]:
                    weight.grad = torch.zeros_like(weight)
                    found[f"gradient.{what}.{each['name']}"] = weight.grad
            found[f"loss.{what}"] = backward(archive, method, ids, 1.0, weights)
    return figures


def distances(found, expected):
    """The largest of every kind; of gradients, of every weight, with its name."""
    worst = {}
    norms = {
        what: float(sum(t.double().norm() ** 2 for n, t in group(expected, what)) ** 0.5)
        for what in ("all", "pairs")
    }
    for name, tensor in expected.items():
        kind, _, rest = name.partition(".")
        if kind == "pair":
            continue
        what = rest.split(".")[0]
        floor = SMALL * norms[what] if kind == "gradient" else 0.0
        label = f"{kind} {what}" if rest else kind
        far = distance(found[name], tensor, floor)
        if far >= worst.get(label, (-1, ""))[0]:
            worst[label] = (far, rest.partition(".")[2])
    return worst


def group(figures, what):
    return [(n, t) for n, t in figures.items() if n.startswith(f"gradient.{what}.")]


def store(folder):
    """Figures of the CPU here, which must be transformers' where those are known."""
    generator = torch.Generator().manual_seed(1)
    pairs = Archive(folder, "float32-pairs")
    tensors = tensors_of(folder)
    drawn = {}
    for each in pairs.weights:
        if each["learns"]:
            drawn[each["name"]] = 0.1 * torch.randn(each["shape"], generator=generator)
    tensors.update(drawn)
    wide = compute(folder, "float32", "cpu", tensors)[METHODS[0]]
    figures = {name: tensor.detach().float() for name, tensor in wide.items()}
    seen = compare_transformers(folder, figures)
    narrow = compute(folder, "bfloat16", "cpu", tensors)[METHODS[0]]
    own = {label: far for label, (far, _) in distances(narrow, figures).items()}
    figures.update({f"pair.{name}": tensor for name, tensor in drawn.items()})
    write_tensors(folder / "figures.safetensors", figures)
    (folder / "figures.json").write_text(json.dumps({"bfloat16": own}, indent=1))
    return seen


def compare_transformers(folder, figures):
    """How many figures of transformers' were compared; ends where one is not met."""
    expected = json.loads((folder / "expected.json").read_text())
    last = torch.tensor(expected["logits_last"])
    sums = torch.tensor(expected["logits_sum_per_position"])
    norm = float(figures["logits"].norm(dim=-1).mean())
    far = {
        "logits_last": distance(figures["logits"][:, -1], last),
        "logits_sum": float((figures["logits"].sum(-1) - sums).abs().max()) / norm,
        "loss": abs(float(figures["losses"].mean()) / expected["loss_next_token_mean"] - 1),
    }
    for name, norm in expected["gradient_norms"].items():
        gradient = figures.get(f"gradient.all.{name}")
        if gradient is not None:
            far[name] = abs(float(gradient.norm()) - norm) / max(norm, 1e-3)
    for name, each in far.items():
        if not each < TRANSFORMERS:
            raise SystemExit(f"{folder.name}: {name} is {each:.1e} from transformers' figure")
    return len(far), max(far.values())


def check(folder, precision, device):
    """Distances from the stored figures, each with its limit and the weight it is at."""
    figures = read_tensors(folder / "figures.safetensors")
    own = json.loads((folder / "figures.json").read_text())["bfloat16"]
    tensors = tensors_of(folder)
    rows = []
    for method, found in compute(folder, precision, device, tensors, METHODS).items():
        for label, (far, weight) in distances(found, figures).items():
            limit = FLOAT32 if precision == "float32" else max(BFLOAT16 * own[label], 2e-3)
            rows.append(
                {
                    "figure": label,
                    "method": method,
                    "distance": far,
                    "limit": limit,
                    "weight": weight,
                    "holds": far <= limit,
                }
            )
    return rows


def mistakes_are_seen(folder, device):
    """One weight that is 1 % too large must break the limit, or the check is worth nothing."""
    figures = read_tensors(folder / "figures.safetensors")
    tensors = tensors_of(folder)
    archive = Archive(folder, "float32-none")
    name = archive.weights[1]["name"]
    tensors = named(archive, tensors)
    tensors[name] = tensors[name] * 1.01
    found = distances(compute(folder, "float32", device, tensors)[METHODS[0]], figures)
    if found["logits"][0] <= FLOAT32 or found["gradient pairs"][0] <= FLOAT32:
        raise SystemExit(f"{folder.name}: {name}, 1 % too large, is not seen")
