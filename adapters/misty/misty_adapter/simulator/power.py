"""Misty's battery, which is as full as the simulator is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EMPTY_V, FULL_V = 6.6, 8.4
"""Volts of the battery when empty and full: two lithium cells (samples in the documentation lie between)."""


@dataclass
class Power:
    """State of the battery."""

    charge: float | None = 0.9
    """0 to 1; None when the robot does not know."""
    charging: bool = False
    fault: bool = False
    """The charger does not find the battery."""

    @property
    def state(self) -> str:
        """As Misty names it."""
        if self.fault:
            return "Fault"
        if self.charge is None:
            return "Unknown"
        if self.charging:
            return "Charged" if self.charge >= 1 else "Charging"
        return "Discharging"

    def message(self) -> dict[str, Any]:
        """What `GET battery` and BatteryCharge tell."""
        charge = 0.5 if self.charge is None else self.charge
        return {
            "chargePercent": self.charge,
            "current": 0.9 if self.charging else -0.441,
            "healthPercent": None,
            "isCharging": self.charging,
            "sensorId": "charge",
            "state": self.state,
            "temperature": 25,
            "trained": self.charge is not None,
            "voltage": round(EMPTY_V + (FULL_V - EMPTY_V) * charge, 3),
        }
