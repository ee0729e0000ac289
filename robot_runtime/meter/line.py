"""A turn as one line of text, at most 100 columns wide.

```
  1 ├───────█████████████┤ 1 s   361 ms  hold 360  early 22  wait 1
  2 ├ttttttcv·███████████┤ 1 s   385 ms  think 310  check 12  voice 48  wait 15  3/8 refused
```

The axis begins when the caregiver has finished: `─` hold, `t` think, `c` check, `v` voice, `·` wait, `█` the reply,
`x` where it was cut off. What was done before the end of the hold (`early`) took none of that time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from robot_runtime.meter.fields import Event
from robot_runtime.meter.timeline import Timeline
from robot_runtime.meter.trace import WORK, Span, Trace

CELLS = 20
"""Width of the axis in characters."""

SHORTEST_S = 1.0
"""What the axis shows at least, in seconds; as often doubled as the first sample needs to be within 4/5 of it."""

MARKS = {"hold": "─", "think": "t", "check": "c", "voice": "v", "wait": "·", "reply": "█"}
"""How a cell is drawn."""

COLUMNS = 100
"""A line is cut there."""


class Meter:
    """Watches a record, and writes a line when a turn is over."""

    def __init__(self, write: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)) -> None:
        """Give lines to `write`."""
        self._timeline = Timeline()
        self._write = write

    def take(self, event: Event) -> None:
        """Take the next event."""
        entry = self._timeline.take(event)
        if isinstance(entry, Trace):
            self._write(line_of(entry))


def line_of(turn: Trace) -> str:
    """See the module's docstring."""
    over_s = SHORTEST_S
    while (turn.answer_ms or 0.0) / 1e3 > 0.8 * over_s:
        over_s *= 2
    answer = "no sound" if turn.answer_ms is None else f"{turn.answer_ms:5.0f} ms"
    line = f"{turn.number:3} ├{_axis(turn, over_s)}┤ {over_s:g} s {answer}  {'  '.join(_parts(turn))}"
    return line.rstrip()[:COLUMNS]


def _axis(turn: Trace, over_s: float) -> str:
    """Each cell shows what went on in its middle; work goes before waiting."""
    spans = [span for span in turn.spans() if span.kind in MARKS and not span.early]
    cell_s = over_s / CELLS
    axis = [_mark(spans, turn.zero_s + (number + 0.5) * cell_s) for number in range(CELLS)]
    if turn.interrupted and turn.first_sample_s is not None:
        cut = int((turn.first_sample_s + turn.played_s - turn.zero_s) / cell_s)
        axis[max(0, min(cut, CELLS - 1))] = "x"
    return "".join(axis)


def _mark(spans: list[Span], at_s: float) -> str:
    mark = " "
    for span in spans:
        if span.began_s <= at_s < span.ended_s:
            mark = MARKS[span.kind]
    return mark


def _parts(turn: Trace) -> list[str]:
    parts = [] if turn.hold_ms is None else [f"hold {turn.hold_ms:.0f}"]
    if turn.early:
        parts.append(f"early {turn.work_ms:.0f}")
    else:
        parts += [f"{stage} {turn.stages_ms[stage]:.0f}" for stage in WORK if stage in turn.stages_ms]
    if turn.wait_ms is not None:
        parts.append(f"wait {turn.wait_ms:.0f}")
    if turn.stopped:
        parts.append(f"{'held' if turn.resumed and not turn.interrupted else 'cut'} by {turn.stopped}")
    if turn.refused:
        parts.append(f"{turn.refused}/{len(turn.candidates)} refused")
    elif turn.reply_source == "canned":
        parts.append("canned")
    elif turn.completed_s is None:
        parts.append("given up")
    return parts
