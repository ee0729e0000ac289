"""What was made becomes part of the package, where the runtime looks for it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from robot_runtime.errors import ToddlerRobotError
from toddler_models import DATA


def install(made: Path, name: str) -> Path:
    """Copy a file into the package's data, whole or not at all.

    Args:
        made: The file.
        name: Its name there.

    Returns:
        Where it lies now.

    Raises:
        ToddlerRobotError: that folder cannot be written.
    """
    target = DATA / name
    new = target.with_suffix(".new")
    try:
        shutil.copyfile(made, new)
        os.replace(new, target)
    except OSError as error:
        raise ToddlerRobotError(f"cannot install {target}: {error}") from error
    return target
