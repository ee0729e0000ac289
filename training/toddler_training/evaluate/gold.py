"""How surprised a model is by what children really answered: log-probabilities in llama.cpp, of the file as it ships.

Run as a child process, where llama.cpp may crash as it likes: `python -m toddler_training.evaluate.gold ASKED TOLD`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import llama_cpp.llama_cpp as llama
import numpy

from robot_runtime.errors import ModelError
from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import Piece, PromptFormat, prompt_format
from robot_runtime.mind.settings import MindSettings
from robot_runtime.model_store.child import run_child
from robot_runtime.model_store.locate import LocatedModel

TIMEOUT_S = 3600.0
"""After which it counts as hung; 1000 replies by 362 M parameters take some 5 minutes on two cores."""

REPLY_TOKENS = 96
"""Of longer replies only the beginning is read."""


class Reader(Engine):
    """Reads replies instead of sampling them."""

    def surprise(self, prompt: Sequence[int], reply: Sequence[int]) -> float:
        """Minus the log-probability of a reply after a prompt, in nats."""
        self.prefill(prompt)
        total = self._surprise(-1, reply[0])
        if len(reply) > 1:
            llama.llama_memory_seq_cp(self._memory, 0, 1, -1, -1)
            cells = [(token, len(prompt) + place, 1) for place, token in enumerate(reply[:-1])]
            self._decode(cells, outputs=len(cells))
            total += sum(self._surprise(row, token) for row, token in enumerate(reply[1:]))
            llama.llama_memory_seq_rm(self._memory, 1, -1, -1)
        return total

    def _surprise(self, row: int, token: int) -> float:
        size = llama.llama_vocab_n_tokens(self._vocab)
        found = llama.llama_get_logits_ith(self._context, row)
        logits = numpy.ctypeslib.as_array(found, shape=(size,)).astype(numpy.float64)
        top = logits.max()
        return float(top + numpy.log(numpy.exp(logits - top).sum()) - logits[token])


def surprises(model: LocatedModel, caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
    """How surprised a model is by each reply, end of the reply included.

    Raises:
        ModelError: llama.cpp cannot read the model, or crashed on it.
    """
    with TemporaryDirectory() as folder:
        asked, told = Path(folder) / "asked.json", Path(folder) / "told.json"
        pairs = list(zip(caregivers, replies, strict=True))
        asked.write_text(json.dumps([str(model.path), model.prompt_format, model.system, pairs]), encoding="utf-8")
        end = run_child(__name__, [str(asked), str(told)], TIMEOUT_S)
        if end.failed:
            raise ModelError(f"{model.path} could not read the children's replies: {end.why}")
        found: list[float] = json.loads(told.read_text("utf-8"))
    return found


def main(arguments: list[str]) -> None:
    """The child process: ASKED and TOLD are JSON files."""
    asked, told = map(Path, arguments)
    path, name, system, pairs = json.loads(asked.read_text("utf-8"))
    style = prompt_format(name)
    reader = Reader(Path(path), context=2048, candidates=1)
    opening = reader.tokenize(style.opening(system))
    end = reader.tokenize([Piece(style.child_after, True)])[:1]
    found = []
    for caregiver, reply in pairs:
        tokens = reader.tokenize([Piece(reply, False)])[: REPLY_TOKENS - 1] + end
        found.append(reader.surprise([*opening, *_question(reader, style, caregiver)], tokens))
    told.write_text(json.dumps(found), encoding="utf-8")


def _question(reader: Reader, style: PromptFormat, caregiver: str) -> list[int]:
    """As the runtime's worker writes it (robot_runtime/mind/worker.py): of a long line the end."""
    before, said, after = style.question(caregiver)
    most = min(MindSettings.caregiver_tokens, reader.trained_context // 4)
    return [*reader.tokenize([before]), *reader.tokenize([said])[-most:], *reader.tokenize([after])]


if __name__ == "__main__":
    main(sys.argv[1:])
