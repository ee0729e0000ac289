"""The commands `answers` and `judged`: what models reply, and what a reader's verdicts say about it."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from robot_runtime.errors import SettingsError

if TYPE_CHECKING:
    from robot_runtime.model_store.locate import LocatedModel
    from toddler_training.bundled.sheet import Asked

CANDIDATES = 8
"""Candidates of a question in a sheet: what the runtime samples with the bundled model."""

ANSWERS = """Ask models every question of a file, each as a first turn, through the runtime's own mind and check. With
--sheet the replies of all go, each once, in an order drawn by lot and without the models' names, to a table in which a
reader writes yes or no after every one; a key beside it says whose they are. Then: judged SHEET.tsv."""

JUDGED = """Say what judged sheets tell about each model: the share of coherent replies, and what can be counted in the
replies. Sheets of the same questions are compared with one another."""


def add_answers(parser: argparse.ArgumentParser) -> None:
    """The options of `answers`."""
    parser.description = ANSWERS
    parser.add_argument("--model", action="append", required=True, help="catalogue name or GGUF file; may be repeated")
    parser.add_argument(
        "--questions",
        type=Path,
        required=True,
        help="caregiver lines, one a line, or a CSV of scored pairs: what is said there to children of 24-35 months",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--candidates", type=int, help="replies sampled for a question (default: as the runtime does)")
    parser.add_argument("--profile", type=Path, metavar="FILE.toml", help="settings of mind and check")
    parser.add_argument("--sheet", type=Path, metavar="SHEET.tsv", help="write the replies here to be judged")
    parser.add_argument(
        "--raw", action="store_true", help="with --sheet: each model's first candidate, too: what ranking adds"
    )
    parser.add_argument(
        "--children", action="store_true", help="with --sheet and a CSV: what the children said, too, as a yardstick"
    )
    parser.set_defaults(run=_answers)


def add_judged(parser: argparse.ArgumentParser) -> None:
    """The options of `judged`."""
    parser.description = JUDGED
    parser.add_argument("sheets", type=Path, nargs="+", metavar="SHEET.tsv", help="with yes or no in every line")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="the figures (default: beside the first sheet)")
    parser.add_argument("--aoa-norms", type=Path, help="table of ages of acquisition, to count adult words")
    parser.add_argument(
        "--marked",
        type=Path,
        metavar="FOLDER",
        help="copy the sheets here with marks in place of prompts, and without children, so that they may be passed on",
    )
    parser.set_defaults(run=_judged)


def _answers(options: argparse.Namespace) -> int:
    if options.sheet:
        return _write_sheet(options)
    if options.raw or options.children:
        raise SettingsError("--raw and --children say what goes to a sheet: name it with --sheet")
    from toddler_training.bundled.answers import tell_answers

    counts = [
        tell_answers(model, options.questions, options.seed, print, options.candidates or 0, options.profile)
        for model in options.model
    ]
    return 0 if all(count["answered"] == count["questions"] for count in counts) else 1


def _write_sheet(options: argparse.Namespace) -> int:
    from toddler_training.bundled.answers import read_questions
    from toddler_training.bundled.sheet import key_file, lay_out, refuse_present, write_sheet
    from toddler_training.corpus.held_out import load_held_out
    from toddler_training.evaluate.comparison import RANKED, RAW

    refuse_present(options.sheet)
    if options.children and options.questions.suffix != ".csv":
        raise SettingsError(f"{options.questions} holds no children's replies: --children needs a CSV of scored pairs")
    questions = read_questions(options.questions)
    asked = _asked(options, questions)
    sheet = lay_out(asked, (RAW, RANKED) if options.raw else (RANKED,), options.seed)
    write_sheet(sheet, options.sheet)
    held_out = load_held_out()
    kept_out = sum(question in held_out for question in questions)
    print(f"{len(questions)} questions, {kept_out} of which the bundled model's corpus leaves out")
    print(f"{options.sheet}: {len(sheet.lines)} replies, to be judged without a look at {key_file(options.sheet)}")
    return 0


def _asked(options: argparse.Namespace, questions: Sequence[str]) -> list[Asked]:
    """Everybody's answers; of models of one name each has the beginning of its checksum after it."""
    from tqdm import tqdm

    from robot_runtime.model_store.checksums import sha256_of
    from robot_runtime.model_store.locate import locate
    from toddler_training.bundled.answers import Answer, ask, read_exchanges
    from toddler_training.bundled.sheet import Asked
    from toddler_training.evaluate.contestants import CHILDREN

    models = {sha256_of(model.path): model for model in map(locate, options.model)}
    names = [model.name for model in models.values()]
    candidates = CANDIDATES if options.candidates is None else options.candidates

    async def answers(model: LocatedModel) -> list[Answer]:
        given = []
        with tqdm(desc=model.name, total=len(questions), disable=None, leave=False) as bar:
            async for answer in ask(model, questions, options.seed, candidates, options.profile):
                given.append(answer)
                bar.update()
        return given

    found = []
    for digest, model in models.items():
        name = model.name if names.count(model.name) == 1 else f"{model.name}-{digest[:8]}"
        found.append(Asked(name, digest, asyncio.run(answers(model))))
    if options.children:
        said = read_exchanges(options.questions)
        found.append(Asked(CHILDREN, None, [Answer(line, reply, (reply,), 0) for line, reply in said]))
    return found


def _judged(options: argparse.Namespace) -> int:
    from toddler_training.bundled.judged import judged, table_text
    from toddler_training.bundled.sheet import read_sheet, refuse_present, write_sheet
    from toddler_training.evaluate.features import Counter, Norms
    from toddler_training.evaluate.norms import read_ages

    sheets = {path: read_sheet(path) for path in options.sheets}
    copies = {path: options.marked / path.name for path in sheets} if options.marked else {}
    for copy in copies.values():
        refuse_present(copy)
    norms = Norms(ages=read_ages(options.aoa_norms) if options.aoa_norms else None)
    tables = judged({str(path.with_suffix("")): sheet for path, sheet in sheets.items()}, Counter(norms))
    out = options.out or options.sheets[0].with_suffix(".figures.json")
    out.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    print("\n\n".join(map(table_text, tables)))
    print(out)
    for path, copy in copies.items():
        write_sheet(sheets[path].marked(), copy)
    return 0
