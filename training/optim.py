"""Muon for the weight matrices, AdamW for the rest, on float32 master weights; an exponential average of the weights beside them.

Muon: Keller Jordan et al., 2024, "Muon: an optimizer for hidden layers in neural networks": the momentum of a matrix is replaced by
the nearest orthogonal matrix, found by five Newton-Schulz steps.
"""
from __future__ import annotations

import math

import torch
from torch import nn


def orthogonal(g: torch.Tensor) -> torch.Tensor:
    """[n, out, in] -> about U V^T of each matrix's singular value decomposition, computed in bfloat16."""
    x = g.bfloat16()
    if tall := x.shape[1] > x.shape[2]:
        x = x.mT.contiguous()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        a = torch.bmm(x, x.mT)
        x = torch.baddbmm(x, torch.baddbmm(a, a, a, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return (x.mT if tall else x).float()


class Trainer:
    """Holds the optimiser's state of one or more modules.

    `lr` is Muon's step for matrices (in units of their root mean square size), `adam_lr` AdamW's for the rest. The modules may hold
    bfloat16 weights: the masters here are float32 and are copied into them after each step.
    """

    def __init__(self, modules: list[nn.Module], lr: float, adam_lr: float, decay: float = 0.01, ema: float = 0.999):
        self.live = [p for m in modules for p in m.parameters() if p.requires_grad]
        embeddings = {id(p) for m in modules for s in m.modules() if isinstance(s, nn.Embedding) for p in s.parameters()}
        self.master = [p.detach().float().clone() for p in self.live]
        self.average = [p.clone() for p in self.master]
        self.muon = [p.dim() >= 2 and min(p.shape[0], p[0].numel()) >= 16 and id(p) not in embeddings for p in self.live]
        self.m = [torch.zeros_like(p) for p in self.master]
        self.v = [torch.zeros_like(p) if not k else None for p, k in zip(self.master, self.muon)]
        self.lr, self.adam_lr, self.decay, self.ema, self.step_count = lr, adam_lr, decay, ema, 0

    @torch.no_grad()
    def step(self, scale: float) -> None:
        """One update with both learning rates times `scale`; clears the gradients."""
        self.step_count += 1
        t = self.step_count
        ema = min(self.ema, (t + 1) / (t + 10))
        directions: dict[int, torch.Tensor] = {}
        matrices: dict[torch.Size, list[int]] = {}
        for i, (p, w, m, v) in enumerate(zip(self.live, self.master, self.m, self.v)):
            g = p.grad.float()
            if self.muon[i]:
                m.mul_(0.95).add_(g)
                directions[i] = (g + 0.95 * m).flatten(1)
                matrices.setdefault(directions[i].shape, []).append(i)
                continue
            m.lerp_(g, 0.1)
            v.lerp_(g * g, 0.01)
            w.add_((m / (1 - 0.9**t)) / ((v / (1 - 0.99**t)).sqrt() + 1e-8), alpha=-self.adam_lr * scale)
        for shape, indices in matrices.items():  # matrices of one shape in one call
            step = self.lr * scale * 0.2 * math.sqrt(max(shape))  # as large as Adam's on average
            for i, update in zip(indices, orthogonal(torch.stack([directions[i] for i in indices]))):
                self.master[i].mul_(1 - self.lr * scale * self.decay).add_(update.view_as(self.master[i]), alpha=-step)
        for p, w in zip(self.live, self.master):
            p.copy_(w)
            p.grad = None
        torch._foreach_lerp_(self.average, self.master, 1 - ema)

    def state(self) -> dict:
        return {"master": self.master, "average": self.average, "m": self.m, "v": self.v, "step": self.step_count}

    @torch.no_grad()
    def load(self, state: dict) -> None:
        for name in ("master", "average", "m"):
            for mine, theirs in zip(getattr(self, name), state[name], strict=True):
                mine.copy_(theirs)
        for mine, theirs in zip(self.v, state["v"], strict=True):
            if mine is not None:
                mine.copy_(theirs)
        self.step_count = state["step"]
        for p, w in zip(self.live, self.master):
            p.copy_(w)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchanges the live weights with the averaged ones; called twice it changes nothing."""
        self.master, self.average = self.average, self.master
        for p, w in zip(self.live, self.master):
            p.copy_(w)
