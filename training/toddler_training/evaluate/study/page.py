"""What the answers to a questionnaire say, as a page."""

from __future__ import annotations

from importlib import resources
from typing import Any
from xml.etree.ElementTree import Element

from robot_runtime.meter.markup import element, page

WIDTH, HEIGHT, LEFT, RIGHT = 700, 26, 150, 20
"""Of a drawing: its width, the height of a row, and its margins, in its own units."""

SOURCE = (
    "The questionnaire is in the manner of Bartneck, Kulic, Croft and Zoghbi (2009), Measurement instruments for the "
    "anthropomorphism, animacy, likeability, perceived intelligence, and perceived safety of robots, Int. J. of Social "
    "Robotics 1, 71-81, with items of its own: compare conditions with one another, not with other studies."
)


def results_page(found: dict[str, Any]) -> str:
    """The page, as HTML that needs no other file, from what `analysis` gives."""
    style = resources.files("robot_runtime.meter").joinpath("report.css").read_text("utf-8")
    title = "What people say of the robot"
    return page(
        title,
        style,
        element("h1", title),
        element("p", f"{found['participants']} participants, {found['answers']} answers", class_="soft"),
        element("h2", "Perceived age, years"),
        _part(found["perceived_age"], *_reach(found["perceived_age"])),
        [
            [
                element("h2", f"{scale['scale'].capitalize()}, 1 to 5"),
                element("p", _reliability(scale), class_="soft"),
                _part(scale, 1, 5),
            ]
            for scale in found["scales"]
        ],
        element("h2", "How to read this"),
        element(
            "p",
            f"Intervals are of 95 %, from {found['draws']} bootstrap samples of the participants; p is not corrected "
            "for the number of comparisons. Scales with an alpha below 0.7 do not hang together well (Nunnally 1978).",
        ),
        element("p", SOURCE, class_="soft"),
    )


def _reliability(scale: dict[str, Any]) -> str:
    alpha = scale["alpha"]
    if alpha["value"] is None:
        return f"{scale['items']} items; too few answers, or too much alike, for Cronbach's alpha"
    return f"{scale['items']} items, Cronbach's alpha {alpha['value']:.2f} ({_written(alpha['low'], alpha['high'])})"


def _part(part: dict[str, Any], low: float, high: float) -> list[Element]:
    rows = [(name, mean) for name, mean in part["means"].items() if mean["value"] is not None]
    drawn: list[Element] = []

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)

    for tick in range(round(low), round(high) + 1):
        drawn.append(element("line", x1=x(tick), x2=x(tick), y1=0, y2=HEIGHT * len(rows), class_="tick"))
        drawn.append(
            element("text", str(tick), x=x(tick), y=HEIGHT * len(rows) + 14, text_anchor="middle", class_="small")
        )
    for place, (name, mean) in enumerate(rows):
        y = HEIGHT * (place + 0.5)
        drawn.append(element("text", f"{name} (n = {mean['n']})", x=0, y=y + 4, class_="small"))
        drawn.append(element("line", x1=x(mean["low"]), x2=x(mean["high"]), y1=y, y2=y, class_="curve curve2"))
        drawn.append(element("circle", cx=x(mean["value"]), cy=y, r=4.5, class_="think"))
    svg = element("svg", drawn, viewBox=f"0 0 {WIDTH} {HEIGHT * len(rows) + 20}", role="img", style="max-width: 700px")
    return [element("figure", svg), element("table", _head(), [_mean(*row) for row in rows], _differences(part))]


def _head() -> Element:
    names = ("mean or difference", "interval of 95 %", "p")
    return element("tr", element("th"), [element("th", name, class_="number") for name in names])


def _mean(name: str, mean: dict[str, Any]) -> Element:
    return _line(name, f"{mean['value']:.2f}", _written(mean["low"], mean["high"]), "")


def _differences(part: dict[str, Any]) -> list[Element]:
    return [
        _line(
            f"{each['of']} less {each['from']}",
            f"{each['value']:+.2f}",
            _written(each["low"], each["high"]),
            f"{each['p']:.3f}",
        )
        for each in part["differences"]
        if each["value"] is not None
    ]


def _line(name: str, *cells: str) -> Element:
    return element("tr", element("td", name), [element("td", cell, class_="number") for cell in cells])


def _written(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}"


def _reach(part: dict[str, Any]) -> tuple[float, float]:
    """Whole years around all intervals."""
    known = [mean for mean in part["means"].values() if mean["value"] is not None]
    low, high = min((m["low"] for m in known), default=0.0), max((m["high"] for m in known), default=0.0)
    return float(int(low)), float(int(high) + 1)
