from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robot_runtime.ear.endpoint import Endpoint
from robot_runtime.ear.settings import ActivitySettings, EarSettings, EndpointSettings
from robot_runtime.errors import SettingsError
from robot_runtime.settings import section

BLOCK_S = 0.02


class Speaker:
    """Speaks and pauses, block by block; the time is the clock's."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.now_s = 0.0
        self.voice_s = 0.0

    def begin(self) -> None:
        self.endpoint.begin(self.now_s, self.now_s)
        self.voice_s = self.now_s

    def pass_time(self, seconds: float, words: str, *, voice: bool) -> float | None:
        """Seconds until the turn is over, None when it goes on."""
        for block in range(1, round(seconds / BLOCK_S) + 1):
            self.now_s += BLOCK_S
            if voice:
                self.voice_s = self.now_s
            if self.endpoint.feed(self.now_s, self.voice_s, words):
                return block * BLOCK_S
        return None

    def turn(self, words: str, *, pause_s: float = 0.0) -> float:
        """Say words, perhaps with a pause in the middle; the silence after which they were taken for a turn."""
        self.begin()
        assert self.pass_time(0.6, words, voice=True) is None
        if pause_s and self.pass_time(pause_s, words, voice=False) is None:
            assert self.pass_time(0.6, words, voice=True) is None
        elif pause_s:  # cut short: the speaker goes on nevertheless
            self.begin()
            assert self.pass_time(0.6, words, voice=True) is None
        held = self.pass_time(5, words, voice=False)
        assert held is not None
        self.now_s += 3
        return held


@pytest.mark.parametrize(
    ("words", "held"), [("where is your bag", 0.36), ("do you want", 0.56), ("look at the", 0.9), ("", 0.9)]
)
def test_the_hold_depends_on_the_words(words: str, held: float) -> None:
    assert Speaker(Endpoint(EndpointSettings())).turn(words) == pytest.approx(held)


def test_a_hesitating_speaker_is_waited_for_and_a_brisk_one_is_not() -> None:
    speaker = Speaker(Endpoint(EndpointSettings()))
    first = speaker.turn("i like milk", pause_s=0.5)
    for _ in range(4):
        patient = speaker.turn("i like milk", pause_s=0.5)
    assert first < patient and patient >= 0.5
    for _ in range(40):
        brisk = speaker.turn("i like milk")
    assert brisk < 0.3


def test_another_turn_soon_after_the_end_is_no_hesitation() -> None:
    speaker = Speaker(Endpoint(EndpointSettings()))
    for _ in range(5):
        speaker.turn("i like milk")
        speaker.now_s -= 2.5
    assert speaker.endpoint.patience < 1


def test_without_adapting_nothing_is_learned() -> None:
    speaker = Speaker(Endpoint(EndpointSettings(adapt=False)))
    assert {round(speaker.turn("yes", pause_s=pause), 2) for pause in (0.3, 0.8, 0.0, 0.2)} == {0.36}


def test_a_turn_without_end_is_ended() -> None:
    speaker = Speaker(Endpoint(EndpointSettings(utterance_s=3)))
    speaker.begin()
    assert speaker.pass_time(10, "and then and", voice=True) == pytest.approx(3.0)


WORDS = st.sampled_from(["", "yes", "look at the", "do you want"])


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, st.floats(0, 2)), max_size=20))
def test_the_hold_stays_within_its_bounds(turns: list[tuple[str, float]]) -> None:
    settings = EndpointSettings()
    speaker = Speaker(Endpoint(settings))
    for words, pause_s in turns:
        held = speaker.turn(words, pause_s=pause_s)
        assert settings.shortest_s - 1e-6 <= held <= settings.longest_s + BLOCK_S
        assert settings.shortest_s <= speaker.endpoint.hold_s <= settings.longest_s


@settings(deadline=None)
@given(st.lists(st.floats(0, 1.4), min_size=1, max_size=10))
def test_a_pause_never_shortens_and_a_clean_end_never_lengthens(pauses: list[float]) -> None:
    speaker = Speaker(Endpoint(EndpointSettings()))
    speaker.turn("yes")
    for pause_s in pauses:
        speaker.begin()
        after_clean_end = speaker.endpoint.patience
        speaker.pass_time(0.2, "yes", voice=True)
        over = speaker.pass_time(pause_s, "yes", voice=False) is not None
        if over:
            speaker.begin()
        speaker.pass_time(0.2, "yes", voice=True)
        lengthened = speaker.endpoint.patience
        assert lengthened >= after_clean_end
        speaker.pass_time(5, "yes", voice=False)
        speaker.now_s += 3
        speaker.begin()
        assert speaker.endpoint.patience <= lengthened
        speaker.pass_time(5, "yes", voice=False)
        speaker.now_s += 3


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"endpoint": {"complete_s": 0.1}}, r"\[ear.endpoint\] complete_s = 0.1 is outside 0.25 to 1.5"),
        ({"endpoint": {"longest_s": 0.2}}, "longest_s"),
        ({"activity": {"voice_off": 0.8}}, r"\[ear.activity\] voice_off = 0.8 is outside 0 to 0.5"),
        ({"tail_s": -1}, "tail_s"),
        ({"endpoint": {"complet_s": 1}}, "did you mean 'complete_s'"),
    ],
)
def test_wrong_settings_are_refused(table: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        section(EarSettings, "ear", table)


def test_settings_from_a_profile() -> None:
    settings = section(
        EarSettings, "ear", {"phrases": "Yes, no ,where is your bag,", "activity": {"silero": False, "speech_s": 1}}
    )
    assert settings.expected == ("yes", "no", "where is your bag")
    assert settings.activity == ActivitySettings(silero=False, speech_s=1.0)
