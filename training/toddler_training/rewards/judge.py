"""Scores of exchanges by a language model on any OpenAI-compatible server."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from robot_runtime.errors import SettingsError

RUBRIC = """You rate one exchange between a caregiver and a child of two or three years. Small children leave words \
out, use baby grammar and have funny ideas: that costs nothing. Give two numbers from 0 to 1.
"caregiver": can the caregiver's line be understood by somebody who hears nothing else? 1: complete, and clear what it \
is about. 0.5: one can guess. 0: a fragment, or it hangs on something that was said or seen before.
"reply": does the child's reply fit the line? 1: it answers, or follows from it at once. 0.5: on the subject, but \
beside the point. 0: about something else, only the line said back, or not to be understood.
Answer with JSON only, for instance {"caregiver": 0.7, "reply": 0.4}."""
"""Our own words."""

FLOOR = 0.05
"""Lowest sample that enters the harmonic mean, which would be 0 otherwise (published)."""

PAUSES_S = (1.0, 4.0, 16.0, 60.0)
"""Waits after a request that failed; then it is given up."""

TIMEOUT_S = 120.0
"""For one answer."""

REFUSALS = (400, 401, 403, 404)
"""HTTP statuses after which asking again is no use."""

_OBJECT = re.compile(r"\{[^{}]*\}")

Scores = tuple[float, float]
"""Of the caregiver's line and of the reply, each in [0, 1]."""


def harmonic_mean(samples: Sequence[float]) -> float:
    """The harmonic mean, samples below `FLOOR` counted as that, rounded to 2 places (published).

    One bad sample weighs more than one good one.
    """
    return round(len(samples) / sum(1 / max(sample, FLOOR) for sample in samples), 2)


@dataclass(frozen=True)
class Judge:
    """A model on a server."""

    url: str
    """Up to and without `/chat/completions`."""
    model: str
    """Its name there."""
    key: str | None = None
    """Sent as a bearer token."""
    temperature: float = 0.5
    """Of its answers, 0 to 2 (published): above 0, so that several samples tell how sure it is."""
    pauses_s: Sequence[float] = PAUSES_S
    """See `PAUSES_S`."""
    stop: Callable[[], bool] = lambda: False
    """Whether the user wants an end; a request that failed is then not tried again."""

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        if not self.url.startswith(("http://", "https://")):
            raise SettingsError(f"--server {self.url} should begin with http:// or https://")

    def ask(self, caregiver: str, reply: str) -> Scores:
        """One sample of the scores of an exchange.

        Raises:
            SettingsError: the server refuses, cannot be reached, or does not answer in the form asked for.
        """
        for pause in (*self.pauses_s, None):
            try:
                return self._ask(caregiver, reply)
            except (OSError, ValueError, LookupError, TypeError) as error:
                refused = False
                if isinstance(error, urllib.error.HTTPError):
                    refused = error.code in REFUSALS
                    error.close()
                if pause is None or refused or self.stop():
                    raise SettingsError(f"{self.model} at {self.url} failed: {error}") from error
                time.sleep(pause)
        raise AssertionError  # the loop returns or raises

    def _ask(self, caregiver: str, reply: str) -> Scores:
        exchange = json.dumps({"caregiver": caregiver, "reply": reply}, ensure_ascii=False)
        messages = [{"role": "system", "content": RUBRIC}, {"role": "user", "content": exchange}]
        content = {"model": self.model, "messages": messages, "temperature": self.temperature, "max_tokens": 100}
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        request = urllib.request.Request(
            f"{self.url.rstrip('/')}/chat/completions", json.dumps(content).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return read_scores(json.load(answer)["choices"][0]["message"]["content"])


def read_scores(text: str) -> Scores:
    """The scores in an answer, whatever stands around them.

    Raises:
        ValueError: there are none, or one is outside [0, 1].
    """
    found = _OBJECT.search(text)
    if found is None:
        raise ValueError(f"no scores in its answer {text[:80]!r}")
    table = json.loads(found[0])
    scores = float(table["caregiver"]), float(table["reply"])
    if not all(0 <= score <= 1 for score in scores):
        raise ValueError(f"scores outside [0, 1] in its answer {text[:80]!r}")
    return scores
