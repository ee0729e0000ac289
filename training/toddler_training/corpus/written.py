"""The corpus as a file of JSON lines, and counts over what was written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from toddler_training.corpus.build import Dialogue, pair_mark


class Summary:
    """Counts over the dialogues written."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.dialogues = 0
        self.pairs: set[int] = set()
        self.scenes: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.lengths: Counter[int] = Counter()

    def add(self, scene: str, turns: Sequence[tuple[str, str]]) -> None:
        """Count one dialogue, and those of its pairs that are new."""
        self.dialogues += 1
        for turn in turns:
            mark = pair_mark(turn)
            if mark in self.pairs:
                continue
            self.pairs.add(mark)
            self.scenes[scene] += 1
            words = turn[1].lower().split()
            self.lengths[len(words)] += 1
            self.words.update(word.strip(".,!?") for word in words)

    def text(self) -> str:
        """The counts, for a person."""
        total = len(self.pairs)
        rows = [f"distinct pairs   {total}"]
        rows += [f"  {scene:<16} {count}" for scene, count in self.scenes.most_common()]
        rows.append(f"child words      {len(self.words)} types, {self.words.total()} tokens")
        rows.append(f"mean words       {self.words.total() / max(total, 1):.2f}")
        rows += [f"  {n} words        {100 * self.lengths[n] / max(total, 1):.1f} %" for n in sorted(self.lengths)]
        return "\n".join(rows)


def write(out: Path, dialogues: Iterable[Dialogue]) -> Summary:
    """Write one dialogue a line: `scene`, `frame`, and `turns` as pairs of the caregiver's and the child's line."""
    summary = Summary()
    with out.open("w", encoding="utf-8") as file:
        for dialogue in dialogues:
            summary.add(dialogue.scene, dialogue.turns)
            record = {"scene": dialogue.scene, "frame": dialogue.frame, "turns": dialogue.turns}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return summary
