"""Questions to a language model on any OpenAI-compatible server."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from robot_runtime.errors import SettingsError

PAUSES_S = (1.0, 4.0, 16.0, 60.0)
"""Waits after a request that failed; then it is given up."""

TIMEOUT_S = 120.0
"""For one answer."""

REFUSALS = (400, 401, 403, 404)
"""HTTP statuses after which asking again is no use."""

Read = TypeVar("Read")


@dataclass(frozen=True)
class ChatServer:
    """A model on a server."""

    url: str
    """Up to and without `/chat/completions`."""
    model: str
    """Its name there."""
    key: str | None = None
    """Sent as a bearer token."""
    temperature: float = 0.0
    """Of its answers, 0 to 2."""
    pauses_s: Sequence[float] = PAUSES_S
    """See `PAUSES_S`."""
    stop: Callable[[], bool] = lambda: False
    """Whether the user wants an end; a request that failed is then not tried again."""

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        if not self.url.startswith(("http://", "https://")):
            raise SettingsError(f"the server {self.url!r} should begin with http:// or https://")

    def ask(self, system: str, question: str, read: Callable[[str], Read]) -> Read:
        """Ask, and ask again where that may help.

        Args:
            system: what the model is told to do.
            question: what it is asked.
            read: takes what is wanted out of its answer; a ValueError, LookupError or TypeError counts as a failure.

        Raises:
            SettingsError: the server refuses, cannot be reached, or does not answer in the form asked for.
        """
        for pause in (*self.pauses_s, None):
            try:
                return read(self._answer(system, question))
            except (OSError, ValueError, LookupError, TypeError) as error:
                refused = False
                if isinstance(error, urllib.error.HTTPError):
                    refused = error.code in REFUSALS
                    error.close()
                if pause is None or refused or self.stop():
                    raise SettingsError(f"{self.model} at {self.url} failed: {error}") from error
                time.sleep(pause)
        raise AssertionError  # the loop returns or raises

    def _answer(self, system: str, question: str) -> str:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
        content = {"model": self.model, "messages": messages, "temperature": self.temperature, "max_tokens": 100}
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        request = urllib.request.Request(
            f"{self.url.rstrip('/')}/chat/completions", json.dumps(content).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return str(json.load(answer)["choices"][0]["message"]["content"])
