"""The card of a reward model, written from what it was really made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

ABOUT = {
    "childish": "RM-1: how childish an utterance is. Reads the reply alone; the labels are soft, from the age of the "
    "child that said it.",
    "coherence": "RM-2: how well a child's reply fits the caregiver's line. Reads both.",
    "clarity": "RM-4: how well a caregiver's line can be understood by itself. Reads that line alone.",
}


LOSSES = (
    "binary cross-entropy on soft labels",
    "each line of a batch to find its own reply among the others', and to prefer it to a worse one, no judge's score "
    "learnt from",
)
"""Of a classifier, and of a `Match`."""


def write_card(folder: Path, name: str, report: Mapping[str, Any]) -> None:
    """Write README.md.

    Args:
        folder: of the model.
        name: of the reward.
        report: as in metrics.json.
    """
    lines = [
        "---",
        "license: other",
        "license_name: see-below",
        "pipeline_tag: text-classification",
        "language: en",
        "---",
        f"# toddler-robot reward model: {name}",
        "",
        ABOUT[name],
        "",
        f"A {report['architecture']} with one output; its sigmoid is the score. `reward.json` says what it reads. "
        "Load it with `toddler_training.rewards.reward.load_learned`.",
        "",
    ]
    if "model" in report:
        lines += [f"Taken as it is from `{report['model']}`; not trained here."]
    else:
        lines += _training(report)
    lines += [
        "",
        "## Terms",
        "The text that a model learns from sets its terms. TalkBank's transcripts (CHILDES) are CC BY-NC-SA 3.0: a "
        "model made of them is for non-commercial use, under the same terms, citing MacWhinney (2000), The CHILDES "
        "Project, and the corpora that were used. Not for the assessment of children.",
    ]
    (folder / "README.md").write_text("\n".join(lines) + "\n", "utf-8")


def _training(report: Mapping[str, Any]) -> list[str]:
    loss = LOSSES[report["architecture"] == "Match"]
    lines = [
        "## Training",
        f"From `{report['base']}`, {loss}, {report['steps']} steps, the best at step "
        f"{report['best_step']} by the loss on children that it did not learn from.",
        "",
        "| split | examples | children |",
        "|---|---|---|",
    ]
    for split, counts in report["data"].items():
        lines.append(f"| {split} | {counts['examples']} | {counts['children']} |")
    for split in ("validation", "test"):
        figures = report.get(split)
        if figures is None:
            continue
        lines += [
            "",
            f"## On the {split} children",
            "| | examples | AUC | Spearman |",
            "|---|---|---|---|",
            _row("all", figures),
            *(_row(f"labels: {source}", found) for source, found in figures["sources"].items()),
            *(_row(child, found) for child, found in figures["children"].items()),
            "",
            f"AUC: labels of {figures['threshold']} and more against the others. Calibration error "
            f"{figures['calibration_error']}, see calibration.png.",
        ]
        if figures["against"]:
            against = ", ".join(f"{source} {value}" for source, value in figures["against"].items())
            lines.append(f"AUC of true exchanges against: {against}.")
    return lines


def _row(name: str, figures: Mapping[str, Any]) -> str:
    shown = ("-" if figures[key] is None else f"{figures[key]:.3f}" for key in ("auc", "spearman"))
    return f"| {name} | {figures['examples']} | {' | '.join(shown)} |"
