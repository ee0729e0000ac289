"""The catalogue and its strictness."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.errors import ModelError, UnknownModelError
from robot_runtime.mind.prompt import prompt_formats
from robot_runtime.model_store import Sampling, load_catalogue, locate
from robot_runtime.model_store.catalogue import entry_named

ENTRY = '[pip]\nabout = "a"\nlicence = "MIT"\nprompt_format = "chatml"\n'


def test_every_entry_can_be_used() -> None:
    catalogue = load_catalogue()
    assert list(catalogue) == ["toddler-nursery", "toddler-llm-grpo", "smollm2-360m-instruct"]
    for entry in catalogue.values():
        assert entry.prompt_format in prompt_formats()
        assert 0 < entry.sampling.temperature < 2
    assert catalogue["toddler-nursery"].sampling == Sampling(temperature=0.7, top_p=0.95)
    assert "CC BY-NC-SA" in catalogue["toddler-llm-grpo"].notice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ENTRY, "either 'bundled' or 'repository'"),
        (ENTRY + 'bundled = "a"\nrepository = "b/c"', "either 'bundled' or 'repository'"),
        (ENTRY + 'bundled = "a"\nlicense = "MIT"', "unknown key 'license'"),
        (ENTRY + 'bundled = "a"\nname = "other"', "unknown key 'name'"),
        (ENTRY + 'bundled = "a"\nsize_mb = "big"', "size_mb is not of the kind int"),
        (ENTRY + 'bundled = "a"\nsize_mb = true', "size_mb is not of the kind int"),
        (ENTRY + 'bundled = "a"\n[pip.sampling]\nheat = 1', "sampling has the unknown key 'heat'"),
        (ENTRY + 'bundled = "a"\n[pip.files]\n"a.json" = 1', "files is not"),
        (ENTRY.replace('licence = "MIT"', ""), "lacks the key 'licence'"),
        ("pip = 3", "must be a table"),
        ('["../pip"]', "lower-case"),
        ("[pip", "cannot read"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "catalogue.toml").write_text(text)
    with pytest.raises(ModelError, match=words):
        load_catalogue(tmp_path / "catalogue.toml")


def test_whole_numbers_are_fine_where_fractions_may_stand(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text(ENTRY + 'bundled = "a"\n[pip.sampling]\ntemperature = 1')
    assert load_catalogue(tmp_path / "catalogue.toml")["pip"].sampling.temperature == 1.0


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownModelError, match=r"Did you mean smollm2-360m-instruct\?"):
        entry_named("smollm2-360m")
    with pytest.raises(UnknownModelError, match="known are: toddler-nursery, "):
        locate("missing.gguf")
