"""What happens to the body: which of it is answered, when, and with what."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_runtime.check import Check, kind_of
from robot_runtime.errors import SettingsError
from robot_runtime.robot import RobotEvent
from robot_runtime.stimuli import GAP_S, WAITING, BodySettings, Stimuli, load_reactions

REACTIONS = load_reactions()
ANSWERED = sorted(kind for kind, reaction in REACTIONS.items() if reaction.says)


class Kept:
    """Stimuli that keep what they drop."""

    def __init__(self, settings: BodySettings | None = None) -> None:
        self.dropped: list[tuple[str, str]] = []
        self.stimuli = Stimuli(settings or BodySettings(), 1, lambda kind, why: self.dropped.append((kind, why)))

    def offer(self, kind: str, now: float) -> None:
        self.stimuli.offer(RobotEvent(kind), now)

    def next(self, now: float, *, urgent: bool = False) -> str | None:
        stimulus = self.stimuli.next(now, urgent=urgent)
        return stimulus.kind if stimulus else None


@pytest.mark.parametrize("kind", ANSWERED)
def test_the_shipped_reactions_can_be_spoken(kind: str) -> None:
    check, reaction = Check(), REACTIONS[kind]
    assert len(set(reaction.answers)) >= 3
    assert reaction.expires_s > 0
    refused = [
        (line, answer, verdict.refusals)
        for answer in reaction.answers
        for line in ("", *reaction.says)
        if not (verdict := check.judge(line, answer)).passed
    ]
    assert refused == []
    assert not any(kind_of(line).fixed for line in reaction.says)


def test_the_kinds_of_the_interface_are_known() -> None:
    listed = (RobotEvent.__doc__ or "").split("|---|---|")[1]
    kinds = {kind.strip() for row in listed.strip().splitlines() if "|" in row for kind in row.split("|")[1].split(",")}
    assert kinds == set(REACTIONS)


def test_the_urgent_come_first_then_the_older() -> None:
    kept = Kept()
    kept.offer("put_down", 0.0)
    kept.offer("bumped", 1.0)
    kept.offer("fallen", 2.0)
    assert kept.next(2.0) == "fallen"
    assert kept.next(2.0) is None
    assert kept.stimuli.due(3.0) == pytest.approx(GAP_S - 1.0)
    assert kept.next(2.0 + GAP_S) == "put_down"
    assert kept.dropped == []


def test_the_urgent_do_not_wait_for_the_gap() -> None:
    kept = Kept()
    kept.offer("picked_up", 0.0)
    assert kept.next(0.0) == "picked_up"
    kept.offer("put_down", 0.5)
    assert kept.next(1.0, urgent=True) is None
    kept.offer("fallen", 1.0)
    assert kept.stimuli.due(1.0) == 0.0
    assert kept.next(1.0, urgent=True) == "fallen"


def test_each_drop_has_its_reason() -> None:
    kept = Kept(BodySettings(ignored="tapped, button"))
    kept.offer("tapped", 0.0)
    kept.offer("picked_up", 0.0)
    kept.offer("picked_up", 1.0)
    kept.offer("purring", 1.0)
    kept.offer("disconnected", 1.0)
    assert kept.next(REACTIONS["picked_up"].expires_s + 0.1) is None
    kept.offer("fallen", 8.0)
    kept.stimuli.close()
    assert kept.dropped == [
        ("tapped", "disabled"),
        ("picked_up", "waiting"),
        ("picked_up", "expired"),
        ("fallen", "ended"),
    ]
    assert kept.stimuli.due(9.0) is None


def test_what_was_not_answered_has_no_cooldown() -> None:
    kept = Kept()
    kept.offer("picked_up", 0.0)
    late = REACTIONS["picked_up"].expires_s + 0.1
    assert kept.next(late) is None
    kept.offer("picked_up", late)
    assert kept.next(late) == "picked_up"
    kept.offer("picked_up", late + 0.5)
    assert kept.dropped[-1] == ("picked_up", "cooldown")


def test_when_too_many_wait_the_oldest_goes() -> None:
    kept = Kept()
    kinds = ANSWERED[: WAITING + 1]
    for kind in kinds:
        kept.offer(kind, 0.0)
    assert kept.dropped == [(kinds[0], "full")]


def test_settings() -> None:
    silent = Kept(BodySettings(react=False))
    silent.offer("picked_up", 0.0)
    assert silent.next(0.0) is None
    eager = Kept(BodySettings(cooldown_scale=0.0))
    for now in (0.0, 5.0, 10.0):
        eager.offer("tapped", now)
        assert eager.next(now) == "tapped"
    with pytest.raises(SettingsError, match="ignored names no kind 'taped'"):
        BodySettings(ignored="taped")
    with pytest.raises(SettingsError, match="cooldown_scale"):
        BodySettings(cooldown_scale=-1)


@given(st.lists(st.tuples(st.sampled_from(sorted(REACTIONS)), st.floats(0, 3)), max_size=60), st.integers())
def test_never_chatters_and_never_late(events: list[tuple[str, float]], seed: int) -> None:
    chance, now, calm, kept = random.Random(seed), 0.0, -GAP_S, Kept()
    offered: dict[str, float] = {}
    said: dict[str, float] = {}
    for kind, pause in events:
        now += pause
        before = len(kept.dropped)
        kept.offer(kind, now)
        if not {(kind, "cooldown"), (kind, "waiting")} & set(kept.dropped[before:]):
            offered[kind] = now
        if chance.random() < 0.5 and (given_kind := kept.next(now)):
            reaction = REACTIONS[given_kind]
            assert now - offered[given_kind] <= reaction.expires_s
            assert reaction.urgent or now - calm >= GAP_S - 1e-9
            assert now - said.get(given_kind, -1e9) >= reaction.cooldown_s - reaction.expires_s
            calm = said[given_kind] = now
