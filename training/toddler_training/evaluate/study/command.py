"""The command `questionnaire`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from robot_runtime.errors import SettingsError

DRAWS = 2000
"""Bootstrap samples."""


def add_questionnaire(parser: argparse.ArgumentParser) -> None:
    """The options of `questionnaire`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--form", type=Path, metavar="OUT.html", help="write the form, a page that works without a network"
    )
    what.add_argument(
        "--analyse", type=Path, nargs="+", metavar="ANSWERS.csv", help="files that the form saved; prints JSON"
    )
    parser.add_argument(
        "--items", type=Path, metavar="FILE.toml", help="ask this in place of our own, with --form and --analyse alike"
    )
    parser.add_argument("--report", type=Path, metavar="OUT.html", help="with --analyse: write a page, too")
    parser.add_argument("--seed", type=int, default=1, help="of the items' order, or of the bootstrap (1)")
    parser.set_defaults(run=_questionnaire)


def _questionnaire(options: argparse.Namespace) -> int:
    from toddler_training.evaluate.study.answers import analysis, read_answers
    from toddler_training.evaluate.study.form import form
    from toddler_training.evaluate.study.page import results_page
    from toddler_training.evaluate.study.questionnaire import read_questionnaire

    if options.form and options.report:
        raise SettingsError("--report shows what answers say: give it with --analyse ANSWERS.csv")
    questionnaire = read_questionnaire(options.items)
    if options.form:
        _write(options.form, form(questionnaire, options.seed))
        print(options.form)
        return 0
    found = analysis(questionnaire, read_answers(options.analyse, questionnaire), DRAWS, options.seed)
    if options.report:
        _write(options.report, results_page(found))
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error}") from error
