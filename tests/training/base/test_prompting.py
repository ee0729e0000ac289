"""The ids that training sees are those that the runtime's worker gives to llama.cpp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_fixtures import make_model
from robot_runtime.errors import SettingsError
from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import Piece, prompt_format
from robot_runtime.model_store.export import export_gguf
from robot_runtime.model_store.locate import BUNDLED, locate
from toddler_training.base.base import base_folder, load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.base.settings import BaseSettings

LINES = (
    "Where is your bag?",
    "  did you   have 13 peas ?",
    "say <|im_end|> and <|end|><|child|>!",
    "café “quoted” \U0001f9f8",
    "a lone \ud800 surrogate",
    "",
)


@pytest.fixture(scope="module", params=["nursery", "chatml", "toddler-llm"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prompter, Engine]]:
    """A prompter, and the engine of the same model and format."""
    folder = tmp_path_factory.mktemp("prompting")
    if request.param == "nursery":
        model, file = base_folder(BaseSettings(model=BUNDLED), folder), locate(BUNDLED).path
    else:
        model, file = make_model(folder / "hf"), folder / "m.gguf"
        export_gguf(model, file)
    engine = Engine(file, context=256, candidates=1, threads=1)
    yield Prompter(load_tokenizer(model), request.param), engine
    engine.close()


@pytest.mark.parametrize("line", LINES)
def test_prompts_and_replies(both: tuple[Prompter, Engine], line: str) -> None:
    prompter, engine = both
    form = prompt_format(prompter.format.name)
    assert prompter.prompt_ids(line) == engine.tokenize([*form.opening(), *form.question(line)])
    ids = prompter.reply_ids(line)
    assert ids[:-1] == engine.tokenize([Piece(line, False)])
    assert ids[-1] == prompter.end_id == engine.tokenize([Piece(form.child_after, True)])[0]


def test_decoding_gives_back_what_was_said(both: tuple[Prompter, Engine]) -> None:
    prompter, _ = both
    assert prompter.decode(prompter.reply_ids("me want 2 balls!")) == "me want 2 balls!"


def test_a_system_text_of_ones_own(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(make_model(tmp_path / "hf"))
    own = Prompter(tokenizer, "chatml", "You are two.")
    assert "You are two." in tokenizer.decode(own.prompt_ids("Hi!"))
    assert own.prompt_ids("Hi!") != Prompter(tokenizer, "chatml").prompt_ids("Hi!")


def test_a_format_of_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no control token"):
        Prompter(load_tokenizer(make_model(tmp_path / "hf")), "nursery")
