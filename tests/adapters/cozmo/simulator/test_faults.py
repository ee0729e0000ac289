"""Bad networks that are bad in the same way every time."""

from __future__ import annotations

import pytest

from cozmo_adapter.simulator.faults import OVERTAKEN_S, Channel, Faults


def fates(faults: Faults, count: int = 2000, up: bool = True) -> list[list[float]]:
    channel = Channel(faults, up=up)
    return [[round(arrival - sent, 9) for arrival in channel.fate(float(sent))] for sent in range(count)]


def test_a_good_network_passes_everything_at_once() -> None:
    assert fates(Faults()) == [[0.0]] * 2000


def test_the_same_seed_gives_the_same_fates() -> None:
    faults = Faults(loss_up=0.1, duplicate_up=0.1, reorder_up=0.1, jitter_ms=5, seed=3)
    assert fates(faults) == fates(faults)
    assert fates(faults) != fates(Faults(loss_up=0.1, duplicate_up=0.1, reorder_up=0.1, jitter_ms=5, seed=4))


def test_faults_come_as_often_as_asked() -> None:
    lost = sum(not delays for delays in fates(Faults(loss_up=0.05)))
    doubled = sum(len(delays) == 2 for delays in fates(Faults(duplicate_up=0.2)))
    overtaken = sum(delays == [OVERTAKEN_S] for delays in fates(Faults(reorder_up=0.1)))
    assert 70 <= lost <= 130
    assert 340 <= doubled <= 460
    assert 160 <= overtaken <= 240


def test_each_way_has_its_own() -> None:
    faults = Faults(loss_down=1.0)
    assert fates(faults, 10, up=True) == [[0.0]] * 10
    assert fates(faults, 10, up=False) == [[]] * 10
    even = Faults(loss_up=0.5, loss_down=0.5)
    assert fates(even, up=True) != fates(even, up=False)


def test_delay_and_jitter() -> None:
    delays = [delay for (delay,) in fates(Faults(delay_ms=20, jitter_ms=10))]
    assert 0.020 <= min(delays) < 0.021
    assert 0.029 < max(delays) <= 0.030


def test_jitter_lets_none_overtake_another() -> None:
    channel = Channel(Faults(jitter_ms=30), up=True)
    arrivals = [channel.fate(sent / 1000)[0] for sent in range(500)]
    assert arrivals == sorted(set(arrivals))


def test_one_fault_more_leaves_the_others_where_they_were() -> None:
    alone = [not delays for delays in fates(Faults(loss_up=0.1))]
    together = [not delays for delays in fates(Faults(loss_up=0.1, duplicate_up=0.5, jitter_ms=9))]
    assert alone == together


@pytest.mark.parametrize("wrong", [{"loss_up": 1.5}, {"duplicate_down": -0.1}, {"delay_ms": -1}, {"jitter_ms": -1}])
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Faults(**wrong)  # type: ignore[arg-type]
