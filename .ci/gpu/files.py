"""Reads archives, weights and figures in the folder that `pack` makes; needs only PyTorch."""

import json
import math

import torch

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}


def read_tensors(path):
    """A safetensors file: 8 bytes that say how long the header is, the header, the numbers."""
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, info in json.loads(content[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = (start + offset for offset in info["data_offsets"])
        flat = torch.frombuffer(bytearray(content[begin:end]), dtype=TYPES[info["dtype"]])
        tensors[name] = flat.view(info["shape"])
    return tensors


def write_tensors(path, tensors):
    """The same, in float32."""
    header, numbers, offset = {}, [], 0
    for name, tensor in tensors.items():
        flat = tensor.detach().cpu().float().contiguous().view(-1)
        raw = bytes(flat.untyped_storage()[: 4 * flat.numel()])
        place = [offset, offset + len(raw)]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": place}
        numbers.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(numbers))


class Archive:
    """Methods that Java wrote, and the weights they take, in order."""

    def __init__(self, folder, name):
        self.methods = torch.jit.load(str(folder / f"{name}.pt"))
        spec = json.loads((folder / f"{name}.json").read_text())
        self.weights, self.vocabulary = spec["weights"], spec["vocabulary"]
        self.operations = spec["operations"]
        self.learning = [each["name"] for each in self.weights if each["learns"]]

    def step_operations(self, length, recomputed=False):
        """Of a token of a training step, where rows have that many."""
        attention = self.operations["attention"] * length
        again = self.operations["blocks"] + attention if recomputed else 0
        return self.operations["step"] + 3 * attention + again

    def forward_operations(self, length):
        """Of a token that is scored."""
        return self.operations["step"] + self.operations["attention"] * length


def placed(archive, tensors, device):
    """Weights as the product has them where an archive runs: what learns, and what is marked wide,
    in float32, all else in bfloat16."""
    weights = []
    for each in archive.weights:
        kind = torch.float32 if each["wide"] or each["learns"] else torch.bfloat16
        weight = tensors[each["name"]].to(device, kind).clone()
        if list(weight.shape) != each["shape"]:
            found = f"{list(weight.shape)}, not {each['shape']}"
            raise ValueError(f"{each['name']} has the shape {found}")
        if each["learns"]:
            weight.requires_grad_(True)
            weight.grad = torch.zeros_like(weight)
        weights.append(weight)
    return weights


def backward(archive, method, ids, share, weights):
    """Adds the gradients of all tokens of these rows; gives the loss as a tensor."""
    device = ids.device
    mask = torch.ones(ids.shape, device=device)
    weight = torch.tensor(share, dtype=torch.float64, device=device)
    nothing = [torch.zeros([], device=device)]
    with torch.enable_grad():
        return getattr(archive.methods, method)(ids, mask, weight, nothing, weights)


def distance(found, expected, floor=0.0):
    """‖found − expected‖ / max(‖expected‖, floor)."""
    found, expected = found.detach().cpu().double(), expected.double()
    if not bool(found.isfinite().all()):
        return math.inf
    norm = max(float(expected.norm()), floor)
    return float((found - expected).norm()) / norm if norm > 0 else float(found.norm())
