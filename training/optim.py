"""Muon for the weight matrices, AdamW for the rest, on float32 master weights; an exponential average of the weights beside them.

Muon: Keller Jordan et al., 2024, "Muon: an optimizer for hidden layers in neural networks": the momentum of a matrix is replaced by
the nearest orthogonal matrix, found by five Newton-Schulz steps.
"""
from __future__ import annotations

import math
import multiprocessing
import os
import time

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


class Team:
    """Processes that train one model together, each on a core and a part of the batch of its own.

    Each updates its own part of the weights (as in ZeRO, Rajbhandari et al. 2020, arXiv:1910.02054); gradients and weights lie in shared
    memory. Three processes of one thread are half as fast again as one process of three threads: small layers do not divide well.
    """

    def __init__(self, size: int):
        self.size, self.rank = size, 0
        self.context = multiprocessing.get_context("fork")  # threads survive no fork: start with OMP_NUM_THREADS=1
        self.barrier = self.context.Barrier(size)
        self.said = torch.zeros(1, dtype=torch.int64).share_memory_()

    def run(self, work) -> None:
        """Calls work() in each process, rank 0 in this one; all end when one fails."""
        members = []
        for rank in range(1, self.size):
            self.rank = rank
            members.append(self.context.Process(target=self._member, args=(work,), daemon=True))
            members[-1].start()
        self.rank = 0
        self._member(work)
        for member in members:
            member.join()

    def _member(self, work) -> None:
        if self.size > 1:
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {cores[self.rank % len(cores)]})
        try:
            work()
        except BaseException:
            self.barrier.abort()
            raise

    def wait(self) -> None:
        if self.size > 1:
            self.barrier.wait()

    def agree(self, word: int) -> int:
        """What rank 0 says, in every process."""
        if self.rank == 0:
            self.said[0] = word
        self.wait()
        said = int(self.said)
        self.wait()
        return said


class Clock:
    """The time of a run of `minutes`, in every process of a team as rank 0 reads it."""

    SAVE_EVERY = 10  # minutes

    def __init__(self, team: Team, minutes: float):
        self.team, self.minutes, self.over = team, minutes, False
        self.start = self.saved = time.time()

    @property
    def passed(self) -> float:
        """Minutes, on this process's own watch."""
        return (time.time() - self.start) / 60

    def save(self) -> bool:
        """Whether the weights should be saved now; `over` tells from then on whether it is for the last time."""
        end, due = self.passed >= self.minutes, time.time() - self.saved > 60 * self.SAVE_EVERY
        said = self.team.agree(2 if end else 1 if due else 0)
        if said:
            self.saved, self.over = time.time(), said == 2
        return said > 0


class Trainer:
    """Holds the optimiser's state of one or more modules.

    `lr` is Muon's step for matrices (in units of their root mean square size), `adam_lr` AdamW's for the rest, or for all without `muon`. The modules may hold
    bfloat16 weights: the masters here are float32 and are copied into them after each step.
    """

    def __init__(self, modules: list[nn.Module], lr: float, adam_lr: float, decay: float = 0.01, ema: float = 0.999, team: Team | None = None, muon: bool = True):
        self.team = team or Team(1)
        self.live = [p for m in modules for p in m.parameters() if p.requires_grad]
        embeddings = {id(p) for m in modules for s in m.modules() if isinstance(s, nn.Embedding) for p in s.parameters()}
        self.master = [p.detach().float().clone() for p in self.live]
        self.average = [p.clone() for p in self.master]
        self.muon = [muon and p.dim() >= 2 and min(p.shape[0], p[0].numel()) >= 16 and id(p) not in embeddings for p in self.live]
        self.m = [torch.zeros_like(p) for p in self.master]
        self.v = [torch.zeros_like(p) if not k else None for p, k in zip(self.master, self.muon)]
        self.lr, self.adam_lr, self.decay, self.ema, self.step_count = lr, adam_lr, decay, ema, 0
        self.gradients: list[list[torch.Tensor]] = []
        self.owner = [0] * len(self.live)
        if self.team.size > 1:
            for state in (self.master, self.average, self.m, self.v):
                for tensor in state:
                    if tensor is not None:
                        tensor.share_memory_()
            self.gradients = [[torch.zeros(p.shape, dtype=torch.bfloat16 if k else torch.float32).share_memory_() for p, k in zip(self.live, self.muon)] for _ in range(self.team.size)]
            work = [0.0] * self.team.size
            for i in sorted(range(len(self.live)), key=lambda i: -self.live[i].numel()):
                self.owner[i] = work.index(min(work))
                work[self.owner[i]] += self.live[i].numel() * (min(self.live[i].flatten(1).shape) if self.muon[i] else 1)

    @torch.no_grad()
    def step(self, scale: float) -> None:
        """One update with both learning rates times `scale`; clears the gradients. In a team every process calls it."""
        self.step_count += 1
        team = self.team
        if team.size > 1:
            for own, p in zip(self.gradients[team.rank], self.live):
                own.copy_(p.grad)
            team.wait()
        t = self.step_count
        ema = min(self.ema, (t + 1) / (t + 10))
        follow = min((1 - ema) / max(scale, 0.1), 1)  # the less the weights move, the fewer of them need averaging, and old ones are worse
        directions: dict[int, torch.Tensor] = {}
        matrices: dict[torch.Size, list[int]] = {}
        owned = [i for i, owner in enumerate(self.owner) if owner == team.rank]
        for i in owned:
            p, w, m, v = self.live[i], self.master[i], self.m[i], self.v[i]
            g = p.grad.float() if team.size == 1 else sum(part[i].float() for part in self.gradients) / team.size
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
        torch._foreach_lerp_([self.average[i] for i in owned], [self.master[i] for i in owned], follow)
        team.wait()
        for p, w in zip(self.live, self.master):
            p.copy_(w)
            p.grad = None

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
