"""Which children train, and which are kept for choosing and for the final figures."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping

from robot_runtime.errors import SettingsError


def split_by(weights: Mapping[str, int], validation: float, test: float) -> dict[str, str]:
    """Give every unit (a child) one of "train", "validation" and "test"; none of them stays without pairs.

    In the order of the checksums of their names, each unit goes to test, else to validation, if the pairs it brings
    still fit into that share, else to train. Test first, then validation, takes the smallest units that train until it
    has half of its share; the last unit always trains. So the same transcripts are always split alike, and with few
    children, of whom each is a large share, the largest train.

    Args:
        weights: pairs of each unit; those without any follow their checksum alone.
        validation: wanted share of all pairs, in (0, 0.5).
        test: wanted share, in (0, 0.5).

    Raises:
        SettingsError: fewer than three units have pairs.
    """
    paired = sorted((unit for unit in weights if weights[unit]), key=_draw)
    if len(paired) < 3:
        raise SettingsError(
            f"{len(paired)} of {len(weights)} children or transcripts have pairs in the window of ages; a split needs "
            "three. Give more transcripts (data.source) or a wider window (data.youngest_months, data.oldest_months)"
        )
    total = sum(weights.values())
    wanted = {"test": test * total, "validation": validation * total}
    held: Counter[str] = Counter()
    splits = {}
    for unit in paired:
        splits[unit] = next((name for name in wanted if held[name] + weights[unit] <= wanted[name]), "train")
        held[splits[unit]] += weights[unit]
    for name in wanted:
        while held[name] < wanted[name] / 2:
            size = Counter(splits[unit] for unit in paired)
            givers = {"train"} if size["train"] > 1 else set() if held[name] else {*wanted}
            spare = [unit for unit in paired if splits[unit] in givers and size[splits[unit]] > 1]
            if not spare:
                break
            moved = min(spare, key=lambda unit: (weights[unit], unit))
            held[splits[moved]] -= weights[moved]
            held[name] += weights[moved]
            splits[moved] = name
    for unit in weights.keys() - splits.keys():
        draw = _draw(unit)
        splits[unit] = "test" if draw < test else "validation" if draw < test + validation else "train"
    return splits


def _draw(unit: str) -> float:
    """A number in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(unit.encode()).digest()[:6], "big") / (1 << 48)
