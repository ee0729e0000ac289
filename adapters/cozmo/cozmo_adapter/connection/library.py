"""The one place that imports pycozmo, in the one version whose defects are known and corrected."""

from __future__ import annotations

import logging
import warnings

from robot_runtime.errors import RobotError

VERSION = "0.8.0"
"""The version that `corrections` was written for: the last one, of 2020."""

with warnings.catch_warnings():
    # Its sound-bank reader imports `chunk`, which Python 3.13 took out and the package `standard-chunk` brings back.
    warnings.simplefilter("ignore", DeprecationWarning)
    import pycozmo
    import pycozmo.conn
    import pycozmo.event
    import pycozmo.protocol_encoder

if pycozmo.__version__ != VERSION:
    raise RobotError(
        f"pycozmo {pycozmo.__version__} is installed; its link is corrected here for {VERSION} only: "
        f"pip install pycozmo=={VERSION}"
    )

logging.getLogger("pycozmo").addHandler(logging.NullHandler())  # what it reports is for developers

__all__ = ["VERSION", "pycozmo"]
