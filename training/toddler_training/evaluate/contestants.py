"""Who is compared: the base, the fine-tuned base, the run's own model, and whoever else is named."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import SettingsError
from robot_runtime.model_store.catalogue import load_catalogue
from robot_runtime.model_store.export import export_gguf
from robot_runtime.model_store.locate import LocatedModel, locate
from robot_runtime.model_store.quantize import quantize
from toddler_training.base.base import base_folder
from toddler_training.base.settings import BaseSettings

BASE, TUNED, TRAINED, CHILDREN = "base", "fine-tuned", "trained", "children"
"""Names in the tables; the last is for the children's own replies."""


@dataclass(frozen=True)
class Contestant:
    """One model."""

    name: str
    """In tables and file names."""
    model: LocatedModel
    """Where it is and how it wants to be asked."""


def contestants(root: Path, base: BaseSettings, others: str, out: Path) -> list[Contestant]:
    """The models to compare, the base first: all others are compared with it.

    Models that come as a Hugging Face folder are converted to Q8_0, as the run's own model is, into `out`.

    Args:
        root: folder of the run.
        base: what the run started from.
        others: `evaluate.models`.
        out: folder for converted models.

    Raises:
        ToddlerRobotError: a model is missing or cannot be read.
    """
    found = [Contestant(BASE, _as_trained(_base(base, out), base))]
    if (root / "sft" / "model").is_dir():
        found.append(Contestant(TUNED, _as_trained(_converted(root / "sft" / "model", out / "sft"), base)))
    found.append(Contestant(TRAINED, _as_trained(locate(str(exported(root))), base)))
    for name in filter(None, (name.strip() for name in others.split(","))):
        taken = {contestant.name for contestant in found} | {CHILDREN}
        folder = Path(name).expanduser()
        model = locate(str(exported(folder))) if (folder / "export").is_dir() else locate(name)
        short = folder.resolve().name if (folder / "export").is_dir() else model.name
        found.append(Contestant(_unlike(taken, short), model))
    return found


def exported(run: Path) -> Path:
    """The GGUF file in Q8_0 of a run.

    Raises:
        SettingsError: there is none, or more than one.
    """
    files = sorted((run / "export").glob("*-q8_0.gguf"))
    if len(files) != 1:
        raise SettingsError(f"{run / 'export'} holds {len(files)} files *-q8_0.gguf where one is wanted: export again")
    return files[0]


def _base(base: BaseSettings, out: Path) -> LocatedModel:
    entry = load_catalogue().get(base.model)
    if base.model.endswith(".gguf") or (entry is not None and entry.bundled):
        return locate(base.model)
    return _converted(base_folder(base), out / "base")


def _converted(folder: Path, stem: Path) -> LocatedModel:
    whole, small = stem.with_name(f"{stem.name}-f16.gguf"), stem.with_name(f"{stem.name}-q8_0.gguf")
    if not small.is_file():
        export_gguf(folder, whole)
        quantize(whole, small, "q8_0")
        whole.unlink()
    return locate(str(small))


def _as_trained(model: LocatedModel, base: BaseSettings) -> LocatedModel:
    """Asked in the words of the training."""
    return dataclasses.replace(model, prompt_format=base.prompt_format, system=base.system)


def _unlike(taken: set[str], name: str) -> str:
    """The name, with a number if it is taken."""
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)
