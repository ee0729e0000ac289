"""How many of the answers took how long: empirical distribution functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from robot_runtime.meter.markup import element

WIDTH, HEIGHT = 1000, 260
"""Of the drawing, in its own units."""

LEFT, RIGHT, TOP, BOTTOM = 46, 16, 10, 34
"""Its margins."""

SHARES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Where lines cross it."""


def ecdf(curves: Mapping[str, Sequence[float]]) -> Element | None:
    """A curve for each name that has values, in milliseconds; None if none has."""
    curves = {name: sorted(values) for name, values in curves.items() if values}
    if not curves:
        return None
    step, end = _scale(max(values[-1] for values in curves.values()))

    def x(ms: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(ms, 0.0), end) / end

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share

    drawn = []
    for share in SHARES:
        drawn.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(share), y2=y(share), class_="tick"))
        drawn.append(element("text", f"{share:.0%}", x=LEFT - 6, y=y(share) + 4, text_anchor="end", class_="small"))
    for number in range(round(end / step) + 1):
        ms = number * step
        drawn.append(element("line", x1=x(ms), x2=x(ms), y1=TOP, y2=HEIGHT - BOTTOM, class_="tick"))
        label = f"{ms:g} ms" if ms == end else f"{ms:g}"
        anchor = "end" if ms == end else "middle"
        drawn.append(element("text", label, x=x(ms), y=HEIGHT - BOTTOM + 16, text_anchor=anchor, class_="small"))
    for number, values in enumerate(curves.values()):
        path = f"M{x(values[0]):.1f} {y(0):.1f}"
        for rank, ms in enumerate(values, 1):
            path += f"H{x(ms):.1f}V{y(rank / len(values)):.1f}"
        drawn.append(element("path", d=f"{path}H{WIDTH - RIGHT}", class_=f"curve curve{number}"))
    keys = [
        element("span", element("i", class_=f"key curve{number}"), f"{name} (n = {len(values)})")
        for number, (name, values) in enumerate(curves.items())
    ]
    return element(
        "figure",
        element("svg", drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img"),
        element("figcaption", keys, class_="legend"),
    )


def _scale(longest: float) -> tuple[float, float]:
    """Distance of the ticks, and the end of the axis: round numbers, some eight ticks."""
    rough = max(longest, 1.0) / 8
    decade = 10.0 ** math.floor(math.log10(rough))
    step = next(decade * nice for nice in (1, 2, 5, 10) if decade * nice >= rough)
    return step, step * math.ceil(max(longest, 1.0) / step)
