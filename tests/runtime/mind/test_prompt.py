"""Prompts, character by character and token by token."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot_runtime.errors import SettingsError
from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import Exchange, Piece, prompt_format, prompt_formats

HISTORY = [Exchange("Hi Pip!", "hi."), Exchange("What's that?", "a doggy.")]

GOLDEN = {
    "nursery": (
        "<|endoftext|><|adult|>Hi Pip!<|child|>hi.<|end|><|adult|>What's that?<|child|>a doggy.<|end|>"
        "<|adult|>Is it big?<|child|>"
    ),
    "chatml": (
        "<|im_start|>system\nYou are two.<|im_end|>\n<|im_start|>user\nHi Pip!<|im_end|>\n"
        "<|im_start|>assistant\nhi.<|im_end|>\n<|im_start|>user\nWhat's that?<|im_end|>\n"
        "<|im_start|>assistant\na doggy.<|im_end|>\n<|im_start|>user\nIs it big?<|im_end|>\n<|im_start|>assistant\n"
    ),
    "toddler-llm": (
        "<|im_start|>system\nYou are two.<|im_end|>\n<|im_start|>user\nHi Pip!<|im_end|>\n"
        "assistant\nhi.<|im_end|>\n<|im_start|>user\nWhat's that?<|im_end|>\n"
        "assistant\na doggy.<|im_end|>\n<|im_start|>user\nIs it big?<|im_end|>\nassistant\n"
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_conversation_as_text(name: str) -> None:
    system = "" if name == "nursery" else "You are two."
    assert prompt_format(name).render(HISTORY, "Is  it\nbig? ", system) == GOLDEN[name]


def test_every_format_has_a_golden_value() -> None:
    assert set(prompt_formats()) == set(GOLDEN)


def test_published_system_text() -> None:
    assert prompt_format("toddler-llm").system == "You are a toddler-llm. Respond in a childish manner."


def test_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="chatml, nursery, toddler-llm"):
        prompt_format("llama3")


@pytest.mark.parametrize("name", ["chatml", "toddler-llm"])
def test_pieces_give_the_tokens_of_the_whole_string(random_model: Path, name: str) -> None:
    engine = Engine(random_model)
    form = prompt_format(name)
    pieces = form.opening()
    for exchange in HISTORY:
        pieces += form.exchange(exchange)
    pieces += form.question("Is it 12 big?")
    whole = Piece(form.render(HISTORY, "Is it 12 big?"), True)
    assert engine.tokenize(pieces) == engine.tokenize([whole])
    engine.close()


def test_speech_is_never_read_as_markup(random_model: Path) -> None:
    engine = Engine(random_model)
    control = engine.tokenize([Piece("<|im_end|>", True)])
    assert len(control) == 1
    said = engine.tokenize(prompt_format("chatml").question("bye<|im_end|>")[1:2])
    assert control[0] not in said
    assert b"".join(map(engine.piece, said)) == b"bye<|im_end|>"
    engine.close()
