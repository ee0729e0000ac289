"""When a turn is over: after a silence whose length depends on the words, and on what is known of the speaker."""

from __future__ import annotations

from robot_runtime.ear.completeness import Completeness, completeness
from robot_runtime.ear.settings import EndpointSettings

_PAUSE_S = 0.15
"""Shorter silences are parts of words and teach nothing."""
_WENT_ON_S = 0.4
"""Who speaks again so soon after an assumed end had not ended; later, it is another turn."""
_MARGIN = 1.2
"""A pause should have been waited out with so much to spare."""
_LONGER, _SHORTER = 0.4, 0.05
"""Weight of a lesson in the moving average. Cutting somebody off is worse than waiting, so the one counts more."""
_LEAST_PATIENCE, _MOST_PATIENCE = 0.7, 3.0
"""Bounds of the factor that is learned; `shortest_s` and `longest_s` bound the times themselves."""
_EPSILON_S = 1e-6
"""Times are sums of blocks, and not exact."""


class Endpoint:
    """Follows one speaker from turn to turn."""

    def __init__(self, settings: EndpointSettings) -> None:
        """Begin with the times that the settings name."""
        self.patience = 1.0
        """What those times are multiplied by: above 1 for a speaker who hesitates."""
        self._settings = settings
        self._began_s = 0.0
        self._voice_s = 0.0
        self._ended_s: float | None = None
        self._base_s = settings.unfinished_s

    def begin(self, at_s: float, voice_end_s: float) -> None:
        """A turn begins, whose voice is heard from `at_s` to `voice_end_s`. All times count samples of the source."""
        if self._ended_s is not None:
            if at_s - self._ended_s < _WENT_ON_S:
                self._lengthen(at_s - self._voice_s)
            else:
                self._shorten()
        self._began_s, self._voice_s, self._ended_s = at_s, voice_end_s, None

    def feed(self, now_s: float, voice_end_s: float, partial: str) -> bool:
        """Take the next moment of the turn.

        Args:
            now_s: the time.
            voice_end_s: when somebody was last heard in the turn; `now_s` while somebody is.
            partial: what has been recognised of the turn.

        Returns:
            Whether the turn is over; then the next call is `begin`.
        """
        if voice_end_s - self._voice_s >= _PAUSE_S:
            self._lengthen(voice_end_s - self._voice_s)
        self._voice_s = voice_end_s
        self._base_s = {
            Completeness.COMPLETE: self._settings.complete_s,
            Completeness.UNCLEAR: self._settings.unclear_s,
            Completeness.UNFINISHED: self._settings.unfinished_s,
        }[completeness(partial)]
        held = now_s - voice_end_s > self.hold_s - _EPSILON_S
        if held or now_s - self._began_s > self._settings.utterance_s - _EPSILON_S:
            self._ended_s = now_s
            return True
        return False

    @property
    def hold_s(self) -> float:
        """How long a silence has to be after the words so far, in seconds."""
        settings = self._settings
        return min(settings.longest_s, max(settings.shortest_s, self._base_s * self.patience))

    def _shorten(self) -> None:
        """The turn before had really ended."""
        if self._settings.adapt:
            self.patience += _SHORTER * (_LEAST_PATIENCE - self.patience)

    def _lengthen(self, pause_s: float) -> None:
        """The speaker went on after this pause: had it nearly been taken for the end?"""
        needed = min(_MOST_PATIENCE, _MARGIN * pause_s / self._base_s)
        if self._settings.adapt and needed > self.patience:
            self.patience += _LONGER * (needed - self.patience)
