"""Write the corpus as JSON lines, check the scenes, or measure them: `python -m toddler_training.corpus --help`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from robot_runtime.errors import ToddlerRobotError
from toddler_training.corpus.build import (
    HERE,
    Dialogue,
    build,
    held_out_folder,
    load_expanders,
    read_settings,
)
from toddler_training.corpus.check import problems
from toddler_training.corpus.coverage import measure
from toddler_training.corpus.held_out import line_mark, load_held_out
from toddler_training.corpus.originality import compare
from toddler_training.corpus.transcripts import caregiver_lines
from toddler_training.corpus.written import write


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all is well, 1 when --check or --originality found fault, 2 when a file is wrong."""
    parser = argparse.ArgumentParser(prog="python -m toddler_training.corpus", description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, default=HERE, metavar="FOLDER", help="scenes and lexicon of your own in place of ours"
    )
    parser.add_argument("--pairs", type=int, default=600_000, help="distinct pairs to write or to compare")
    parser.add_argument("--seed", type=int, default=1)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--out", type=Path, help="JSONL file to write")
    task.add_argument("--check", action="store_true", help="only look for problems in the scenes")
    task.add_argument(
        "--coverage",
        type=Path,
        metavar="TRANSCRIPTS",
        help="share of real caregiver lines that the corpus knows; a folder or zip of CHAT files, or a CSV of pairs",
    )
    task.add_argument(
        "--originality", type=Path, metavar="TRANSCRIPTS", help="look for pairs that also occur in these transcripts"
    )
    task.add_argument(
        "--marks",
        type=Path,
        metavar="TRANSCRIPTS",
        help="print a mark of each line said to a two-year-old; in heldout/*.marks it keeps the line out",
    )
    options = parser.parse_args(argv)
    try:
        if options.check:
            return _check(options.corpus)
        if options.coverage:
            print(measure(load_expanders(options.corpus), options.coverage).text())
            return 0
        if options.originality:
            found = compare(_dialogues(options), options.originality)
            print(found.text())
            return 1 if found.suspects else 0
        if options.marks:
            print("\n".join(sorted({line_mark(line) for line in caregiver_lines(options.marks)})))
            return 0
        print(write(options.out, _dialogues(options)).text())
        return 0
    except ToddlerRobotError as error:
        print(error, file=sys.stderr)
        return 2


def _dialogues(options: argparse.Namespace) -> Iterator[Dialogue]:
    return build(options.pairs, options.seed, load_held_out(held_out_folder(options.corpus)), options.corpus)


def _check(folder: Path) -> int:
    expanders = load_expanders(folder)
    longest = read_settings(folder).longest_reply
    found = [problem for expander in expanders for problem in problems(expander, longest)]
    lacking = [text for expander in expanders for domain in expander.domains for text in domain.lacking]
    print("\n".join([*found, *(f"{text}; the frame does without it" for text in lacking)]))
    sizes = Counter[str]()
    for expander in expanders:
        sizes[expander.frame.scene] += 1
    print("; ".join(f"{scene}: {count} frames" for scene, count in sorted(sizes.items())))
    print(f"about {sum(expander.pairs for expander in expanders):.2g} distinct pairs before surface variation")
    print(f"{len(expanders)} frames, {len(found)} problems, {len(lacking)} words left out")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
