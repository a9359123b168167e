"""Writes the figures for the comparisons of run.py: python3 store.py, in the folder that `pack` makes."""

import pathlib

import torch

import families

torch._C._set_graph_executor_optimize(False)  # as the product has it
torch.set_grad_enabled(False)
for folder in sorted((pathlib.Path(__file__).resolve().parent / "families").iterdir()):
    count, far = families.store(folder)
    print(f"{folder.name}: {count} figures of transformers' met, the worst within {far:.1e}")
