"""Runs the TorchScript that Devices.java wrote as a GPU would: tensors have a device, and code that
mixes devices stops with its line.

    check_devices.py OUT

No GPU is needed. Tensors on the GPU have the device "lazy", which PyTorch has without a GPU, and their
values are in the host's memory. Every operator is checked by CUDA's rule: all arguments on one device,
except scalars (no dimension) in the host's memory, indices there, and operators that copy.
"""

import json
import pathlib
import sys

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

GPU = torch.device("lazy")
HOST = torch.device("cpu")
aten = torch.ops.aten
COPIES = {aten._to_copy.default, aten.copy_.default}
INDEXED = {aten.index.Tensor, aten.index_put_.default, aten.index_put.default}


class Placed(torch.Tensor):
    """A tensor that says where it is."""

    @staticmethod
    def __new__(cls, numbers, device, learns=False):
        placed = torch.Tensor._make_wrapper_subclass(
            cls,
            numbers.size(),
            strides=numbers.stride(),
            storage_offset=numbers.storage_offset(),
            dtype=numbers.dtype,
            device=device,
            requires_grad=learns,
        )
        placed.numbers = numbers
        return placed

    def __repr__(self):
        return f"{tuple(self.shape)} on {self.device}"

    @classmethod
    def __torch_dispatch__(cls, operator, types, args=(), kwargs=None):
        return placed_call(operator, args, kwargs or {})


class Places(TorchDispatchMode):
    """Factories, too, make tensors that say where they are."""

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        return placed_call(operator, args, kwargs or {})


def common_device(operator, args, kwargs):
    looked = args[:1] if operator in INDEXED else (args, kwargs)
    tensors = [x for x in tree_flatten(looked)[0] if isinstance(x, torch.Tensor)]
    devices = {x.device for x in tensors if x.dim() > 0 or x.device == GPU}
    if len(devices) > 1 and operator not in COPIES:
        raise RuntimeError(f"{operator} of {tensors}")
    if operator in COPIES and tensors:
        return tensors[0].device
    return devices.pop() if devices else HOST


def placed_call(operator, args, kwargs):
    device = common_device(operator, args, kwargs)
    if kwargs.get("device") is not None:
        device = torch.device(kwargs["device"])
        kwargs = {**kwargs, "device": HOST}
    known = {}

    def numbers(x):
        if not isinstance(x, torch.Tensor):
            return x
        each = x.numbers if isinstance(x, Placed) else x
        known[id(each)] = x
        return each

    with torch.utils._python_dispatch._disable_current_modes():
        results = operator(*tree_map(numbers, args), **tree_map(numbers, kwargs))

    def placed(x):
        if not isinstance(x, torch.Tensor):
            return x
        if id(x) in known:
            return known[id(x)]
        # TorchScript writes numbers of a list straight into the memory of an empty tensor.
        return x if operator is aten.empty.memory_format and device == HOST else Placed(x, device)

    return tree_map(placed, results)


def weight(spec):
    shape = spec["shape"]
    numbers = torch.randn(shape) * 0.1 + (1 if len(shape) == 1 else 0)
    if spec["bfloat16"]:
        numbers = numbers.bfloat16()
    placed = Placed(numbers, HOST if spec["host"] else GPU, spec["learns"])
    if spec["learns"]:
        placed.grad = Placed(torch.zeros(shape), placed.device)
    return placed


def run(archive):
    spec = json.loads(archive.with_suffix(".json").read_text())
    model = torch.jit.load(archive)
    weights = [weight(each) for each in spec["weights"]]
    ids = Placed(torch.randint(spec["vocabulary"], (2, 12)), GPU)
    learning = [w for w in weights if w.requires_grad]
    with Places():
        if not learning:
            for losses in (model.token_losses(ids, weights), model.logits(ids, weights)):
                assert losses.device == GPU and losses.numbers.isfinite().all()
            return
        mask = Placed(torch.ones(2, 12), GPU)
        one = Placed(torch.tensor(1.0), HOST)  # scalars of a call are on the host
        nothing = [Placed(torch.zeros([]), HOST)]
        for method in (model.loss_and_backward, model.loss_and_backward_by_block):
            loss = method(ids, mask, one, nothing, weights)
            assert loss.device == GPU and loss.numbers.isfinite()
    for each, w in zip(spec["weights"], weights):
        if each["learns"]:
            assert w.grad.device == w.device, each["name"]
            assert w.grad.numbers.isfinite().all(), each["name"]
    assert any(w.grad.numbers.abs().max() > 0 for w in learning)


def mixing_is_seen():
    x = Placed(torch.ones(2, 2), GPU)
    try:
        torch.mm(x, Placed(torch.ones(2, 2), HOST))
    except RuntimeError:
        return
    raise AssertionError("a product of two devices went through")


def main():
    torch.manual_seed(1)
    torch._C._set_graph_executor_optimize(False)  # as the product has it
    mixing_is_seen()
    archives = sorted(pathlib.Path(sys.argv[1]).glob("*.pt"))
    if not archives:
        sys.exit(f"{sys.argv[1]} has no archives")
    failed = 0
    for archive in archives:
        try:
            with torch.no_grad() if archive.stem.endswith("none") else torch.enable_grad():
                run(archive)
        except Exception as e:
            failed += 1
            print(f"{archive.stem}: {e}")
    print(f"{len(archives) - failed} of {len(archives)} run on two devices")
    sys.exit(1 if failed else 0)


main()
