"""No parroting: how much of a reply only repeats the caregiver's line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from robot_runtime.check.verdict import Refusal
from robot_runtime.check.words import NO, QUESTION_WORDS, YES, bare, content_words, turned_round, words_of


def longest_run(reply: tuple[str, ...], caregiver: tuple[str, ...]) -> int:
    """Give the length of the longest sequence of words that both have, in words."""
    best = 0
    previous = [0] * (len(caregiver) + 1)
    for word in reply:
        current = [0] * (len(caregiver) + 1)
        for index, other in enumerate(caregiver, start=1):
            if word == other:
                current[index] = previous[index - 1] + 1
                best = max(best, current[index])
        previous = current
    return best


def copied_share(caregiver: str, reply: str) -> float:
    """Give the share of the reply's content-word pairs that stand in the caregiver's line, in [0, 1].

    Pairs are neighbours among the content words, so that dropped articles do not hide an echo. With fewer than
    two content words there is no pair and nothing is called copied: "yeah, doggy" is how toddlers agree.
    """
    said, heard = content_words(words_of(reply)), content_words(words_of(caregiver))
    pairs = list(pairwise(said))
    known = set(pairwise(heard))
    return sum(pair in known for pair in pairs) / len(pairs) if pairs else 0.0


@dataclass(frozen=True)
class EchoLimits:
    """How much copying is still an answer. All values are our own choice."""

    share: float = 0.7
    """Largest tolerated share of content-word pairs taken from the caregiver's line, 0-1."""

    run: int = 3
    """Longest tolerated run of the caregiver's words, articles not counted, in words, 1-20: four are parroting."""

    answer_run: int = 5
    """The same for a reply that says yes or no ("yeah, go to the park!") or chooses ("milk or juice?"), 1-20."""

    content: int = 3
    """Content words a reply must have before its share counts, 2-10: "big doggy!" passes."""


def refuse_echo(caregiver: str, reply: str, limits: EchoLimits) -> list[Refusal]:
    """Refuse too long a verbatim run, and too large a share unless the reply says yes or no, or was asked to choose.

    Articles do not count, and forms of "be" are one word. In a question you/me and your/my are one too: "where is my
    bag?" is no answer to "where is your bag?", but "me wash my hands" is one to "did you wash your hands?".
    """
    words = words_of(reply)
    asked = words_of(caregiver)
    answers = "or" in asked or any(word in YES or word in NO for word in words[:2])
    said, heard = bare(words), bare(asked)
    if said and said[0] in QUESTION_WORDS:
        said, heard = turned_round(said), turned_round(heard)
    run = longest_run(said, heard)
    if run > (limits.answer_run if answers else limits.run):
        return [Refusal("echo", f"{run} words in a row are the caregiver's")]
    share = copied_share(caregiver, reply)
    if share > limits.share and not answers and len(content_words(words)) >= limits.content:
        return [Refusal("echo", f"{share:.0%} of it is the caregiver's")]
    return []
