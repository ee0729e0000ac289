"""From dialogues to rows of token ids of one length, with what to learn marked.

A conversation is `<|endoftext|>` and up to six exchanges, each `<|adult|>...<|child|>...<|end|>`. Several
conversations share a row; each sees only itself.
"""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from robot_runtime.errors import SettingsError
from toddler_training.bundled.tokenizer import ADULT, CHILD, END, START

LONGEST_CONVERSATION = 6
"""Exchanges of a conversation at most. Lengths are drawn evenly from 1 to this, so that about half of all
exchanges come with none or one before them: a talk starts anew often, and must not depend on memory."""
_OPEN_ROWS = 64
_AT_ONCE = 100_000
"""Lines that are encoded at once; what the tokenizer returns takes a hundred times the memory of its ids."""

NOTHING, CAREGIVER, CHILD_SPEECH = range(3)
"""Kinds of a token: given (control tokens at a start, filling), the caregiver's, the child's."""

Turns = Sequence[Sequence[str]]
"""One dialogue: (caregiver, child) pairs in the order of speaking."""


class Marked(NamedTuple):
    """Token ids and, for each, its kind; millions of these are held at a time."""

    ids: array[int]
    """Of typecode H."""
    kinds: bytearray


class Rows(NamedTuple):
    """Packed conversations: three arrays of shape [rows, length]."""

    tokens: npt.NDArray[np.uint16]
    """Token ids; filling is `<|endoftext|>`."""
    kinds: npt.NDArray[np.uint8]
    """What each token is: NOTHING, CAREGIVER or CHILD_SPEECH."""
    talks: npt.NDArray[np.uint8]
    """Number of the conversation within its row, from 0; filling has one of its own."""


def read_dialogues(path: Path) -> list[Turns]:
    """Read the corpus's JSON lines.

    Raises:
        SettingsError: the file is missing or empty, or a line is no dialogue.
    """
    if not path.is_file():
        raise SettingsError(f"no corpus at {path}: write one with python -m toddler_training.corpus --out {path}")
    dialogues: list[Turns] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                turns = json.loads(line)["turns"]
                if not turns or not all(said.strip() and reply.strip() for said, reply in turns):
                    raise ValueError
            except (ValueError, KeyError, TypeError, AttributeError):
                raise SettingsError(
                    f'{path}:{number} is no dialogue: a line is {{"turns": [["caregiver", "child"], ...]}}'
                ) from None
            dialogues.append(turns)
    if not dialogues:
        raise SettingsError(f"the corpus {path} is empty")
    return dialogues


def mark_dialogues(dialogues: Sequence[Turns], tokenizer: Tokenizer) -> list[list[Marked]]:
    """Tokenise every exchange of every dialogue."""
    encoded = _encoded([line.strip() for turns in dialogues for exchange in turns for line in exchange], tokenizer)
    return [[_exchange(next(encoded), next(encoded)) for _ in turns] for turns in dialogues]


def _encoded(lines: Sequence[str], tokenizer: Tokenizer) -> Iterator[list[int]]:
    for first in range(0, len(lines), _AT_ONCE):
        for line in tokenizer.encode_batch_fast(lines[first : first + _AT_ONCE], add_special_tokens=False):
            yield line.ids


def _exchange(said: list[int], reply: list[int]) -> Marked:
    return Marked(
        array("H", [ADULT, *said, CHILD, *reply, END]),
        bytearray([NOTHING, *[CAREGIVER] * (len(said) + 1), *[CHILD_SPEECH] * (len(reply) + 1)]),
    )


def _beginning() -> Marked:
    return Marked(array("H", [START]), bytearray([NOTHING]))


def conversations(marked: Sequence[list[Marked]], length: int, rng: random.Random) -> Iterator[Marked]:
    """Join dialogues, in random order, into conversations of at most `length` tokens.

    A dialogue is never cut unless it is longer than `length` by itself; then its end is left out.
    """
    order = list(range(len(marked)))
    rng.shuffle(order)
    talk, left = _beginning(), rng.randint(1, LONGEST_CONVERSATION)
    for index in order:
        needed = sum(len(exchange.ids) for exchange in marked[index])
        if len(talk.ids) > 1 and (left <= 0 or len(talk.ids) + needed > length):
            yield talk
            talk, left = _beginning(), rng.randint(1, LONGEST_CONVERSATION)
        for exchange in marked[index]:
            if len(talk.ids) + len(exchange.ids) > length:
                break
            talk.ids.extend(exchange.ids)
            talk.kinds.extend(exchange.kinds)
            left -= 1
    if len(talk.ids) > 1:
        yield talk


def pack(talks: Iterator[Marked], length: int) -> Rows:
    """Put conversations into rows of `length` tokens, each into the fullest open row that has room for it.

    Raises:
        SettingsError: there is no conversation that fits.
    """
    full: list[list[Marked]] = []
    opened: list[tuple[int, list[Marked]]] = []
    for talk in talks:
        fitting = [place for place in opened if place[0] >= len(talk.ids)]
        best = min(fitting, key=lambda place: place[0]) if fitting else (length, [])
        if fitting:
            opened.remove(best)
        best[1].append(talk)
        opened.append((best[0] - len(talk.ids), best[1]))
        if len(opened) > _OPEN_ROWS:
            fullest = min(opened, key=lambda place: place[0])
            opened.remove(fullest)
            full.append(fullest[1])
    full += [row for _, row in opened]
    if not full:
        raise SettingsError(f"no dialogue fits into {length} tokens: give longer rows or more text")
    shape = (len(full), length)
    rows = Rows(np.full(shape, START, np.uint16), np.full(shape, NOTHING, np.uint8), np.full(shape, 255, np.uint8))
    for number, row in enumerate(full):
        at = 0
        for talk_number, talk in enumerate(row):
            place = slice(at, at + len(talk.ids))
            rows.tokens[number, place], rows.kinds[number, place] = talk.ids, talk.kinds
            rows.talks[number, place] = talk_number
            at = place.stop
    return rows
