"""From a conversation to the text a model reads: prompt formats are data, in prompt_formats.toml.

A prompt is a list of pieces, each either markup (control tokens are read as such) or speech (a caregiver who types
`<|im_end|>` says just that). Pieces are tokenised one by one; that gives the ids of the whole string, because every
format puts a control token or a line end at each border (tests/runtime/mind/test_prompt.py compares).
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

from robot_runtime.errors import SettingsError


class Piece(NamedTuple):
    """A stretch of prompt text."""

    text: str
    markup: bool


class Exchange(NamedTuple):
    """What the caregiver said and what the child answered."""

    caregiver: str
    child: str


@dataclass(frozen=True)
class PromptFormat:
    """One way to write a conversation."""

    name: str
    """Name in prompt_formats.toml."""
    about: str
    """Which models it is for."""
    start: str
    """Markup that opens every prompt."""
    system_before: str
    """Markup before the system text."""
    system_after: str
    """Markup after the system text."""
    system: str
    """The system text, used where a profile gives none; empty means that no system turn is written."""
    caregiver_before: str
    """Markup before what the caregiver says."""
    caregiver_after: str
    """Markup after what the caregiver says."""
    child_before: str
    """Markup before the child's reply; the model goes on from here."""
    child_after: str
    """Markup after a finished reply."""

    def opening(self, system: str | None = None) -> list[Piece]:
        """The fixed prefix of every prompt."""
        text = self.system if system is None else system
        pieces = [Piece(self.start, True)]
        if text:
            pieces += [Piece(self.system_before, True), Piece(text, False), Piece(self.system_after, True)]
        return [piece for piece in pieces if piece.text]

    def exchange(self, exchange: Exchange) -> list[Piece]:
        """A finished exchange, as memory of it."""
        return [
            *self.question(exchange.caregiver),
            Piece(exchange.child, False),
            Piece(self.child_after, True),
        ]

    def question(self, caregiver: str) -> list[Piece]:
        """The caregiver's line, up to where the model goes on."""
        return [
            Piece(self.caregiver_before, True),
            Piece(" ".join(caregiver.split()), False),
            Piece(self.caregiver_after + self.child_before, True),
        ]

    def render(self, history: Sequence[Exchange], caregiver: str, system: str | None = None) -> str:
        """The whole prompt as one string: for people to read and for tests, never for the model."""
        pieces = self.opening(system)
        for exchange in history:
            pieces += self.exchange(exchange)
        return "".join(piece.text for piece in [*pieces, *self.question(caregiver)])


def prompt_formats() -> dict[str, PromptFormat]:
    """All formats by name."""
    source = resources.files(__package__).joinpath("prompt_formats.toml").read_text("utf-8")
    return {name: PromptFormat(name=name, **table) for name, table in tomllib.loads(source).items()}


def prompt_format(name: str) -> PromptFormat:
    """The format of that name.

    Raises:
        SettingsError: there is none.
    """
    formats = prompt_formats()
    if name not in formats:
        raise SettingsError(f"no prompt format '{name}'; there are: {', '.join(sorted(formats))}")
    return formats[name]
