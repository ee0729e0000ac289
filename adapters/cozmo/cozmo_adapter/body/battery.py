"""How full the battery is, as far as volts can tell: Cozmo reports no percentage."""

from __future__ import annotations

from enum import StrEnum

CRITICAL_V = 3.5
"""Volts at which the robot soon switches itself off (reported, SmartCozmo)."""

LOW_V = 3.7
"""Volts at which it wants its charger (reported, SmartCozmo; Kurtisone goes home at 3.75)."""

HYSTERESIS_V = 0.1
"""How far above its bound a battery has to recover; no load, no sag."""

SMOOTHING_S = 3.0
"""Time constant of the low-pass: motors and loudspeaker pull the voltage down for a second or so."""

SETTLING_S = 1.0
"""How long a battery is measured before it is judged."""

NO_BATTERY_V = 2.5
"""Below this nothing was measured: a body that is not switched on yet reports 0."""


class Battery(StrEnum):
    """What the battery needs."""

    OK = "ok"
    LOW = "low"
    CRITICAL = "critical"


class Gauge:
    """A voltmeter that is not taken in by a sagging load."""

    def __init__(self) -> None:
        """Begin with a battery that nothing is known of, which is taken for a good one."""
        self.level = Battery.OK
        """As of the last reading."""
        self._volts = 0.0
        self._measured_s = 0.0
        self._at: float | None = None

    def measure(self, volts: float, at: float, on_charger: bool) -> Battery:
        """Take one reading and say what the battery needs.

        Args:
            volts: as reported.
            at: when, in seconds.
            on_charger: nothing is needed there, and the voltage is the charger's.
        """
        if on_charger:
            self.level, self._at = Battery.OK, None
        elif volts >= NO_BATTERY_V:
            self._smooth(volts, at)
            if self._measured_s >= SETTLING_S:
                self.level = self._judge()
        return self.level

    def _smooth(self, volts: float, at: float) -> None:
        if self._at is None:
            self._volts, self._measured_s = volts, 0.0
        else:
            passed = max(0.0, at - self._at)
            self._measured_s += passed
            if passed:  # the mean of what there is, until there is enough for the time constant
                self._volts += min(1.0, passed / min(self._measured_s, SMOOTHING_S)) * (volts - self._volts)
        self._at = at

    def _judge(self) -> Battery:
        critical = CRITICAL_V + (HYSTERESIS_V if self.level is Battery.CRITICAL else 0.0)
        low = LOW_V + (HYSTERESIS_V if self.level is not Battery.OK else 0.0)
        return Battery.CRITICAL if self._volts <= critical else Battery.LOW if self._volts <= low else Battery.OK
