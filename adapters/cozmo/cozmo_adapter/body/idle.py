"""The small movements of somebody who does nothing: degrees to add to where the head rests."""

from __future__ import annotations

from random import Random

from cozmo_adapter.body.gestures import eased

BREATH_S = 6.0
"""From breath to breath."""

BREATH_DEG = 1.5
"""Depth of a breath."""

REST_S = 1.5
"""How long a breath is held; breathing in and out takes a second each."""

GLANCE_S = 9.0
"""From glance to glance."""

GLANCE_DEG = 5.0
"""How far a glance goes, at most."""

GLANCING_S = 0.8
"""How long it takes to get there."""


def breath_deg(seconds: float) -> float:
    """How far breathing moves the head, `seconds` after it began: in, a rest, out, a longer rest.

    The rests keep the motors silent most of the time: nothing whirs on and on, and a tap can be felt.
    """
    phase = seconds % BREATH_S
    return BREATH_DEG * (eased(phase) - eased(phase - 1.0 - REST_S))


def glance_deg(seed: str, seconds: float) -> float:
    """Where the head looks, `seconds` after idleness began: at first nowhere, then up or down by a seeded chance."""
    number, phase = divmod(seconds, GLANCE_S)
    before, after = _glance(seed, int(number) - 1), _glance(seed, int(number))
    return before + (after - before) * eased(phase / GLANCING_S)


def _glance(seed: str, number: int) -> float:
    return Random(f"{seed}/{number}").uniform(-GLANCE_DEG, GLANCE_DEG) if number > 0 else 0.0
