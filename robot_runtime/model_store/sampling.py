"""How a model's replies are drawn, as its catalogue entry recommends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 0.7
    """0 to 2; 0 takes the likeliest token."""
    top_k: int = 40
    """Draw among this many likeliest tokens; 0 switches it off."""
    top_p: float = 0.95
    """Draw among the likeliest tokens that make up this probability, above 0 to 1."""
    min_p: float = 0.0
    """Leave out tokens less likely than this share of the likeliest one, 0 to 1."""
