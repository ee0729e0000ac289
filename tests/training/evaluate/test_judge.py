from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge_server import JudgeServer, judging
from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.chat_server import ChatServer
from toddler_training.evaluate.judge import Pair, judge_all


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with judging() as state:
        yield state


PAIRS: list[Pair] = [("want some?", "milk."), ("want some?", "truck."), ("want some?", "milk."), ("hi", "m\u2028ilk")]


def judged(server: JudgeServer, kept: Path, pairs: list[Pair] = PAIRS, stop_after: int = 99) -> dict[Pair, bool]:
    seen: list[Pair] = []

    def bar(pairs: Iterator[Pair], total: int) -> Iterator[Pair]:
        for pair in pairs:
            seen.append(pair)
            yield pair

    judge = ChatServer(server.url, "wise", "secret", pauses_s=(0.0, 0.0))
    return judge_all(judge, pairs, kept, 1, lambda: len(seen) >= stop_after, bar)


def test_each_pair_is_judged_once_and_never_again(server: JudgeServer, tmp_path: Path) -> None:
    kept = tmp_path / "judged.jsonl"
    expected = {PAIRS[0]: True, PAIRS[1]: False, PAIRS[3]: False}
    assert judged(server, kept) == expected
    assert len(server.asked) == 3 and set(server.keys) == {"Bearer secret"}
    assert {asked["model"] for asked in server.asked} == {"wise"}
    assert judged(server, kept, [*PAIRS, ("more?", "more milk")])["more?", "more milk"]
    assert len(server.asked) == 4

    lines = kept.read_text("utf-8").splitlines()
    assert all(set(json.loads(line)) == {"judge", "caregiver", "reply", "coherent"} for line in lines)
    kept.write_text("\n".join(lines)[:-10], encoding="utf-8")  # the last line was cut short
    judged(server, kept, [*PAIRS, ("more?", "more milk")])
    assert len(server.asked) == 5


def test_verdicts_outlive_an_interruption(server: JudgeServer, tmp_path: Path) -> None:
    kept = tmp_path / "judged.jsonl"
    with pytest.raises(TrainingStopped, match="1 verdicts"):
        judged(server, kept, stop_after=1)
    assert len(kept.read_text("utf-8").splitlines()) == 1
    assert len(judged(server, kept)) == 3


def test_a_busy_server_is_asked_again(server: JudgeServer, tmp_path: Path) -> None:
    server.failures = 2
    assert len(judged(server, tmp_path / "judged.jsonl")) == 3


def test_a_refusal_ends_it_with_a_word(server: JudgeServer, tmp_path: Path) -> None:
    server.refusal = 401
    with pytest.raises(SettingsError, match=r"wise at .* failed: HTTP Error 401"):
        judged(server, tmp_path / "judged.jsonl", PAIRS[:1])
    assert len(server.asked) == 1


def test_an_answer_without_verdict_is_an_error(server: JudgeServer, tmp_path: Path) -> None:
    server.garbage = True
    with pytest.raises(SettingsError, match="no verdict"):
        judged(server, tmp_path / "judged.jsonl", PAIRS[:1])
    assert len(server.asked) == 3


def test_an_address_has_a_scheme() -> None:
    with pytest.raises(SettingsError, match="http"):
        ChatServer("file:///etc/passwd", "wise")
