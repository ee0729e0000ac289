"""Written dialogues between a caregiver and the toddler Pip, grown from frames and a small lexicon.

`lexicon/*.toml` holds the words, `scenes/*.txt` the frames, both written for this project. The modules:

    lexicon.py   words and their forms (plural, article, toddler past, free attributes)
    template.py  one line with `{a|b}` alternatives and `[var.form]` slots
    scenes.py    scene files -> frames, with errors that name file and line
    expand.py    one random dialogue from one frame
    surface.py   how the same line is really said: openers, names, contractions, dropped words
    check.py     what is wrong with the scenes, without building anything
    build.py     a balanced stream of distinct dialogues
"""

from __future__ import annotations

from toddler_training.corpus.build import Dialogue, build

__all__ = ["Dialogue", "build"]
