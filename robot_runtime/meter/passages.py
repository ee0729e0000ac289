"""What happened in a session, one after the other, as parts of a page."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from robot_runtime.meter.fields import Event, number, objects, text
from robot_runtime.meter.markup import element
from robot_runtime.meter.trace import Entry, Happening, Hearing, Trace
from robot_runtime.meter.waterfall import Axis, waterfall

HEARD_AS = {"microphone": "caregiver", "keyboard": "caregiver", "body": "body"}
"""Who is said to have spoken, by a turn's source."""

FATES = {
    "back_channel": "not answered: a sign of listening",
    "echo": "not answered: its own words",
    "ignored": "not answered: not understood once more",
    "nothing heard": "a voice without words",
}
"""What became of an utterance that was not answered."""


def passage(entry: Entry, axis: Axis) -> Element:
    """One of them."""
    match entry:
        case Trace():
            return _turn(entry, axis)
        case Hearing():
            fate = FATES.get(entry.fate, "not answered")
            return _between(entry.t, "heard", f"“{entry.text}”: {fate}" if entry.text else fate)
        case Happening():
            return _between(entry.t, entry.kind, entry.text)


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes)}:{rest:04.1f}"


def _between(t: float, kind: str, what: str) -> Element:
    shown = element("span", f"{kind}: {what}", class_="what")
    return element("div", element("span", clock(t), class_="when"), shown, class_="between")


def _turn(turn: Trace, axis: Axis) -> Element:
    said = [
        element("div", _who(HEARD_AS.get(turn.source, turn.source)), turn.caregiver, _doubts(turn)),
        element("div", _who("toddler"), turn.reply, _badges(turn)),
    ]
    return element(
        "section",
        element(
            "header",
            element("div", clock(turn.t), element("br"), f"turn {turn.number}", class_="when"),
            element("div", said, class_="said"),
            element("div", _took(turn), class_="took"),
        ),
        waterfall(turn, axis),
        _candidates(turn.candidates),
        class_="turn",
    )


def _who(name: str) -> Element:
    return element("span", name, class_="who")


def _doubts(turn: Trace) -> list[Element]:
    """What is particular about what was said to it."""
    doubts = [f"subject: {text(found, 'kind')}" for found in turn.denied]
    if turn.hearing and turn.hearing.fate == "unclear":
        doubts.append(f"not understood, confidence {turn.hearing.confidence or 0.0:.2f}")
    return [element("span", doubt, class_="badge") for doubt in doubts]


def _badges(turn: Trace) -> list[Element]:
    """What is particular about the answer."""
    badges = []
    if turn.early:
        badges.append(element("span", "thought early", class_="badge"))
    if turn.reply_source == "canned":
        badges.append(element("span", "fixed line", class_="badge"))
    if turn.interrupted:
        why = f" by {turn.stopped}" if turn.stopped else ""
        heard = f": “{turn.heard}”" if turn.heard else ""
        badges.append(element("span", f"cut off{why} after {turn.played_s:.1f} s{heard}", class_="badge bad"))
    elif turn.resumed:
        badges.append(element("span", f"stopped by {turn.stopped}, and went on", class_="badge"))
    elif turn.completed_s is None:
        badges.append(element("span", "given up", class_="badge bad"))
    if turn.failure:
        badges.append(element("span", turn.failure, class_="badge bad"))
    return badges


def _took(turn: Trace) -> list[Element | str]:
    if turn.answer_ms is None:
        return ["no sound"]
    if turn.hold_ms is None:
        return [element("b", f"{turn.answer_ms:.0f} ms"), "to the first sample"]
    return [element("b", f"{turn.answer_ms:.0f} ms"), f"hold {turn.hold_ms:.0f} + {turn.after_hold_ms:.0f}"]


def _candidates(candidates: list[Event]) -> Element | None:
    if not candidates:
        return None
    refused = sum(bool(objects(candidate, "refusals")) for candidate in candidates)
    rows = []
    for candidate in candidates:
        refusals = [f"{text(each, 'rule')} ({text(each, 'detail')})" for each in objects(candidate, "refusals")]
        kind = "chosen" if candidate.get("chosen") is True else "refused" if refusals else "passed"
        score = number(candidate, "score")
        cells = [text(candidate, "text"), "" if score is None else f"{score:.2f}", ", ".join(refusals) or kind]
        rows.append(element("tr", [element("td", cell) for cell in cells], class_=kind))
    summary = element("summary", f"{len(candidates)} candidates, {refused} refused")
    return element("details", summary, element("table", rows))
