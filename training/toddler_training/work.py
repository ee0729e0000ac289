"""The folder of a run, and the bookkeeping of its steps: what was done is not done again."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from robot_runtime.errors import SettingsError

SUMMARY = "summary.json"
"""What a finished step leaves in its folder, written last: without it the step is not done."""

BEGUN = "begun.json"
"""What a step leaves there first: the settings and inputs that it was begun with."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Work:
    """One step at work: where it reads and writes, and how it tells of its progress."""

    root: Path
    """Folder of the run. Each step has a folder of its own name in it."""
    step: str
    """Name of the step."""
    tell: Callable[[str], None] = field(default=lambda line: print(line, file=sys.stderr, flush=True))
    """Called with each line for the user."""
    stop: Callable[[], bool] = field(default=lambda: False)
    """Whether the user wants an end; a long step then saves what it has and raises `TrainingStopped`."""
    first: bool = True
    """Whether this is the only process at the step, or the first of several: the one that clears and writes folders."""
    wait: Callable[[], None] = field(default=lambda: None)
    """Returns when all processes at the step have called it."""

    @property
    def out(self) -> Path:
        """The step's own folder."""
        return self.root / self.step

    def made(self, step: str, file: str = "") -> Path:
        """What an earlier step has made.

        Raises:
            SettingsError: it has not been run.
        """
        if not (self.root / step / SUMMARY).is_file():
            raise SettingsError(
                f"{self.root} has no finished step '{step}', which '{self.step}' reads: "
                f"toddler-robot train {step} --out {self.root}, with the same --config"
            )
        return self.root / step / file

    def progress(self, items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
        """Yield the items; on a terminal, the first process shows a bar."""
        from tqdm import tqdm

        yield from tqdm(items, desc=what, total=total, disable=None if self.first else True, leave=False)


def summary_of(folder: Path) -> dict[str, Any] | None:
    """What a finished step reported, None when it is not finished.

    Raises:
        SettingsError: the file is damaged.
    """
    return _read(folder / SUMMARY)


def do(work: Work, settings: dict[str, Any], needs: Iterable[str], run: Callable[[Work], dict[str, Any]]) -> bool:
    """Do a step, unless it was done with the same settings from the same inputs.

    A step that was done with others is done afresh, and what it made before is kept beside it, in `<step>.previous`,
    until the next time. One that was cut short finds its folder as it left it, together with the mark `begun.json` of
    what it was begun with. Several processes at a step all call this; the first of them keeps the books.

    Args:
        work: the step.
        settings: what it depends on, of JSON types.
        needs: the steps that it reads.
        run: does it, and returns its report, of JSON types.

    Returns:
        Whether there was anything to do.

    Raises:
        SettingsError: an earlier step has not been run, or a file of the books is damaged or cannot be written.
    """
    about = {"settings": settings, "inputs": {need: _fingerprint(work, need) for need in needs}}
    done = summary_of(work.out)
    begun = _read(work.out / BEGUN)
    work.wait()  # all have read what the first is about to change
    if done is not None and {key: done.get(key) for key in about} == about:
        work.tell(f"{work.step}: already there")
        return False
    if work.first:
        _prepare(work, about, begun)
    work.wait()
    work.tell(f"{work.step} ...")
    began = time.monotonic()
    report = run(work)
    work.wait()
    if work.first:
        summary = {
            "step": work.step,
            **about,
            "seconds": round(time.monotonic() - began, 1),
            "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "report": report,
        }
        _write(work.out / SUMMARY, summary)
    work.tell(f"{work.step}: done in {time.monotonic() - began:.0f} s")
    return True


def _prepare(work: Work, about: dict[str, Any], begun: dict[str, Any] | None) -> None:
    """Leave a folder in which the step can begin, or go on with what it has begun."""
    if work.out.is_dir() and begun != about:
        previous = work.root / f"{work.step}.previous"
        shutil.rmtree(previous, ignore_errors=True)
        work.out.replace(previous)
        changed = dict(_leaves(begun or {}).items() ^ _leaves(about).items())
        work.tell(f"{work.step}: other {', '.join(sorted(changed))} than before; what was made then is in {previous}")
    try:
        work.out.mkdir(parents=True, exist_ok=True)
        (work.out / SUMMARY).unlink(missing_ok=True)
        _write(work.out / BEGUN, about)
    except OSError as error:
        raise SettingsError(f"cannot write into the folder of the run, {work.root}: {error}") from error


def _leaves(table: dict[str, Any], before: str = "") -> dict[str, str]:
    """The values in a table of tables, as JSON, under names like `settings.grpo.steps`."""
    leaves: dict[str, str] = {}
    for key, value in table.items():
        name = f"{before}{key}"
        leaves |= _leaves(value, f"{name}.") if isinstance(value, dict) else {name: json.dumps(value)}
    return leaves


def _read(path: Path) -> dict[str, Any] | None:
    """What a file of the books says, None where there is none."""
    if not path.is_file():
        return None
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read {path}: {error}; delete it, and the step is done again") from error
    return content


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a file of the books, which appears only when it is complete."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    new.replace(path)


def _fingerprint(work: Work, step: str) -> str:
    """Checksum of what an earlier step was made from and reported: another result is another input."""
    done = summary_of(work.made(step)) or {}
    content = {key: done.get(key) for key in ("settings", "inputs", "report")}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
