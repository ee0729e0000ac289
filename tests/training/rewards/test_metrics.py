from __future__ import annotations

import pytest

from toddler_training.rewards.example import Example
from toddler_training.rewards.metrics import auc, calibration, measure, ranks, spearman


def test_equal_values_share_their_rank() -> None:
    assert ranks([5.0, 1.0, 5.0, 2.0]).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_auc_counts_the_pairs() -> None:
    scores, good = [0.1, 0.4, 0.35, 0.8, 0.4], [False, False, True, True, True]
    wins = sum((a > b) + 0.5 * (a == b) for a in (0.35, 0.8, 0.4) for b in (0.1, 0.4))
    assert auc(scores, good) == pytest.approx(wins / 6)
    assert auc([0.5, 0.5], [True, True]) is None


def test_spearman_is_one_for_any_rising_relation() -> None:
    assert spearman([0.1, 0.2, 0.9], [1, 10, 11]) == pytest.approx(1.0)
    assert spearman([0.1, 0.2, 0.9], [3, 2, 1]) == pytest.approx(-1.0)
    assert spearman([0.1, 0.1], [1, 2]) is None


def test_calibration_bins() -> None:
    assert calibration([0.02, 0.08, 1.0], [0.0, 0.5, 0.9]) == [
        {"score": 0.05, "label": 0.25, "count": 2},
        {"score": 1.0, "label": 0.9, "count": 1},
    ]


def test_figures_by_child_and_source() -> None:
    examples = [
        Example("", str(number), 0.9 if source == "true" else 0.1, child, "test", source)
        for child in ("a", "b")
        for number in range(20)
        for source in ("true", "shuffled")
    ]
    scores = [0.9 if (item.source == "true") == (item.child == "a") else 0.1 for item in examples]
    found = measure([*examples, examples[0]._replace(child="c")], [*scores, 0.9], 0.8)
    assert found["children"]["a"]["auc"] == 1.0 and found["children"]["b"]["auc"] == 0.0
    assert "c" not in found["children"]
    assert found["auc"] == pytest.approx(0.5, abs=0.02) and found["against"]["shuffled"] == found["auc"]
    assert found["sources"]["true"]["examples"] == 41
    assert found["calibration_error"] == pytest.approx(0.4, abs=0.02)
