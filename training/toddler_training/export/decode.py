"""The child process of the step `export`: what llama.cpp makes of a GGUF file and some lines.

Started as `python -m toddler_training.export.decode FILE.gguf FORMAT SYSTEM LINES.json OUT.npz`. OUT holds `ids_N` and
`logits_N` for line N: the prompt's token ids and the logits of the token after it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy

from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import prompt_format


class Probe(Engine):
    """The runtime's engine, with a look at its logits."""

    def logits(self, ids: list[int]) -> Any:
        """Logits of what comes after these tokens, shape (vocabulary,)."""
        self.prefill(ids)
        size = llama.llama_vocab_n_tokens(self._vocab)
        return numpy.array(llama.llama_get_logits_ith(self._context, -1)[:size], numpy.float32)


def main(file: str, format_name: str, system: str, lines: str, out: str) -> int:
    """The child process; `system` is JSON."""
    form, text = prompt_format(format_name), json.loads(system)
    probe = Probe(Path(file), candidates=1)
    found: dict[str, Any] = {}
    for number, line in enumerate(json.loads(Path(lines).read_text("utf-8"))):
        ids = probe.tokenize([*form.opening(text), *form.question(line)])
        found |= {f"ids_{number}": numpy.array(ids), f"logits_{number}": probe.logits(ids)}
    numpy.savez(out, **found)
    probe.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
