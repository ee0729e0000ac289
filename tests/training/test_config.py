from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.errors import SettingsError
from toddler_training.config import load_config, presets


@pytest.mark.parametrize("name", presets())
def test_every_preset_can_be_read(name: str) -> None:
    load_config(name)


def test_a_file_holds_what_differs_from_its_preset_and_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('preset = "card"\n[base]\nmodel = "toddler-nursery"\nprompt_format = "nursery"\n', "utf-8")
    config = load_config(str(file), ["base.seed=5", "base.model=other"])
    assert (config.base.model, config.base.prompt_format, config.base.seed) == ("other", "nursery", 5)
    assert config.grpo == load_config("card").grpo


@pytest.mark.parametrize(
    ("text", "change", "message"),
    [
        ("[bass]", "", r"no section \[bass\]"),
        ("[base]\nsead = 1", "", r"no key 'sead' in \[base\]; did you mean 'seed'"),
        ("seed = 1", "", "outside a section"),
        ("[base", "", "is not TOML"),
        ('preset = "cart"', "", "no preset 'cart'"),
        ("", "base.seed", "write section.key=value"),
        ("", "base.seed=many", r"\[base\] seed = 'many' should be int"),
    ],
)
def test_what_is_wrong_is_said(text: str, change: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=message):
        load_config(str(file), [change] if change else [])


def test_neither_preset_nor_file() -> None:
    with pytest.raises(SettingsError, match=r"neither a preset .*card.* nor a file"):
        load_config("nowhere.toml")
