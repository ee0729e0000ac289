from __future__ import annotations

from pathlib import Path

import pytest
import torch

from robot_runtime.errors import ModelError
from robot_runtime.model_store.locate import BUNDLED, locate
from toddler_training.base.base import base_folder, load_model, load_tokenizer
from toddler_training.base.prompting import Prompter
from toddler_training.base.settings import BaseSettings
from toddler_training.evaluate.gold import surprises

PAIRS = (("do you want some milk?", "yeah, milk."), ("what is this?", "purple elephants"), ("hi!", "no"))


def test_surprise_in_llama_cpp_is_that_of_transformers(tmp_path: Path) -> None:
    found = surprises(locate(BUNDLED), *zip(*PAIRS, strict=True))
    folder = base_folder(BaseSettings(model=BUNDLED), tmp_path)
    model, prompter = load_model(folder), Prompter(load_tokenizer(folder), "nursery")
    for (caregiver, reply), surprise in zip(PAIRS, found, strict=True):
        prompt, said = prompter.prompt_ids(caregiver), prompter.reply_ids(reply)
        with torch.inference_mode():
            logits = model(torch.tensor([prompt + said])).logits[0, len(prompt) - 1 : -1]
        expected = -torch.log_softmax(logits.float(), -1)[range(len(said)), said].sum().item()
        assert surprise == pytest.approx(expected, rel=0.03)  # llama.cpp rounds activations to 8 bits


def test_a_file_that_is_no_model_is_said_to_be_none(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(64))
    model = locate(BUNDLED)
    with pytest.raises(ModelError, match="could not read the children's replies"):
        surprises(type(model)(**{**vars(model), "path": broken}), ["hi"], ["hi"])
