"""The check: which of the model's candidates a toddler may say, and which of them is best.

`tidy` makes one sentence of the raw text, `Check.rank` judges the candidates of a turn and chooses, `CannedLines`
helps out when none may be spoken. `find` (deny list) and `kind_of` look at the caregiver's line.
"""

from robot_runtime.check.canned import CannedLines, pick_fresh
from robot_runtime.check.check import Check, CheckSettings, Weights
from robot_runtime.check.deny import Denied, find
from robot_runtime.check.echo import EchoLimits
from robot_runtime.check.kind import Kind, kind_of
from robot_runtime.check.sentence import tidy
from robot_runtime.check.verdict import Ranking, Refusal, Verdict

__all__ = [
    "CannedLines",
    "Check",
    "CheckSettings",
    "Denied",
    "EchoLimits",
    "Kind",
    "Ranking",
    "Refusal",
    "Verdict",
    "Weights",
    "find",
    "kind_of",
    "pick_fresh",
    "tidy",
]
