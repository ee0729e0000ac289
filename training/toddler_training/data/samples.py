"""Made-up children and their caregivers, as CHAT files, from this project's own scenes (`toddler_training.corpus`).

They stand in for CHILDES where a run should work without any data. A child below two says a word or two, a child of two
speaks as the scenes have it, an older one in longer and better sentences, so that age can be told from the words. Some
lines carry what transcripts carry: pauses, retracings, fillers, unintelligible words, replacements.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from pathlib import Path

from toddler_training.corpus import build
from toddler_training.data.scored import COLUMNS

CORPUS = "Sample"
"""Name of the corpus, and of its folder."""
CHILDREN = (
    ("Ada", 20), ("Bo", 22), ("Cleo", 24), ("Dina", 26), ("Eli", 27), ("Fay", 29),
    ("Gus", 31), ("Hal", 33), ("Ivy", 34), ("Jon", 38), ("Kim", 42), ("Lou", 46),
)  # fmt: skip
"""Names, and ages in months at the first recording; the second is a month later."""
_CAREGIVERS = (("MOT", "Mother"), ("FAT", "Father"))
_TWO, _THREE = 24, 36
_SENTENCE = re.compile(r"\w[^.!?]*[.!?]?")
_GROWN = (
    (re.compile(r"^me\b"), "I"),
    (re.compile(r"\bme (?=want|like|see|have|got|go|did|am|can)"), "I "),
    (re.compile(r"\b(it|he|she) (say|go|like|eat|live|want|need)\b"), r"\1 \2s"),
    (re.compile(r"\beated\b"), "ate"),
    (re.compile(r"\bgoed\b"), "went"),
)
_BEFORE = ("I think", "well", "you know what", "actually", "when I was little", "my teacher said")
_AFTER = (
    "because we did that yesterday at school",
    "and then my friend wanted to do it too",
    "but I don't do that when it is raining",
    "so we should tell grandma about it",
    "and after that we can read another book",
)


def write_samples(folder: Path, exchanges: int, seed: int = 0) -> Path:
    """Write two CHAT files for each child, and a CSV of scored pairs.

    The scores follow how each pair was made: true pairs high, replies of another question low, clipped caregiver lines
    unclear; with a little noise.

    Args:
        folder: where `Sample/<child>/<age>.cha` and `pairs_scored.csv` go.
        exchanges: with each child, 1 or more.
        seed: of every random choice.

    Returns:
        The CSV.
    """
    rng = random.Random(seed)
    spoken = [turn for dialogue in build(len(CHILDREN) * exchanges, seed) for turn in dialogue.turns]
    for index, (child, months) in enumerate(CHILDREN):
        mine = spoken[index :: len(CHILDREN)][:exchanges]
        half = (len(mine) + 1) // 2
        for age, part in ((months, mine[:half]), (months + 1, mine[half:])):
            path = folder / CORPUS / child / f"{age // 12:02}{age % 12:02}00.cha"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(_transcript(child, age, part, rng)) + "\n", encoding="utf-8")
    scored = folder / "pairs_scored.csv"
    with scored.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("folder_name", "root_name", "child_name", "years", "months", "days", "speaker", *COLUMNS))
        rows.writerows(_scored(spoken, rng))
    return scored


def _transcript(child: str, age: int, exchanges: list[tuple[str, str]], rng: random.Random) -> Iterator[str]:
    code, role = rng.choice(_CAREGIVERS)
    yield "@UTF8"
    yield "@Begin"
    yield "@Languages:\teng"
    yield f"@Participants:\tCHI {child} Target_Child, {code} {role}"
    yield f"@ID:\teng|{CORPUS}|CHI|{age // 12};{age % 12:02}.00||||Target_Child|||"
    yield f"@ID:\teng|{CORPUS}|{code}|||||{role}|||"
    for said, reply in exchanges:
        yield from (f"*{code}:\t{_line(sentence, rng)}" for sentence in _SENTENCE.findall(said))
        yield from (f"*CHI:\t{_line(sentence, rng)}" for sentence in _SENTENCE.findall(at_age(reply, age, rng)))
    yield "@End"


def at_age(reply: str, months: int, rng: random.Random) -> str:
    """A two-year-old's reply as a child of that age might say it."""
    words = reply.rstrip(".!?").replace(",", "").split()
    if months < _TWO:
        return " ".join(words[-rng.choice((1, 1, 2)) :]) + "."
    if months < _THREE:
        return reply
    grown = " ".join(words)
    for pattern, put in _GROWN:
        grown = pattern.sub(put, grown)
    first, last = rng.choice(_BEFORE), rng.choice(_AFTER)
    return f"{first} {grown} {last}." if rng.random() < 0.7 else f"{grown} {last}."


def _line(text: str, rng: random.Random) -> str:
    """A sentence as a CHAT main line; now and then with something that transcripts have."""
    end = text[-1] if text[-1] in ".?!" else "."
    words = text.rstrip(".!?").replace(",", " ,").split()
    chance = rng.random()
    if chance < 0.03:
        words.insert(rng.randrange(len(words) + 1), "xxx")
    elif chance < 0.04:
        words = ["xxx"]
    elif chance < 0.07:
        words.insert(0, "&-um")
    elif chance < 0.11:
        words[:0] = [words[0], "[/]"]
    elif chance < 0.13:
        words[:0] = [f"<{words[0]}", "want>", "[//]"]
    elif chance < 0.15 and "that" in words:
        words[words.index("that")] = "dat [: that]"
    return f"{' '.join(words)} {end}"


def _scored(spoken: list[tuple[str, str]], rng: random.Random) -> Iterator[tuple[object, ...]]:
    for number, (said, reply) in enumerate(spoken):
        child, months = CHILDREN[number % len(CHILDREN)]
        clear, fits = 0.9, 0.85
        if number % 3 == 1:
            reply, fits = spoken[rng.randrange(len(spoken))][1], 0.15
        elif number % 3 == 2 and len(said.split()) > 3:
            words = said.split()
            said, clear = " ".join(words[rng.randrange(1, 3) : -rng.randrange(1, 3)]) or words[0], 0.2
            fits = 0.5
        scores = (min(1.0, max(0.0, rng.gauss(score, 0.07))) for score in (clear, fits))
        where = (f"{CORPUS}/{child}", number, child, months // 12, months % 12, 0, "MOT")
        yield (*where, said, reply, *(round(score, 1) for score in scores))
