"""Labels without a judge: true exchanges against shuffled ones and damaged ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from toddler_training.rewards.example import Example

TRUE, DAMAGED, SHUFFLED = 0.9, 0.4, 0.1
"""Our labels: what was said fits in most cases, the reply to another line seldom; damage lies in between."""

FEW_WORDS = 3
"""A caregiver line of fewer words ("yeah .", "what ?") cannot be understood by itself (our choice): `SHUFFLED`."""

Damage = Callable[[list[str], random.Random], list[str]]


def scrambled(words: list[str], lot: random.Random) -> list[str]:
    """The words in another order."""
    mixed = list(words)
    while mixed == words:
        lot.shuffle(mixed)
    return mixed


def cut(words: list[str], lot: random.Random) -> list[str]:
    """A beginning or an end, of half the words at most."""
    count = lot.randint(1, len(words) // 2)
    return words[:count] if lot.random() < 0.5 else words[-count:]


def stammered(words: list[str], lot: random.Random) -> list[str]:
    """One word several times in a row, as a model does that is stuck."""
    at = lot.randrange(len(words))
    return words[:at] + [words[at]] * lot.randint(3, 5) + words[at + 1 :]


REPLY_DAMAGES: tuple[Damage, ...] = (scrambled, stammered)
LINE_DAMAGES: tuple[Damage, ...] = (scrambled, cut)


def coherence_contrast(pairs: Sequence[Example], seed: int) -> list[Example]:
    """For each true exchange a shuffled one and a damaged one.

    Args:
        pairs: true exchanges; their labels are not looked at.
        seed: of everything that is drawn by lot.

    Returns:
        The true ones (`true`), each with the reply to another line of the same split (`shuffled`), and with its own
        damaged (`scrambled`, `stammered`) or the caregiver's line said back (`parroted`).
    """
    lot = random.Random(seed)
    examples = []
    by_split: dict[str, list[str]] = {}
    for pair in pairs:
        by_split.setdefault(pair.split, []).append(pair.reply)
    for pair in pairs:
        examples.append(pair._replace(label=TRUE, source="true"))
        other = _other(by_split[pair.split], pair.reply, lot)
        if other is not None:
            examples.append(pair._replace(reply=other, label=SHUFFLED, source="shuffled"))
        examples.append(_damaged_reply(pair, lot))
    return examples


def clarity_contrast(pairs: Sequence[Example], seed: int) -> list[Example]:
    """For each distinct caregiver line of `FEW_WORDS` and more a damaged one; a shorter line stands for unclear."""
    lot = random.Random(seed)
    examples = []
    for pair in {pair.caregiver: pair for pair in pairs}.values():
        line = pair._replace(reply="")
        words, end = _words(pair.caregiver)
        if len(words) < FEW_WORDS:
            examples.append(line._replace(label=SHUFFLED, source="short"))
            continue
        examples.append(line._replace(label=TRUE, source="true"))
        damage = lot.choice(LINE_DAMAGES) if len(set(words)) > 1 else cut
        damaged = " ".join(damage(words, lot) + end)
        examples.append(line._replace(caregiver=damaged, label=DAMAGED, source=damage.__name__))
    return examples


def _damaged_reply(pair: Example, lot: random.Random) -> Example:
    words, end = _words(pair.reply)
    if not words or lot.random() < 1 / 3:
        return pair._replace(reply=pair.caregiver, label=DAMAGED, source="parroted")
    damage = lot.choice(REPLY_DAMAGES) if len(words) >= FEW_WORDS and len(set(words)) > 1 else stammered
    return pair._replace(reply=" ".join(damage(words, lot) + end), label=DAMAGED, source=damage.__name__)


def _other(replies: Sequence[str], own: str, lot: random.Random) -> str | None:
    """A reply that differs from one's own; None if a few draws find none, as where every child says "yes"."""
    for _ in range(8):
        drawn = lot.choice(replies)
        if drawn.casefold() != own.casefold():
            return drawn
    return None


def _words(text: str) -> tuple[list[str], list[str]]:
    """The words, and the final mark by itself, which stays at the end of whatever becomes of them."""
    words = text.split()
    if not words or words[-1][-1] not in ".?!":
        return words, []
    bare = words[-1].rstrip(".?!")
    return words[:-1] + ([bare] if bare else []), [words[-1][len(bare) :]]
