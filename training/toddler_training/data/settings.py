"""Settings of the step `data`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import SettingsError

CAREGIVERS = (
    "Mother, Father, Grandmother, Grandfather, Relative, Caretaker, Nurse, Teacher, Investigator, Adult, Female, Male, "
    "Visitor, Guest"
)
"""Grown-up roles of the CHAT manual whose bearer talks with the child."""


@dataclass(frozen=True)
class DataSettings:
    """`[data]`. Transcripts come from `source`, from `corpora`, or, where `samples` is set and neither is, from us."""

    source: Path | None = None
    """A folder or zip with `.cha` files anywhere inside (a folder may hold zips), or one `.cha` file."""
    corpora: str = ""
    """Corpora to fetch with your TalkBank login, separated by commas, for instance `Eng-NA/Brown, Eng-NA/MacWhinney`.
    The account (free, https://talkbank.org) is asked for, or taken from the environment variables TALKBANK_EMAIL and
    TALKBANK_PASSWORD; it is neither stored nor shown. The zips stay in the run's folder `talkbank/`."""
    login_url: str = "https://sla2.talkbank.org/logInUser"
    """Where to log in. As the site's own page did in July 2026."""
    data_url: str = "https://talkbank.org/data/childes"
    """Where corpora lie: `<data_url>/<corpus>?f=zip`. As of July 2026."""
    samples: int = 0
    """Exchanges with each of twelve made-up children, 0 to 2000; 0 makes none. For trying out the whole without data:
    the words are this project's own."""
    scored_pairs: Path | None = None
    """A CSV of pairs with scores of coherence, in the form of `pairs_scored.csv` (see `scored.py`), for the reward
    models; made-up ones come with `samples`."""
    youngest_months: int = 24
    """Youngest age of a child whose replies count, in completed months."""
    oldest_months: int = 35
    """Oldest age, in completed months; 24 to 35 is a child of two."""
    caregivers: str = CAREGIVERS
    """Roles, separated by commas, whose turns a pair may begin with. Other children are not among them."""
    keep_gaps: bool = True
    """Whether a turn of which a part was not understood (`xxx`) is kept without that part, as the published code does;
    `false` keeps whole turns only."""
    validation_share: float = 0.1
    """Share of the pairs for choosing among models, in (0, 0.5)."""
    test_share: float = 0.1
    """Share of the pairs for the final figures, in (0, 0.5)."""

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if not 0 <= self.youngest_months <= self.oldest_months:
            raise SettingsError(
                f"youngest_months {self.youngest_months} and oldest_months {self.oldest_months} are no window of ages"
            )
        if not (0 < self.validation_share < 0.5 and 0 < self.test_share < 0.5):
            raise SettingsError(
                f"validation_share {self.validation_share} and test_share {self.test_share} must lie between 0 and 0.5"
            )
        if not 0 <= self.samples <= 2000:
            raise SettingsError(f"samples {self.samples} must be 0 to 2000")
        if self.source is not None and self.corpora:
            raise SettingsError("source and corpora are both set; give one of them")

    def in_window(self, months: float | None) -> bool:
        """Whether a child of that age counts."""
        return months is not None and self.youngest_months <= months < self.oldest_months + 1
