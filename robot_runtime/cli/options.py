"""Options that several commands share, and what becomes of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robot_runtime.settings import Settings


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """--model, --profile, --seed, --record."""
    parser.add_argument("--model", metavar="NAME|FILE.gguf", help="model to think with (default: the bundled one)")
    parser.add_argument("--profile", metavar="FILE.toml", type=Path, help="settings; see launch/ for examples")
    parser.add_argument("--record", metavar="DIR", help="keep a record of the session below this folder")
    parser.add_argument("--seed", metavar="N", type=int, help="same seed and same lines: same replies")


def settings_of(options: argparse.Namespace) -> Settings:
    """Profile < environment < command line."""
    from robot_runtime.settings import load

    given = vars(options)
    session = {key: given.get(key) for key in ("platform", "ip", "model", "record", "seed")}
    ear = {"hear": given.get("hear"), "model": given.get("ear_model")}
    timing = {"delay_s": given.get("reply_delay")}
    return load(options.profile, options={"session": session, "ear": ear, "timing": timing})
