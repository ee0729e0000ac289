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

SPEAKING_MOUTHS = (" ─ ", " o ", " O ")
"""The mouth while it speaks: closed, narrow, open."""


def draw(expression: Expression, mouth: float | None = None, blink: bool = False) -> str:
    """The face as four lines.

    Args:
        expression: what it shows.
        mouth: how far it is open while it speaks, from 0 to 1; None at rest.
        blink: eyes shut.
    """
    left, right = ("─", "─") if blink else EYES[expression]
    lips = MOUTHS[expression] if mouth is None else SPEAKING_MOUTHS[round(2 * mouth)]
    return f"╭───────────╮\n│  {left}     {right}  │\n│    {lips}    │\n╰───────────╯"
