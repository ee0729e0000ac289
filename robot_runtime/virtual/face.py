"""A toddler's face in four lines of text."""

from __future__ import annotations

from robot_runtime.robot import Expression

EYES: dict[Expression, tuple[str, str]] = {
    Expression.NEUTRAL: ("●", "●"),
    Expression.LISTENING: ("◉", "◉"),
    Expression.THINKING: ("◔", "◔"),
    Expression.HAPPY: ("◠", "◠"),
    Expression.SAD: ("◡", "◡"),
    Expression.SURPRISED: ("◯", "◯"),
    Expression.SLEEPY: ("‿", "‿"),
    Expression.CONFUSED: ("●", "◔"),
}
"""Left and right eye."""

MOUTHS: dict[Expression, str] = {
    Expression.NEUTRAL: "───",
    Expression.LISTENING: " ─ ",
    Expression.THINKING: " ~ ",
    Expression.HAPPY: "╰─╯",
    Expression.SAD: "╭─╮",
    Expression.SURPRISED: " o ",
    Expression.SLEEPY: " ‿ ",
    Expression.CONFUSED: "─~─",
}
"""The mouth at rest."""

SPEAKING_MOUTHS = {"closed": " ─ ", "narrow": " o ", "open": " O "}
"""The mouth while it speaks, by how far it is open."""

OPEN_VOWELS = frozenset("aAVO0Q@E")
"""First letters of espeak-ng phoneme names that are spoken with an open mouth."""

NARROW_VOWELS = frozenset("eiIouU3")
"""Likewise with a narrow one; all other phonemes close it."""


def opening(phoneme: str) -> str:
    """How far the mouth is open for a phoneme: `open`, `narrow` or `closed`."""
    first = phoneme[:1]
    if first in OPEN_VOWELS:
        return "open"
    return "narrow" if first in NARROW_VOWELS else "closed"


def draw(expression: Expression, mouth: str | None = None, blink: bool = False) -> str:
    """The face as four lines.

    Args:
        expression: what it shows.
        mouth: `closed`, `narrow` or `open` while it speaks, None at rest.
        blink: eyes shut.
    """
    left, right = ("─", "─") if blink else EYES[expression]
    lips = MOUTHS[expression] if mouth is None else SPEAKING_MOUTHS[mouth]
    return f"╭───────────╮\n│  {left}     {right}  │\n│    {lips}    │\n╰───────────╯"
