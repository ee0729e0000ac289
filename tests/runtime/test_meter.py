"""Where the time of a talk went: the line after each turn, and the page about a session."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from robot_runtime.meter.ecdf import ecdf
from robot_runtime.meter.line import COLUMNS, Meter, line_of
from robot_runtime.meter.report import report
from robot_runtime.meter.timeline import Timeline
from robot_runtime.meter.trace import Happening, Hearing, Trace
from robot_runtime.meter.waterfall import axis_for
from robot_runtime.record import EVENTS, Record, read_events

ENVIRONMENT = os.environ | {"TODDLER_ROBOT_SESSION_SOUND_DEVICE": "none"}
HOSTILE = "</td><script>alert('x')</script>\x00\ud800&amp;"
VOID = {"meta", "br"}

Event = dict[str, Any]


def heard_turn() -> Iterator[Event]:
    """Heard 10 s after the ear's clock began: 0.3 s of hold, answered early, spoken 20 ms after the hold."""
    yield {"t": 11.5, "type": "speech_began", "at_s": 1.0}
    yield {"t": 11.7, "type": "partial", "text": "where is", "at_s": 1.7}
    yield {"t": 12.1, "type": "partial", "text": "where is your bag", "at_s": 2.05}
    yield {
        "t": 12.3,
        "type": "heard",
        "text": "where is your bag",
        "speech_end_s": 2.0,
        "endpoint_s": 2.3,
        "fate": "answered",
    }
    yield {"t": 12.31, "type": "caregiver_said", "text": "where is your bag", "source": "microphone"}
    stages = {"hold": 300.0, "think": 100.0, "check": 10.0, "voice": 40.0}
    yield {"t": 12.31, "type": "thought", "source": "model", "early": True, "candidates": [], "stages_ms": stages}
    yield {"t": 12.315, "type": "child_says", "text": "under the bed.", "source": "model"}
    yield {"t": 12.32, "type": "speech_started"}
    yield {"t": 13.32, "type": "turn_completed", "stages_ms": stages, "played_s": 1.0, "interrupted": False}


def typed_turn(**of_completed: Any) -> Iterator[Event]:
    """Typed at 20 s, ready 300 ms later, spoken 100 ms after that; 1 of 2 candidates refused."""
    yield {"t": 20.0, "type": "caregiver_said", "text": "why?", "source": "keyboard"}
    candidates = [
        {"text": "no no no.", "chosen": False, "score": 0.25, "refusals": [{"rule": "repeat", "detail": "no"}]},
        {"text": "because.", "chosen": True, "score": 0.5, "refusals": []},
    ]
    stages = {"think": 200.0, "check": 50.0, "voice": 50.0}
    yield {"t": 20.3, "type": "thought", "source": "model", "candidates": candidates, "stages_ms": stages}
    yield {"t": 20.3, "type": "child_says", "text": "because.", "source": "model"}
    yield {"t": 20.4, "type": "speech_started"}
    completed = {"stages_ms": stages, "played_s": 0.25, "interrupted": False} | of_completed
    yield {"t": 20.65, "type": "turn_completed", **completed}


def trace_of(events: Iterator[Event]) -> Trace:
    timeline = Timeline()
    *_, last = (timeline.take(event) for event in events)
    assert isinstance(last, Trace)
    return last


def test_a_heard_turn_is_measured_from_the_end_of_the_voice() -> None:
    turn = trace_of(heard_turn())
    assert turn.zero_s == pytest.approx(12.0)
    assert turn.hold_ms == pytest.approx(300)
    assert turn.answer_ms == pytest.approx(320)
    assert turn.after_hold_ms == pytest.approx(20)
    spans = {span.kind: (round(span.began_s, 3), round(span.ended_s, 3), span.early) for span in turn.spans()}
    assert spans == {
        "caregiver": (11.0, 12.0, False),
        "hold": (12.0, 12.3, False),
        "wait": (12.3, 12.32, False),
        "reply": (12.32, 13.32, False),
        "think": (12.05, 12.15, True),
        "check": (12.15, 12.16, True),
        "voice": (12.16, 12.2, True),
    }


def test_lines_of_known_turns() -> None:
    assert line_of(trace_of(heard_turn())) == ("  1 ├──────██████████████┤ 1 s   320 ms  hold 300  early 150  wait 20")
    assert line_of(trace_of(typed_turn())) == (
        "  1 ├ttttcv··█████       ┤ 1 s   400 ms  think 200  check 50  voice 50  wait 100  1/2 refused"
    )


def test_an_answer_that_was_cut_off() -> None:
    turn = trace_of(typed_turn(interrupted=True, played_s=0.22))
    assert "├ttttcv··████x  " in line_of(turn)


def test_a_slow_answer_gets_a_longer_axis_and_no_line_is_too_long() -> None:
    stages = {"hold": 1490.0, "think": 33000.0, "check": 12345.0, "voice": 23456.0}
    turn = Trace(123, 0.0, "why?", "microphone", stages_ms=stages, first_sample_s=99.0, candidates=[{}], played_s=5.0)
    assert "┤ 128 s" in line_of(turn)
    assert len(line_of(turn)) <= COLUMNS


def test_a_turn_without_sound() -> None:
    silent = (event for event in typed_turn() if event["type"] != "speech_started")
    assert "no sound  think 200" in line_of(trace_of(silent))


def test_the_meter_watches_a_record_that_keeps_nothing() -> None:
    lines: list[str] = []
    record = Record(None)
    record.watch(Meter(lines.append).take)
    for event in [*heard_turn(), *typed_turn()]:
        record.event(event["type"], **{key: value for key, value in event.items() if key not in ("t", "type")})
    assert [line[:5] for line in lines] == ["  1 ├", "  2 ├"]


def test_what_was_not_answered() -> None:
    timeline = Timeline()
    taken = [
        timeline.take({"t": 1.5, "type": "heard", "text": "the bed", "endpoint_s": 1.2, "fate": "echo"}),
        timeline.take({"t": 3.0, "type": "nothing_heard", "endpoint_s": 2.8}),
        timeline.take({"t": 4.0, "type": "robot_event", "kind": "picked_up", "data": {"by": "arm"}}),
    ]
    assert [entry.fate for entry in taken if isinstance(entry, Hearing)] == ["echo", "nothing heard"]
    assert taken[2] == Happening(4.0, "robot", 'picked_up {"by": "arm"}')
    assert timeline.rest() == []


def test_a_turn_that_was_given_up_is_known_when_the_next_begins() -> None:
    timeline = Timeline()
    said = next(typed_turn())
    assert timeline.take(said) is None
    given_up = timeline.take(said)
    assert isinstance(given_up, Trace)
    assert line_of(given_up).endswith("no sound  given up")
    (left,) = timeline.rest()
    assert isinstance(left, Trace)
    assert left.number == 2


class Balance(HTMLParser):
    """Fails where elements are not closed in order; keeps text and tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.addresses: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_has_the_numbers() -> None:
    page = report([*heard_turn(), *typed_turn()])
    seen = re.sub(r"\s+", " ", Balance(page).text)
    assert "end of speech to first sample320" in seen
    assert "hold300" in seen
    assert "after the hold20" in seen
    assert "typed line to first sample400" in seen
    assert "1 of 2candidates refused" in seen
    assert "1 of 1answers thought early" in seen
    assert "repeat1" in seen
    assert "no no no.0.25repeat (no)" in seen
    assert "the record was cut off" in seen


def test_the_report_loads_nothing_and_runs_nothing() -> None:
    page = report([*heard_turn(), *typed_turn()])
    assert Balance(page).addresses == []
    assert "script" not in Balance(page).tags
    assert not re.search(r"url\(|@import", page)


def test_hostile_text_is_text() -> None:
    def spoilt(event: Event) -> Event:
        return {key: HOSTILE if isinstance(value, str) and key != "type" else value for key, value in event.items()}

    started = {
        "type": "session_started",
        "versions": {HOSTILE: HOSTILE},
        "settings": {"session": {"platform": HOSTILE}},
    }
    refused = {"refusals": [{"rule": HOSTILE, "detail": HOSTILE}], "text": HOSTILE}
    events = [spoilt(event) for event in [*heard_turn(), *typed_turn()]]
    events += [{"type": "thought", "failure": HOSTILE, "candidates": [refused]}]
    events += [{"type": "notice", "text": HOSTILE}, {"type": "robot_event", "kind": HOSTILE, "data": {"a": HOSTILE}}]
    page = report([started, *events])
    balance = Balance(page)
    assert "script" not in balance.tags
    assert "</td><script>alert('x')</script>\ufffd\ufffd&amp;" in balance.text
    assert "\x00" not in page
    page.encode("utf-8")


@pytest.mark.parametrize("kept", range(15))
def test_a_record_that_lacks_the_rest_gives_what_it_has(kept: int) -> None:
    events = [*heard_turn(), *typed_turn()]
    Balance(report(events[:kept]))
    Balance(report(events[kept:]))


def test_fields_of_another_kind_are_passed_over() -> None:
    events: list[Any] = [17, {}, {"type": ["x"]}, {"type": "session_started", "settings": 3, "versions": None}]
    for event in [*heard_turn(), *typed_turn()]:
        events.append({key: value if key == "type" else [{}, None] for key, value in event.items()})
        events.append({key: value if key == "type" else None for key, value in event.items()})
        events += [
            {key: value if key == "type" else odd for key, value in event.items()} for odd in (10**400, math.nan)
        ]
    Balance(report(events))


def test_one_slow_turn_does_not_squeeze_the_others() -> None:
    turns = [Trace(number, 0.0, "hi", "keyboard", first_sample_s=0.5, played_s=1.0) for number in range(39)]
    slow = Trace(40, 0.0, "hi", "keyboard", first_sample_s=100.0, played_s=1.0)
    assert axis_for([*turns, slow]).after_s < 2


def test_no_answers_no_curves() -> None:
    assert ecdf({"hold": []}) is None


def test_a_recorded_session_becomes_a_page(random_model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "robot_runtime"]
    talk = [*command, "--text", "--meter", "--model", str(random_model), "--record", str(tmp_path / "sessions")]
    spoken = subprocess.run(
        talk, input="hello\nwhy?\n", capture_output=True, text=True, timeout=120, env=ENVIRONMENT, check=True
    )
    metered = [line for line in spoken.stderr.splitlines() if "├" in line]
    assert [line.split()[0] for line in metered] == ["1", "2"]
    assert all(len(line) <= COLUMNS for line in metered)
    (session,) = (tmp_path / "sessions").iterdir()
    done = subprocess.run(
        [*command, "report", str(session)], capture_output=True, text=True, timeout=120, check=True, env=ENVIRONMENT
    )
    page = session / "report.html"
    assert done.stdout == f"{page}\n"
    seen = Balance(page.read_text("utf-8")).text
    assert all(event["text"] in seen for event in read_events(session) if event["type"] == "child_says")
    assert "ended: end of input" in seen


def test_no_record_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "robot_runtime", "report", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert done.returncode == 2
    assert f"cannot read {tmp_path / EVENTS}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / EVENTS).write_text("")
    out = tmp_path / "missing" / "page.html"
    command = [sys.executable, "-m", "robot_runtime", "report", str(tmp_path), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert done.returncode == 2
    assert f"cannot write {out}" in done.stderr
