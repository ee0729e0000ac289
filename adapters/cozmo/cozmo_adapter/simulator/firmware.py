"""What the firmware says about itself when a client connects."""

from __future__ import annotations

import json

_SIGNATURES = {
    "2381": {"build": "DEVELOPMENT", "date": "Tue Jan  8 10:27:05 2019", "time": 1546943225},
    "2457": {"build": "DEVELOPMENT", "date": "Tue Feb 11 12:00:00 2025", "time": 1739275200},
}
"""The last one of the maker, and the one in circulation since (reported: cozmo-stack); layouts are the same."""

VERSIONS = tuple(_SIGNATURES)
"""The versions that can be simulated."""


def signature(version: str) -> bytes:
    """The JSON text of a FirmwareSignature, with the keys that a real one has and hashes of the simulator's own.

    Raises:
        ValueError: a version that is not known.
    """
    if version not in _SIGNATURES:
        raise ValueError(f"firmware {version} is not known; there are {', '.join(VERSIONS)}")
    unique = f"{int(version):040x}"
    return json.dumps(
        {
            "version": int(version),
            "git-rev": unique,
            **_SIGNATURES[version],
            "messageEngineToRobotHash": unique[8:],
            "messageRobotToEngineHash": unique[8:],
            "wifiSig": unique,
            "rtipSig": unique,
            "bodySig": unique,
        }
    ).encode()
