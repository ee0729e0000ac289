"""Written dialogues between a caregiver and the toddler Pip, grown from frames and a small lexicon.

`lexicon/*.toml` holds the words, `scenes/*.txt` the frames, both written for this project. The modules:

    lexicon.py      words and their forms (plural, article, toddler past, free attributes)
    template.py     one line with `{a|b}` alternatives and `[var.form]` slots
    scenes.py       scene files -> frames, with errors that name file and line
    expand.py       one random dialogue from one frame
    surface.py      how the same line is really said: openers, names, contractions, dropped words
    recogniser.py   the same line as a speech recogniser writes it down
    check.py        what is wrong with the scenes, without building anything
    build.py        a balanced stream of distinct dialogues

and, to measure it against transcripts that a user has:

    transcripts.py  caregiver lines and exchanges of CHAT files, or of a CSV of scored pairs
    forms.py        which kind of question or sentence a line is
    coverage.py     the share of real caregiver lines whose words and forms the corpus knows
    originality.py  the proof that it copies none of them
"""

from __future__ import annotations

from toddler_training.corpus.build import Dialogue, build

__all__ = ["Dialogue", "build"]
