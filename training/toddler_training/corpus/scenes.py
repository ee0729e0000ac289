"""Scene files: frames of exchanges between a caregiver (A) and the child (C).

    @scene meals
    @def yes {yeah|yes|uh huh}              # <yes> in the lines below stands for this text
    @frame what-ate
    @vars f=food g=food.sweet!f c=color!f.color p=(on the table|in the cup)
    A: what did you {eat|have}{| today}?    # any A line goes with any C line of the same exchange
    C*3: me eated [f].                      # *3 = three times as likely
    --                                      # the next exchange of the same conversation

A variable is `name=category` or `name=(phrase|phrase)`. It is restricted by `.tag` (a tag or an attribute the entry
must have), by `!other` (a different word than that variable's) or `!other.form` (a word that is none of these values).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from robot_runtime.errors import CorpusError
from toddler_training.corpus.template import Sequence, parse

_VAR = re.compile(
    r"([a-z][a-z0-9_]*)=(?:\(([^)]*)\)|([a-z_]+)((?:\.[a-z_]+)*))((?:![a-z][a-z0-9_]*(?:\.[a-z_]+)?)*)(?=\s|$)"
)
_LINE = re.compile(r"([AC])(?:\*(\d+))?:\s*(.*)")


@dataclass(frozen=True)
class Variable:
    """One variable of a frame."""

    name: str
    """Name used in slots."""
    category: str
    """Lexicon category; empty when `literals` are given."""
    tags: tuple[str, ...] = ()
    """Tags or attributes that the word must have."""
    unlike: tuple[tuple[str, str], ...] = ()
    """(variable, form) pairs whose values the word must not equal."""
    literals: tuple[str, ...] = ()
    """Phrases to draw from instead of a category."""


@dataclass(frozen=True)
class Line:
    """One alternative of one speaker."""

    template: Sequence
    """What is said."""
    weight: int
    """How often it is drawn, relative to the other alternatives; 1 or more."""
    number: int
    """Line number in the scene file, from 1."""


@dataclass(frozen=True)
class Exchange:
    """What the caregiver may say, and what the child may answer."""

    adult: tuple[Line, ...]
    """Alternatives of the caregiver."""
    child: tuple[Line, ...]
    """Alternatives of the child; each fits every caregiver line."""


@dataclass(frozen=True)
class Frame:
    """A small conversation with variables."""

    scene: str
    """Name of the scene it belongs to."""
    name: str
    """Identifier, unique in the scene."""
    variables: tuple[Variable, ...]
    """In the order of drawing."""
    exchanges: tuple[Exchange, ...]
    """One for each turn of the conversation, 1 or more."""
    source: str
    """`file:line` of its @frame."""


@dataclass
class _Draft:
    name: str
    source: str
    variables: list[Variable] = field(default_factory=list)
    turns: list[dict[str, list[Line]]] = field(default_factory=lambda: [{"A": [], "C": []}])

    def finish(self, scene: str) -> Frame:
        for turn in self.turns:
            for who, speaker in (("A", "caregiver"), ("C", "child")):
                if not turn[who]:
                    raise CorpusError(
                        f"{self.source}: frame '{self.name}' has an exchange without a {speaker} line; "
                        f"add one that starts with '{who}:'"
                    )
        exchanges = tuple(Exchange(tuple(turn["A"]), tuple(turn["C"])) for turn in self.turns)
        return Frame(scene, self.name, tuple(self.variables), exchanges, self.source)


def load_scenes(paths: Iterable[Path]) -> tuple[Frame, ...]:
    """Read scene files.

    Raises:
        CorpusError: a line cannot be understood, with file, line and remedy.
    """
    frames: list[Frame] = []
    names: set[tuple[str, str]] = set()
    for path in paths:
        for frame in parse_scene(path.read_text(encoding="utf-8"), path.name):
            if (frame.scene, frame.name) in names:
                raise CorpusError(
                    f"{frame.source}: frame '{frame.name}' exists twice in scene '{frame.scene}'; rename one"
                )
            names.add((frame.scene, frame.name))
            frames.append(frame)
    return tuple(frames)


def parse_scene(text: str, file: str) -> list[Frame]:
    """Parse the text of one scene file; `file` is the name used in errors.

    Raises:
        CorpusError: a line cannot be understood, with file, line and remedy.
    """
    scene = ""
    macros: dict[str, str] = {}
    frames: list[Frame] = []
    draft: _Draft | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        where = f"{file}:{number}"
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if not line:
            continue
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word == "@def":
            name, _, meaning = rest.partition(" ")
            macros[name] = "{" + _expand_macros(meaning.strip(), macros, where) + "}"
        elif word in ("@scene", "@frame"):
            if draft is not None:
                frames.append(draft.finish(scene))
                draft = None
            if not rest:
                raise CorpusError(f"{where}: {word} has no name; write one after it")
            if word == "@scene":
                scene = rest
            elif not scene:
                raise CorpusError(f"{where}: a frame before any scene; write '@scene NAME' above it")
            else:
                draft = _Draft(rest, where)
        elif draft is None:
            raise CorpusError(f"{where}: '{line}' stands outside a frame; write '@frame NAME' above it")
        elif word == "@vars":
            draft.variables += _parse_variables(rest, where)
        elif set(line) == {"-"}:
            draft.turns.append({"A": [], "C": []})
        else:
            who, said = _parse_line(_expand_macros(line, macros, where), where, number)
            draft.turns[-1][who].append(said)
    if draft is not None:
        frames.append(draft.finish(scene))
    return frames


def _expand_macros(line: str, macros: dict[str, str], where: str) -> str:
    def meaning(found: re.Match[str]) -> str:
        if found[1] not in macros:
            raise CorpusError(f"{where}: <{found[1]}> is not defined; add '@def {found[1]} ...' above it")
        return macros[found[1]]

    return re.sub(r"<([\w-]+)>", meaning, line)


def _parse_line(line: str, where: str, number: int) -> tuple[str, Line]:
    found = _LINE.fullmatch(line)
    if found is None or not found[3]:
        raise CorpusError(f"{where}: '{line}' is not understood; start it with 'A:', 'C:', '--', '@' or '#'")
    try:
        return found[1], Line(parse(found[3]), int(found[2] or 1), number)
    except ValueError as error:
        raise CorpusError(f"{where}: {error}") from error


def _parse_variables(text: str, where: str) -> list[Variable]:
    found = list(_VAR.finditer(text))
    left = _VAR.sub("", text).strip()
    if left:
        raise CorpusError(f"{where}: '{left}' is no variable; write name=category.tag!other or name=(a|b)")
    variables = []
    for match in found:
        unlike = (item.partition(".") for item in match[5].split("!")[1:]) if match[5] else ()
        variables.append(
            Variable(
                match[1],
                match[3] or "",
                tuple(match[4].split(".")[1:]) if match[4] else (),
                tuple((var, form) for var, _, form in unlike),
                tuple(match[2].split("|")) if match[2] else (),
            )
        )
    return variables
