"""The step `export`: GGUF files for the runtime, verified against the merged model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robot_runtime.model_store.export import export_gguf
from robot_runtime.model_store.locate import KINDS
from robot_runtime.model_store.quantize import quantize
from toddler_training.base.threads import limit_threads
from toddler_training.config import TrainingConfig
from toddler_training.export.agreement import LINES, compare, expected
from toddler_training.export.card import catalogue_entry, model_card
from toddler_training.work import Work


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Write all kinds of files, the model card and the catalogue entry."""
    limit_threads()
    folder, name = work.made("merge", "model"), config.export.name
    files = {kind: work.out / f"{name}-{kind}.gguf" for kind in ("f16", *KINDS)}
    export_gguf(folder, files["f16"], name=name, prompt_format=config.base.prompt_format)
    for kind in KINDS:
        quantize(files["f16"], files[kind], kind)
    wanted = expected(folder, config.base)
    report: dict[str, dict[str, Any]] = {}
    for kind, file in work.progress(files.items(), "verifying", len(files)):
        agreement = compare(file, kind, config.base, wanted)
        report[file.name] = {"bytes": file.stat().st_size, "lines": len(LINES), **agreement}
    (work.out / "README.md").write_text(model_card(work.root, config, report), "utf-8")
    (work.out / "catalogue-entry.toml").write_text(catalogue_entry(config, files[KINDS[0]].name), "utf-8")
    _draw(report, work.out / "plot.png")
    work.tell(f"export: talk with it by: toddler-robot --model {work.root}")
    return {"files": report}


def _draw(report: dict[str, dict[str, Any]], target: Path) -> None:
    """Size against faithfulness."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, about in report.items():
        axes.plot(about["bytes"] / 1e6, about["relative_difference"], "o", label=name)
    axes.set_xlabel("MB")
    axes.set_ylabel("logits off by, in their standard deviations")
    axes.set_yscale("log")
    axes.legend()
    figure.savefig(target, dpi=100)
