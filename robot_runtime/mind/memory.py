"""What the toddler remembers of the conversation."""

from __future__ import annotations

from robot_runtime.mind.prompt import Exchange


class Memory:
    """The last exchanges, bounded, so that an hour of talk costs the same per turn as its first minute.

    When the memory is full its older half goes at once: the prompt then keeps its beginning for several turns, and
    the model's cache with it. Tokens are counted by the worker, which reports how many exchanges it could keep.
    """

    def __init__(self, turns: int) -> None:
        """Remember `turns` exchanges at most."""
        self._limit = turns
        self._exchanges: list[Exchange] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """From the oldest to the newest."""
        return tuple(self._exchanges)

    def remember(self, caregiver: str, child: str) -> None:
        """Add what was said and what was really answered."""
        self._exchanges.append(Exchange(caregiver, child))
        if len(self._exchanges) > self._limit:
            self.keep(self._limit // 2)

    def keep(self, newest: int) -> None:
        """Forget all but the newest exchanges."""
        self._exchanges = self._exchanges[len(self._exchanges) - newest :] if newest else []
