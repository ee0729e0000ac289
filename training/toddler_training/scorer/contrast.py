"""Replies that do not fit: what the scorer has to tell from what is really answered, by kinds of wrong.

random: of another frame. scene: of another frame of the same scene. form: of another frame, to a line of the same form
("where be"). topic: of another frame, with a word that stands in the line. word: the true reply with one of its
content words replaced by that of another reply. echo: the caregiver's line itself.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence

from robot_runtime.check.words import content_words, words_of
from toddler_training.corpus.forms import last_form
from toddler_training.scorer.counts import Exchange

KINDS = ("random", "scene", "form", "topic", "word", "echo")
"""All kinds of wrong."""

_TRIES = 6

Pool = Mapping[Hashable, Sequence[Exchange]]


class Contrast:
    """Draws wrong replies for the exchanges of one set from that set."""

    def __init__(self, said: Sequence[Exchange], seed: int) -> None:
        """Sort the exchanges by what they have in common; `seed` is that of every draw."""
        self._lot = random.Random(seed)
        self._answers: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        pools: dict[str, dict[Hashable, list[Exchange]]] = {kind: defaultdict(list) for kind in KINDS}
        self._pools: Mapping[str, Pool] = pools
        self._words: list[str] = []
        for exchange in said:
            words = words_of(exchange.reply)
            self._answers[exchange.frame].add(words)
            pools["random"][None].append(exchange)
            pools["scene"][exchange.scene].append(exchange)
            pools["form"][last_form(exchange.line)].append(exchange)
            for word in set(content_words(words)):
                pools["topic"][word].append(exchange)
            self._words += content_words(words)

    def wrong(self, exchange: Exchange, kind: str) -> str | None:
        """Give a wrong reply, None if a few draws find none that the frame would not give."""
        for _ in range(_TRIES):
            drawn = self._draw(exchange, kind)
            if drawn is not None and words_of(drawn) not in self._answers[exchange.frame]:
                return drawn
        return None

    def _draw(self, exchange: Exchange, kind: str) -> str | None:
        if kind == "echo":
            return exchange.line
        if kind == "word":
            return self._other_word(exchange.reply)
        keys: dict[str, Sequence[Hashable]] = {
            "random": [None],
            "scene": [exchange.scene],
            "form": [last_form(exchange.line)],
            "topic": content_words(words_of(exchange.line)),
        }
        found = [pool for key in keys[kind] if (pool := self._pools[kind].get(key))]
        return self._lot.choice(self._lot.choice(found)).reply if found else None

    def _other_word(self, reply: str) -> str | None:
        own = content_words(words_of(reply))
        if not own:
            return None
        gone = self._lot.choice(own)
        return " ".join(self._lot.choice(self._words) if word == gone else word for word in words_of(reply))
