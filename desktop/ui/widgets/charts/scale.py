"""Round numbers for an axis. Pure."""

from __future__ import annotations

from math import ceil, log10

_ROUND = (1, 2, 5, 10)


def ticks(most: int, wanted: int = 3) -> tuple[int, ...]:
    """From 0 to at least `most`, in about `wanted` equal steps of 1, 2 or 5 times a power of ten."""
    rough = max(1.0, most / wanted)
    power = 10 ** int(log10(rough))
    step = next(factor * power for factor in _ROUND if factor * power >= rough)
    return tuple(range(0, max(1, ceil(most / step)) * step + 1, step))
