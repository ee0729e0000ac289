"""A turn drawn on a time axis: above who has the floor, below what the reply costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from robot_runtime.meter.markup import element
from robot_runtime.meter.trace import WORK, Span, Trace

WIDTH = 1000
"""Of a drawing, in its own units."""

FLOOR_Y, WORK_Y, BAR, AXIS_Y, HEIGHT = 20, 43, 18, 68, 82
"""Tops of the two lanes, height of their bars, place of the axis, and height of it all."""

NARROWEST = 2.0
"""Width of what would be too short to see."""

LETTER = 5.6
"""Width of a letter of the smallest text."""

USUAL = 0.95
"""The axis is made for this share of the turns; the others run over its edges."""

NAMES = {
    "caregiver": "caregiver speaks",
    "hold": "hold: is there more?",
    "think": "think",
    "check": "check",
    "voice": "voice",
    "wait": "no answer yet",
    "reply": "toddler speaks",
}
"""What the colours mean."""


@dataclass(frozen=True)
class Axis:
    """A time axis that all turns of a session share; 0 is the end of the caregiver's words."""

    before_s: float
    """How much of the time before 0 is shown."""
    after_s: float
    """How much after it."""

    def x(self, seconds: float) -> float:
        """Where a moment is."""
        return WIDTH * (seconds + self.before_s) / (self.before_s + self.after_s)

    @property
    def step_s(self) -> float:
        """Between two ticks: some ten of them."""
        rough = (self.before_s + self.after_s) / 10
        decade = 10.0 ** math.floor(math.log10(rough))
        return next(decade * nice for nice in (1, 2, 5, 10) if decade * nice >= rough)


def axis_for(turns: Sequence[Trace]) -> Axis:
    """An axis that most of the turns fit on."""
    before, after = [0.1], [0.5]
    for turn in turns:
        spans = turn.spans()
        before.append(max((turn.zero_s - span.began_s for span in spans), default=0.0))
        after.append(max((span.ended_s - turn.zero_s for span in spans), default=0.0))
    return Axis(_usual(before) * 1.05, _usual(after) * 1.05)


def waterfall(turn: Trace, axis: Axis) -> Element:
    """The drawing."""
    spans = [span for span in turn.spans() if span.ended_s > span.began_s]
    drawn = [
        element("rect", x=0, y=0, width=WIDTH, height=AXIS_Y, class_="ground"),
        *_ticks(axis),
        *(_bar(span, turn.zero_s, axis) for span in spans),
        *_partials(turn, axis),
        *_costs(turn, spans, axis),
    ]
    if turn.interrupted and turn.first_sample_s is not None:
        x = axis.x(turn.first_sample_s + turn.played_s - turn.zero_s)
        drawn.append(element("line", x1=x, x2=x, y1=FLOOR_Y - 5, y2=FLOOR_Y + BAR + 5, class_="cut"))
    return element("svg", drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", class_="waterfall")


def legend() -> Element:
    """What the colours mean."""
    keys = [element("span", element("i", class_=f"key {kind}"), name) for kind, name in NAMES.items()]
    early = element("span", element("i", class_="key think early"), "done early")
    return element("p", keys, early, class_="legend")


def _ticks(axis: Axis) -> list[Element]:
    ticks = []
    first, last = math.ceil(-axis.before_s / axis.step_s), math.floor(axis.after_s / axis.step_s)
    for number in range(first, last + 1):
        x = axis.x(number * axis.step_s)
        kind = "zero" if number == 0 else "tick"
        anchor = "start" if x < 20 else "end" if x > WIDTH - 20 else "middle"
        label = f"{number * axis.step_s:g} s" if number else "0"
        ticks.append(element("line", x1=x, x2=x, y1=0, y2=AXIS_Y, class_=kind))
        ticks.append(element("text", label, x=x, y=HEIGHT - 3, text_anchor=anchor, class_="small"))
    return ticks


def _bar(span: Span, zero_s: float, axis: Axis) -> Element:
    x = axis.x(span.began_s - zero_s)
    width = max(NARROWEST, axis.x(span.ended_s - zero_s) - x)
    ms = (span.ended_s - span.began_s) * 1e3
    title = f"{NAMES[span.kind]}, {ms:.1f} ms" + (", done early; when is known to some tenths of a second" * span.early)
    y = WORK_Y if span.kind in WORK else FLOOR_Y
    kind = f"{span.kind} early" if span.early else span.kind
    return element("rect", element("title", title), x=x, y=y, width=width, height=BAR, class_=kind)


def _partials(turn: Trace, axis: Axis) -> list[Element]:
    """A tick for each partial, and the words that came with it where there is room."""
    if turn.hearing is None:
        return []
    drawn, before, free = [], "", 0.0
    for at_s, words in turn.hearing.partials:
        recorded = turn.hearing.recorded(at_s)
        if recorded is None:
            continue
        x = axis.x(recorded - turn.zero_s)
        drawn.append(
            element("line", element("title", words), x1=x, x2=x, y1=FLOOR_Y, y2=FLOOR_Y + BAR, class_="partial")
        )
        new = _news(before, words)
        left = x - LETTER * len(new)
        if left >= free:
            drawn.append(element("text", new, x=x, y=FLOOR_Y - 4, text_anchor="end", class_="small"))
            free = x + LETTER
        before = words
    return drawn


def _news(before: str, words: str) -> str:
    """The words from the first one that is another."""
    old, new = before.split(), words.split()
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    return " ".join(new[same:])


def _costs(turn: Trace, spans: list[Span], axis: Axis) -> list[Element]:
    """The milliseconds of the work, beside it."""
    work = [span for span in spans if span.kind in WORK]
    if not work:
        return []
    costs = " · ".join(f"{stage} {turn.stages_ms[stage]:.0f}" for stage in WORK if stage in turn.stages_ms)
    x, anchor = axis.x(work[-1].ended_s - turn.zero_s) + LETTER, "start"
    if x + LETTER * len(f"{costs} ms") > WIDTH:
        x, anchor = axis.x(work[0].began_s - turn.zero_s) - LETTER, "end"
    return [element("text", f"{costs} ms", x=x, y=WORK_Y + BAR - 5, text_anchor=anchor, class_="small")]


def _usual(values: list[float]) -> float:
    return sorted(values)[math.ceil(USUAL * len(values)) - 1]
