"""The plane autoencoder: a sampled grid <-> three feature planes xy, yz and zx side by side, one picture [n, CHANNELS, 16, 48].

Rows and columns of the planes: xy has rows y and columns x, yz rows y and columns z, zx rows z and columns x, each from -1 to 1.
The decoder makes large feature planes of them with 2-D convolutions; a point's features are the sum of what the three planes hold where
it falls on them (Chan et al. 2022, arXiv:2112.07945), and a small network reads distance and colour from the sum. On a lattice the sum is
a broadcast addition, and reading the planes at its coordinates is a product with hat functions: no 3-D convolution and no GridSample.
The encoder folds the third axis into channels. Its last layer is normalized, so that each channel of each plane has mean 0 and deviation 1.
"""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from ..fast_cpu import FusedGroupNorm

CHANNELS = 8
ROWS, COLUMNS = 16, 48
FEATURES, FEATURE_SIDE = 48, 64
POINT_WIDTH = 64


def split(planes: torch.Tensor) -> torch.Tensor:
    """[n, c, 16, 48] -> [3 n, c, 16, 16], the three planes of an object one after the other."""
    return planes.unflatten(3, (3, -1)).permute(0, 3, 1, 2, 4).flatten(0, 1)


def join(planes: torch.Tensor) -> torch.Tensor:
    """[3 n, c, 16, 16] -> [n, c, 16, 48]"""
    return planes.unflatten(0, (-1, 3)).permute(0, 2, 3, 1, 4).flatten(3)


class Exchange(nn.Module):
    """Tells each plane what the other two hold along the axis that it shares with them: their means over the other axis (after Wang et al.
    2023, arXiv:2212.06135)."""

    def __init__(self, width: int):
        super().__init__()
        self.to_rows, self.to_columns = (nn.Linear(width, width, bias=False) for _ in range(2))
        nn.init.zeros_(self.to_rows.weight)
        nn.init.zeros_(self.to_columns.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[3 n, c, s, s]"""
        planes = x.unflatten(0, (-1, 3))
        by_row, by_column = planes.mean(4), planes.mean(3)  # [n, 3, c, s]
        (xy_y, yz_y, zx_z), (xy_x, yz_z, zx_x) = by_row.unbind(1), by_column.unbind(1)
        rows = torch.stack([yz_y, xy_y, yz_z], 1).mT
        columns = torch.stack([zx_x, zx_z, xy_x], 1).mT
        rows, columns = self.to_rows(rows).mT.flatten(0, 1), self.to_columns(columns).mT.flatten(0, 1)
        return x + rows[..., None] + columns[..., None, :]


class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm1, self.norm2 = (FusedGroupNorm(8, width) for _ in range(2))
        self.norm1.silu = self.norm2.silu = True
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, 1, 1) for _ in range(2))
        self.exchange = Exchange(width)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.exchange(x + self.conv2(self.norm2(self.conv1(self.norm1(x)))))


class Encoder(nn.Module):
    """Distance [n, 64, 64, 64] (z, y, x) and colour [n, 3, 32, 32, 32] -> planes [n, CHANNELS, 16, 48]. Each plane sees the whole grid, the third
    axis as channels, in squares of 2 x 2 cells."""

    def __init__(self, side: int = 64):
        super().__init__()
        self.shapes, self.colours = nn.ModuleList(nn.Linear(4 * side, 96) for _ in range(3)), nn.ModuleList(nn.Linear(3 * side // 2, 96) for _ in range(3))
        self.norm1, self.down = FusedGroupNorm(8, 96), nn.Conv2d(96, 128, 3, 2, 1)
        self.norm1.silu = True
        self.blocks = nn.Sequential(Block(128), Block(128), Block(128))
        self.norm, self.out = FusedGroupNorm(8, 128), nn.Conv2d(128, CHANNELS, 1)
        self.norm.silu = True
        self.standard = nn.BatchNorm2d(3 * CHANNELS, affine=False, momentum=0.02)

    def forward(self, distance: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
        planes = []
        for k, (folded, row, column) in enumerate(((0, 1, 2), (2, 1, 0), (1, 0, 2))):  # axes of (z, y, x): folded into channels, rows and columns of xy, yz, zx
            d = distance.permute(0, 1 + row, 1 + column, 1 + folded).unflatten(1, (-1, 2)).unflatten(3, (-1, 2)).permute(0, 1, 3, 5, 2, 4)
            c = colour.permute(0, 2 + row, 2 + column, 1, 2 + folded)
            planes.append(self.shapes[k](d.flatten(3)) + self.colours[k](c.flatten(3)))
        x = torch.stack(planes, 1).flatten(0, 1).permute(0, 3, 1, 2)
        x = self.out(self.norm(self.blocks(self.down(self.norm1(x)))))
        x = self.standard(x.float().unflatten(0, (-1, 3)).flatten(1, 2))
        return join(x.unflatten(1, (3, CHANNELS)).flatten(0, 1))


class PlaneDecoder(nn.Module):
    """Planes [n, CHANNELS, 16, 48] -> feature planes [n, 3, FEATURES, 64, 64]."""

    def __init__(self):
        super().__init__()
        self.inside = nn.Conv2d(CHANNELS, 96, 3, 1, 1)
        self.place = nn.Parameter(torch.randn(3, 96, 16, 16) * 0.1)  # which plane, and where on it
        self.blocks16 = nn.Sequential(Block(96), Block(96))
        self.to32, self.block32 = nn.Conv2d(96, 4 * 64, 1), Block(64)
        self.norm, self.outside = FusedGroupNorm(8, 64), nn.Conv2d(64, 4 * FEATURES, 1)
        self.norm.silu = True

    def forward(self, latent_sample: torch.Tensor) -> torch.Tensor:
        x = self.inside(split(latent_sample).contiguous(memory_format=torch.channels_last))
        x = (x.unflatten(0, (-1, 3)) + self.place.to(x.dtype)).flatten(0, 1)
        x = self.block32(F.pixel_shuffle(self.to32(self.blocks16(x)), 2).contiguous(memory_format=torch.channels_last))
        return F.pixel_shuffle(self.outside(self.norm(x)), 2).unflatten(0, (-1, 3))


def hats(at: torch.Tensor, side: int = FEATURE_SIDE) -> torch.Tensor:
    """Linear interpolation between the centres of `side` cells over -1..1: coordinates [..., n] -> weights [..., n, side]."""
    cell = ((at + 1) * (side / 2) - 0.5).clamp(0, side - 1)
    return F.relu(1 - (cell[..., None] - torch.arange(side, dtype=at.dtype, device=at.device)).abs())


class PointDecoder(nn.Module):
    """Feature planes [n, 3, FEATURES, 64, 64] and the coordinates x, y, z [n, k] of a lattice -> distance [n, nz, ny, nx] in units of the
    truncation, and rgb [n, nz, ny, nx, 3], 0..1."""

    def __init__(self):
        super().__init__()
        self.hidden1, self.hidden2 = nn.Linear(FEATURES, POINT_WIDTH), nn.Linear(POINT_WIDTH, POINT_WIDTH)
        self.out = nn.Linear(POINT_WIDTH, 4)

    def forward(self, planes: torch.Tensor, x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        xy, yz, zx = planes.unbind(1)
        wx, wy, wz = (hats(v).to(planes.dtype) for v in (x, y, z))  # [n, k, 64]
        xy = torch.einsum("nya,ncab,nxb->nyxc", wy, xy, wx)[:, None]
        yz = torch.einsum("nya,ncab,nzb->nzyc", wy, yz, wz)[:, :, :, None]
        zx = torch.einsum("nza,ncab,nxb->nzxc", wz, zx, wx)[:, :, None]
        h = F.silu(xy + yz + zx)
        out = self.out(F.silu(self.hidden2(F.silu(self.hidden1(h)))))
        return out[..., 0], out[..., 1:]


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.planes, self.points = Encoder(), PlaneDecoder(), PointDecoder()


@torch.no_grad()
def decode_grid(model: Autoencoder, planes: torch.Tensor, side: int = 64, block: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    """Planes [n, CHANNELS, 16, 48] -> distance [n, side, side, side] and rgb [n, side, side, side, 3], in blocks of layers."""
    features = model.planes(planes)
    at = ((torch.arange(side) + 0.5) * 2 / side - 1).expand(len(planes), -1)
    parts = [model.points(features, at, at, at[:, k:k + block]) for k in range(0, side, block)]
    return torch.cat([p[0] for p in parts], 1).float(), torch.cat([p[1] for p in parts], 1).float()
