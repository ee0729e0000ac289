"""Percentiles, memory, and figures for people."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of the values do not exceed; nan of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def summary(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and the number of values."""
    return {
        "p50": round(percentile(values, 0.5), 3),
        "p95": round(percentile(values, 0.95), 3),
        "n": len(values),
    }


def resident_mb(pids: Iterable[int]) -> dict[str, float] | None:
    """Memory of some processes together in MB (10^6 bytes), None where the system does not say (no /proc).

    `rss` counts pages that several processes share once for each of them; `pss` counts them once.
    """
    total = {"rss": 0, "pss": 0}
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            return None
        for key in total:
            match = re.search(rf"^{key}:\s+(\d+) kB", rollup, re.MULTILINE | re.IGNORECASE)
            total[key] += int(match[1]) * 1024 if match else 0
    return {key: round(size / 1e6, 1) for key, size in total.items()}


def table(figures: dict[str, Any], indent: str = "") -> str:
    """Figures for people: one line each, groups indented."""
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            lines += [f"{indent}{name}", table(value, indent + "  ")]
        elif isinstance(value, dict):
            inner = "  ".join(f"{key} {number}" for key, number in value.items())
            lines.append(f"{indent}{name:24} {inner}")
        else:
            lines.append(f"{indent}{name:24} {value}")
    return "\n".join(lines)
