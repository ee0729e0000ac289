from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_runtime.errors import SettingsError
from toddler_training.data.split import split_by

SHARES = st.floats(0.01, 0.49)


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 5000), min_size=3), SHARES, SHARES)
def test_no_split_is_empty_and_the_order_does_not_matter(
    weights: dict[str, int], validation: float, test: float
) -> None:
    split = split_by(weights, validation, test)
    assert set(split.values()) == {"train", "validation", "test"}
    assert split == split_by(dict(reversed(weights.items())), validation, test)


def test_with_few_children_the_largest_train() -> None:
    split = split_by({"a": 7464, "b": 6225, "c": 4484, "d": 3671, "e": 142}, 0.1, 0.1)
    assert split == {"a": "train", "b": "train", "c": "validation", "d": "test", "e": "test"}


def test_with_many_the_shares_are_met() -> None:
    weights = {f"child {number}": 50 + number for number in range(200)}
    split = split_by(weights, 0.1, 0.2)
    total = sum(weights.values())
    held = {
        name: sum(weights[unit] for unit in weights if split[unit] == name) / total for name in ("validation", "test")
    }
    assert held == {"validation": pytest.approx(0.1, abs=0.01), "test": pytest.approx(0.2, abs=0.01)}


def test_a_child_without_pairs_has_a_split_too() -> None:
    assert split_by({"a": 1, "b": 1, "c": 1, "d": 0}, 0.1, 0.1)["d"] in ("train", "validation", "test")


def test_two_are_too_few() -> None:
    with pytest.raises(SettingsError, match="a split needs three"):
        split_by({"a": 10, "b": 10, "c": 0}, 0.1, 0.1)
