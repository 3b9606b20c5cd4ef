"""Charts: the size of a group over time, as the corners of a line that steps from day to day."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..data import SizeData

WIDTH = 720
HEIGHT = 180
# Of so many days a sentence says more.
FEW_DAYS = 2


@attrs.frozen
class Chart:
    """A line and the area below it, as SVG writes points; ``top`` is the number at the upper edge."""

    line: str
    area: str
    top: int
    sizes: tuple[SizeData, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def first(self) -> SizeData:
        """The day at the beginning."""
        return self.sizes[0]

    @property
    def last(self) -> SizeData:
        """The day at the end, which is today."""
        return self.sizes[-1]

    @property
    def is_a_line(self) -> bool:
        """Whether there are days enough to see anything by it."""
        return len(self.sizes) > FEW_DAYS

    @property
    def least(self) -> int:
        """The smallest size."""
        return min(size.members for size in self.sizes)

    @property
    def most(self) -> int:
        """The largest size."""
        return max(size.members for size in self.sizes)

    @property
    def changed(self) -> list[SizeData]:
        """The days on which somebody joined or left, the last one first: the same for who cannot see the chart."""
        return [size for size in reversed(self.sizes) if size.joined or size.left]


def chart(sizes: Sequence[SizeData]) -> Chart:
    """The sizes of one or more days as a chart."""
    top = _round_up(max(size.members for size in sizes))
    wide = WIDTH / len(sizes)
    corners: list[tuple[float, float]] = []
    for place, size in enumerate(sizes):
        level = HEIGHT - size.members / top * HEIGHT
        corners += [(place * wide, level), ((place + 1) * wide, level)]
    line = _points(corners)
    return Chart(line, f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}", top, tuple(sizes))


def _points(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _round_up(number: int) -> int:
    """The next number with one or two digits that count, so that the line stays below the edge."""
    step = max(10 ** (len(str(number)) - 1) // 2, 1)
    return (number // step + 1) * step
