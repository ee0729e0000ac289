"""Labels without a judge: true exchanges against shuffled ones and damaged ones.

The damages are what a language model finds that is rewarded by a model which has not met them: it says back what it
heard, whole or nearly; it says what always fits a little; it answers the question's first word; it stammers.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from toddler_training.corpus.forms import last_form
from toddler_training.rewards.example import Example

TRUE, DAMAGED, SHUFFLED = 0.9, 0.4, 0.1
"""Our labels: what was said fits in most cases, the reply to another line seldom, and what is only said back no better;
other damage lies in between."""

COMMONEST = 50
"""Replies of a split that count as fitting everywhere, "yeah", "no", "I don't know" (our choice)."""

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


def echoed(words: list[str], lot: random.Random) -> list[str]:
    """A line's words as they come back from somebody with nothing to say: gaps, its end, turned round, agreed to."""
    kept = [word for word in words if lot.random() < 0.8] or words
    kept = kept[lot.randint(0, len(kept) // 2) :]
    if lot.random() < 0.5:
        kept = [TURNED.get(word.casefold(), word) for word in kept]
    return [lot.choice(AGREEING), *kept] if lot.random() < 0.3 else kept


TURNED = {"you": "I", "your": "my", "you're": "I'm", "i": "you", "my": "your", "i'm": "you're"}
AGREEING = ("yeah", "no", "oh", "mommy")

LINE_DAMAGES: tuple[Damage, ...] = (scrambled, cut)

ECHOES = ("parroted", "echoed")
REPLY_DAMAGES = (*ECHOES, "common", "neighbour", "scrambled", "stammered")
"""Sources of examples that are a true exchange with a worse reply."""


def coherence_contrast(pairs: Sequence[Example], seed: int) -> list[Example]:
    """For each true exchange a shuffled one and a damaged one.

    Args:
        pairs: true exchanges; their labels are not looked at.
        seed: of everything that is drawn by lot.

    Returns:
        The true ones (`true`), each with the reply to another line of the same split (`shuffled`), and with a reply
        that is worse in one of the ways of `REPLY_DAMAGES`: the caregiver's line said back (`parroted`) or nearly so
        (`echoed`), one of the split's commonest replies (`common`), the reply to a line of the same form
        (`neighbour`), or its own in disorder (`scrambled`, `stammered`).
    """
    lot = random.Random(seed)
    by_split: dict[str, list[Example]] = {}
    for pair in pairs:
        by_split.setdefault(pair.split, []).append(pair)
    others = {split: Others(found) for split, found in by_split.items()}
    examples = []
    for pair in pairs:
        examples.append(pair._replace(label=TRUE, source="true"))
        other = _other(others[pair.split].replies, pair.reply, lot)
        if other is not None:
            examples.append(pair._replace(reply=other, label=SHUFFLED, source="shuffled"))
        examples.append(_damaged(pair, others[pair.split], lot))
    return examples


class Others:
    """The replies of a split, from which worse ones are drawn."""

    def __init__(self, pairs: Sequence[Example]) -> None:
        """Sort the replies by the form of their lines."""
        self.replies = [pair.reply for pair in pairs]
        self.common = [reply for reply, _ in Counter(self.replies).most_common(COMMONEST)]
        self._by_form: dict[str, list[str]] = {}
        for pair in pairs:
            self._by_form.setdefault(last_form(pair.caregiver), []).append(pair.reply)

    def neighbours(self, line: str) -> list[str]:
        """The replies to lines of the same form, its own among them."""
        return self._by_form[last_form(line)]


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


def _damaged(pair: Example, others: Others, lot: random.Random) -> Example:
    """The exchange with a worse reply; said back where no other damage can be done to it."""
    source = lot.choice(REPLY_DAMAGES)
    words, end = _words(pair.reply)
    drawn: str | None = None
    if source in ("common", "neighbour"):
        drawn = _other(others.common if source == "common" else others.neighbours(pair.caregiver), pair.reply, lot)
    elif source == "echoed":
        drawn = " ".join(echoed(_words(pair.caregiver)[0], lot) + end)
    elif source == "scrambled" and len(words) >= FEW_WORDS and len(set(words)) > 1:
        drawn = " ".join(scrambled(words, lot) + end)
    elif source == "stammered" and words:
        drawn = " ".join(stammered(words, lot) + end)
    if not drawn:
        drawn, source = pair.caregiver, "parroted"
    label = SHUFFLED if source in ECHOES else DAMAGED
    return pair._replace(reply=drawn, label=label, source=source)


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
