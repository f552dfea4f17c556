"""Signed distance functions on open grids: primitives, transforms, smooth unions, cuts, bends and repetitions.

After Inigo Quilez, "3D SDFs" (iquilezles.org/articles/distfunctions) and "2D SDFs". A Shape's `f` takes x, y, z that broadcast against each
other (x [1, 1, n], y [1, n, 1], z [n, 1, 1] on a lattice) and returns the distance, negative inside. Units: a solid is about 1 long.
y points up, z at the viewer. A Shape knows its box, so that it is evaluated only near itself.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

Vector = Sequence[float]
Distance = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Shape:
    def __init__(self, f: Distance, low: Vector, high: Vector):
        self.f, self.low, self.high = f, np.asarray(low, float), np.asarray(high, float)

    @property
    def size(self) -> np.ndarray:
        return self.high - self.low

    def at(self, x: float = 0, y: float = 0, z: float = 0) -> Shape:
        f, by = self.f, np.array([x, y, z], np.float32)
        return Shape(lambda px, py, pz: f(px - by[0], py - by[1], pz - by[2]), self.low + by, self.high + by)

    def on(self, y: float) -> Shape:
        """Moved up or down until it stands at height y."""
        return self.at(0, y - self.low[1], 0)

    def scaled(self, x: float, y: float | None = None, z: float | None = None) -> Shape:
        f, s = self.f, np.array([x, x if y is None else y, x if z is None else z], np.float32)
        least = s.min()
        return Shape(lambda px, py, pz: f(px / s[0], py / s[1], pz / s[2]) * least, self.low * s, self.high * s)

    def turned(self, axis: str, degrees: float) -> Shape:
        """About an axis through the origin, counterclockwise when the axis points at the viewer."""
        c, s = np.float32(math.cos(math.radians(degrees))), np.float32(math.sin(math.radians(degrees)))
        f = self.f
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]

        def turned(*p: np.ndarray) -> np.ndarray:
            q = list(p)
            q[i], q[j] = c * p[i] + s * p[j], c * p[j] - s * p[i]
            return f(*q)
        corners = np.array([[(self.low, self.high)[k >> a & 1][a] for a in range(3)] for k in range(8)])
        moved = corners.copy()
        moved[:, i], moved[:, j] = c * corners[:, i] - s * corners[:, j], s * corners[:, i] + c * corners[:, j]
        return Shape(turned, moved.min(0), moved.max(0))

    def mirrored(self, axis: str = "x") -> Shape:
        """Together with its mirror image; it must lie on the positive side, or the two are cut where they meet."""
        f, a = self.f, "xyz".index(axis)

        def mirrored(*p: np.ndarray) -> np.ndarray:
            q = list(p)
            q[a] = np.abs(q[a])
            return f(*q)
        reach = max(abs(self.low[a]), abs(self.high[a]))
        low, high = self.low.copy(), self.high.copy()
        low[a], high[a] = -reach, reach
        return Shape(mirrored, low, high)

    def ring(self, count: int, phase: float = 0) -> Shape:
        """`count` times about the y axis; the shape lies at positive x."""
        f, sector = self.f, 2 * math.pi / count

        def ring(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
            angle = np.arctan2(z, x) - np.float32(math.radians(phase))
            angle = angle - sector * np.round(angle / sector)
            radius = np.sqrt(x * x + z * z)
            return f(radius * np.cos(angle), y, radius * np.sin(angle))
        reach = math.hypot(max(abs(self.low[0]), abs(self.high[0])), max(abs(self.low[2]), abs(self.high[2])))
        return Shape(ring, [-reach, self.low[1], -reach], [reach, self.high[1], reach])

    def bent(self, rate: float) -> Shape:
        """In the xy plane: what lies along x is bent upwards, by `rate` radians a unit."""
        f, k = self.f, np.float32(rate)

        def bent(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
            c, s = np.cos(k * x), np.sin(k * x)
            return f(c * x + s * y, c * y - s * x, z)
        corner = max(abs(self.low[0]), abs(self.high[0]))
        lift = corner * abs(math.sin(rate * corner))
        high, low = self.high.copy(), self.low.copy()
        high[1], low[1] = high[1] + (lift if rate > 0 else 0), low[1] - (lift if rate < 0 else 0)
        return Shape(bent, low, high)

    def shell(self, thickness: float) -> Shape:
        """Hollow: a wall of that thickness, its outer side the surface."""
        f, half = self.f, np.float32(thickness / 2)
        return Shape(lambda *p: np.abs(f(*p) + half) - half, self.low, self.high)

    def grown(self, by: float) -> Shape:
        f = self.f
        return Shape(lambda *p: f(*p) - np.float32(by), self.low - by, self.high + by)

    def __or__(self, other: Shape) -> Shape:
        return union(self, other)

    def __sub__(self, other: Shape) -> Shape:
        return cut(self, other)

    def __and__(self, other: Shape) -> Shape:
        f, g = self.f, other.f
        return Shape(lambda *p: np.maximum(f(*p), g(*p)), np.maximum(self.low, other.low), np.minimum(self.high, other.high))


def union(*shapes: Shape) -> Shape:
    def f(*p: np.ndarray) -> np.ndarray:
        d = shapes[0].f(*p)
        for shape in shapes[1:]:
            d = np.minimum(d, shape.f(*p))
        return d
    return Shape(f, np.min([s.low for s in shapes], 0), np.max([s.high for s in shapes], 0))


def blend(k: float, *shapes: Shape) -> Shape:
    """Smooth union: where two meet, the seam is filled over a width of about k."""
    def f(*p: np.ndarray) -> np.ndarray:
        d = shapes[0].f(*p)
        for shape in shapes[1:]:
            e = shape.f(*p)
            h = np.maximum(k - np.abs(d - e), 0) / k
            d = np.minimum(d, e) - h * h * np.float32(k / 4)
        return d
    return Shape(f, np.min([s.low for s in shapes], 0), np.max([s.high for s in shapes], 0))


def cut(shape: Shape, *away: Shape) -> Shape:
    def f(*p: np.ndarray) -> np.ndarray:
        d = shape.f(*p)
        for other in away:
            d = np.maximum(d, -other.f(*p))
        return d
    return Shape(f, shape.low, shape.high)


def row(shape: Shape, count: int, x: float = 0, y: float = 0, z: float = 0) -> Shape:
    """`count` copies at that distance, centred."""
    return union(*(shape.at(x * k, y * k, z * k) for k in (i - (count - 1) / 2 for i in range(count))))


def sphere(r: float) -> Shape:
    return Shape(lambda x, y, z: np.sqrt(x * x + y * y + z * z) - np.float32(r), [-r] * 3, [r] * 3)


def ellipsoid(rx: float, ry: float, rz: float) -> Shape:
    """First-order distance."""
    def f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        x, y, z = x / rx, y / ry, z / rz
        k0 = np.sqrt(x * x + y * y + z * z)
        x, y, z = x / rx, y / ry, z / rz
        return k0 * (k0 - 1) / np.maximum(np.sqrt(x * x + y * y + z * z), 1e-6)
    return Shape(f, [-rx, -ry, -rz], [rx, ry, rz])


def box(x: float, y: float, z: float, r: float = 0.02) -> Shape:
    """Sides x, y, z; edges rounded by r."""
    r = min(r, x / 2, y / 2, z / 2)
    half = np.array([x, y, z], np.float32) / 2

    def f(px: np.ndarray, py: np.ndarray, pz: np.ndarray) -> np.ndarray:
        qx, qy, qz = np.abs(px) - half[0] + r, np.abs(py) - half[1] + r, np.abs(pz) - half[2] + r
        outside = np.maximum(qx, 0) ** 2 + np.maximum(qy, 0) ** 2 + np.maximum(qz, 0) ** 2
        return np.sqrt(outside) + np.minimum(np.maximum(np.maximum(qx, qy), qz), 0) - np.float32(r)
    return Shape(f, -half, half)


def cylinder(r: float, height: float, edge: float = 0.02) -> Shape:
    """About the y axis, its edges rounded."""
    edge = min(edge, r, height / 2)

    def f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        a, b = np.sqrt(x * x + z * z) - np.float32(r - edge), np.abs(y) - np.float32(height / 2 - edge)
        return np.sqrt(np.maximum(a, 0) ** 2 + np.maximum(b, 0) ** 2) + np.minimum(np.maximum(a, b), 0) - np.float32(edge)
    return Shape(f, [-r, -height / 2, -r], [r, height / 2, r])


def torus(ring: float, tube: float) -> Shape:
    """About the y axis."""
    def f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        a = np.sqrt(x * x + z * z) - np.float32(ring)
        return np.sqrt(a * a + y * y) - np.float32(tube)
    reach = ring + tube
    return Shape(f, [-reach, -tube, -reach], [reach, tube, reach])


def arc(ring: float, tube: float, degrees: float) -> Shape:
    """A piece of a torus in the xy plane about the origin, `degrees` to either side of +y, with round ends."""
    s, c = np.float32(math.sin(math.radians(degrees))), np.float32(math.cos(math.radians(degrees)))

    def f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        x = np.abs(x)
        along = np.where(c * x > s * y, x * s + y * c, np.sqrt(x * x + y * y))
        return np.sqrt(np.maximum(x * x + y * y + z * z + np.float32(ring**2) - 2 * np.float32(ring) * along, 0)) - np.float32(tube)
    reach = ring + tube
    wide = reach if degrees >= 90 else ring * float(s) + tube
    return Shape(f, [-wide, ring * float(c) - tube, -tube], [wide, reach, tube])


def limb(a: Vector, b: Vector, ra: float, rb: float | None = None) -> Shape:
    """A capsule from a to b whose radius goes from ra to rb."""
    rb = ra if rb is None else rb
    p, q = np.asarray(a, np.float32), np.asarray(b, np.float32)
    way = q - p
    length = float(way @ way)

    def f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        x, y, z = x - p[0], y - p[1], z - p[2]
        t = np.clip((x * way[0] + y * way[1] + z * way[2]) / np.float32(length), 0, 1)
        x, y, z = x - t * way[0], y - t * way[1], z - t * way[2]
        return np.sqrt(x * x + y * y + z * z) - np.float32(ra) - t * np.float32(rb - ra)
    return Shape(f, np.minimum(p - ra, q - rb), np.maximum(p + ra, q + rb))


def tube(points: Sequence[Vector], ra: float, rb: float | None = None) -> Shape:
    """Limbs along a line of points, the radius going from ra to rb."""
    rb = ra if rb is None else rb
    n = len(points) - 1
    return union(*(limb(points[i], points[i + 1], ra + (rb - ra) * i / n, ra + (rb - ra) * (i + 1) / n) for i in range(n)))


def _polygon(points: Sequence[Sequence[float]], closed: bool) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Signed distance to a polygon; where it is not closed, its last edge bounds it but has no distance (the axis of a lathe)."""
    corners = [np.asarray(p, np.float32) for p in points]

    def f(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        shape = np.broadcast_shapes(x.shape, y.shape)
        nearest = np.full(shape, 1e9, np.float32)
        inside = np.zeros(shape, bool)
        for i, a in enumerate(corners):
            b = corners[(i + 1) % len(corners)]
            ex, ey = b - a
            wx, wy = x - a[0], y - a[1]
            if closed or i + 1 < len(corners):
                t = np.clip((wx * ex + wy * ey) / max(ex * ex + ey * ey, 1e-12), 0, 1)
                nearest = np.minimum(nearest, (wx - ex * t) ** 2 + (wy - ey * t) ** 2)
            crosses = (y >= min(a[1], b[1])) & (y < max(a[1], b[1]))
            inside ^= crosses & ((wx * ey - wy * ex) * np.sign(ey) < 0)
        return np.where(inside, -1, 1).astype(np.float32) * np.sqrt(nearest)
    return f


def extrude(points: Sequence[Sequence[float]], depth: float, edge: float = 0.015) -> Shape:
    """A polygon in the xy plane, `depth` thick along z; grown by `edge`, which rounds it."""
    polygon = _polygon(points, True)
    half = np.float32(depth / 2 - edge)

    def f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        a, b = polygon(x, y), np.abs(z) - half
        return np.sqrt(np.maximum(a, 0) ** 2 + np.maximum(b, 0) ** 2) + np.minimum(np.maximum(a, b), 0) - np.float32(edge)
    low, high = np.min(points, 0) - edge, np.max(points, 0) + edge
    return Shape(f, [*low, -depth / 2], [*high, depth / 2])


def lathe(points: Sequence[Sequence[float]], edge: float = 0.0) -> Shape:
    """A profile of (radius, y) turned about the y axis; it begins and ends on the axis (radius 0), or else is a closed ring."""
    on_axis = abs(points[0][0]) < 1e-9 and abs(points[-1][0]) < 1e-9
    polygon = _polygon(points, not on_axis)
    low, high = np.min(points, 0) - edge, np.max(points, 0) + edge
    return Shape(lambda x, y, z: polygon(np.sqrt(x * x + z * z), y) - np.float32(edge), [-high[0], low[1], -high[0]], [high[0], high[1], high[0]])


def cone(r0: float, r1: float, height: float, edge: float = 0.015) -> Shape:
    """From radius r0 below to r1 above, about the y axis, standing on y = 0."""
    e = min(edge, height / 4)
    return lathe([(0, e), (max(r0 - e, 1e-3), e), (max(r1 - e, 1e-3), height - e), (0, height - e)], e)


def smooth(points: Iterable[Sequence[float]], steps: int = 4) -> list[tuple[float, float]]:
    """A Catmull-Rom curve through the points, `steps` pieces between two."""
    p = [np.asarray(q, float) for q in points]
    p = [2 * p[0] - p[1], *p, 2 * p[-1] - p[-2]]
    out = []
    for i in range(1, len(p) - 2):
        for k in range(steps):
            t = k / steps
            q = 0.5 * (2 * p[i] + (p[i + 1] - p[i - 1]) * t + (2 * p[i - 1] - 5 * p[i] + 4 * p[i + 1] - p[i + 2]) * t**2
                       + (3 * p[i] - p[i - 1] - 3 * p[i + 1] + p[i + 2]) * t**3)
            out.append((max(float(q[0]), 0.0), float(q[1])))
    out.append((float(p[-2][0]), float(p[-2][1])))
    return out


def star(points: int, outer: float, inner: float) -> list[tuple[float, float]]:
    """Corners of a star, one point up."""
    return [((outer, inner)[i % 2] * math.sin(math.pi * i / points), (outer, inner)[i % 2] * math.cos(math.pi * i / points)) for i in range(2 * points)]
