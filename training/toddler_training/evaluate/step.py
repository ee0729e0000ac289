"""The step `evaluate`: models compared on held-out pairs, as a table, plots and a page."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot_runtime.errors import SettingsError
from toddler_training.base.threads import limit_threads
from toddler_training.bundled.answers import read_questions
from toddler_training.chat_server import ChatServer
from toddler_training.config import TrainingConfig
from toddler_training.data.tables import read_rows
from toddler_training.evaluate.bootstrap import resamples
from toddler_training.evaluate.comparison import RANKED, RAW, Row, compared
from toddler_training.evaluate.contestants import CHILDREN, Contestant, contestants
from toddler_training.evaluate.features import Counter, Features, Norms, Said, childes_lengths, length_class, shares
from toddler_training.evaluate.gold import surprises
from toddler_training.evaluate.judge import judge_all
from toddler_training.evaluate.measures import measures
from toddler_training.evaluate.norms import read_ages, read_early_words
from toddler_training.evaluate.replies import TALK, Asking, answer_all, converse
from toddler_training.evaluate.settings import EvaluateSettings
from toddler_training.rewards.reward import Reward, load_rewards
from toddler_training.work import Work

EXAMPLES = 20
"""Held-out lines on the page with everybody's replies."""

SOURCES = (
    "CHILDES: MacWhinney, B. (2000). The CHILDES Project: tools for analyzing talk, 3rd edition; and the corpora named "
    "above. TalkBank data are CC BY-NC-SA 3.0: this page quotes them, keep it to yourself.",
    "RM-1, RM-2, RM-3: Levandovsky, Manaseryan and Kennington (2025). Learning to Speak Like a Child. SIGDIAL.",
    "Ages of acquisition: Kuperman, Stadthagen-Gonzalez and Brysbaert (2012). Behavior Research Methods 44, 978-990.",
    "Words by age: the MacArthur-Bates CDI in Wordbank, Frank and others (2017). J. Child Language 44, 677-694.",
)
"""Whom a page owes what."""


@dataclass(frozen=True)
class HeldOut:
    """A pair that training has not seen."""

    caregiver: str
    """What was said to the child."""
    child_reply: str
    """What it answered."""
    child: str
    """Corpus and name."""


@dataclass(frozen=True)
class Scored:
    """By what replies are scored."""

    rewards: Mapping[str, Reward]
    """By name."""
    weights: Mapping[str, float]
    """Of those that training adds up."""


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Compare the models of the run, and others that are named.

    Raises:
        ToddlerRobotError: a model, a norm or an earlier step is missing.
        TrainingStopped: it was cut short; what was answered and judged is kept.
    """
    limit_threads()
    settings = config.evaluate
    norms = _norms(settings)
    talk = read_questions(settings.talk) if settings.talk else list(TALK)
    pairs, lengths = held_out(work.made("data", "pairs.parquet"), settings.pairs, settings.seed)
    scored = Scored(load_rewards(work.made("rewards")), config.grpo.weights)
    work.made("export")
    asked = contestants(work.root, config.base, settings.models, work.out / "models")
    asking = Asking(settings.candidates, settings.temperature, settings.seed)
    counter = Counter(norms)
    rows = []
    for contestant in asked:
        raw, ranked = _replies(work, contestant, pairs, asking)
        rows.append(_row(contestant.name, RAW, pairs, raw, scored, counter))
        _add_surprise(work, contestant, pairs, rows[-1].features)
        rows.append(_row(contestant.name, RANKED, pairs, ranked, scored, counter))
    rows.append(_row(CHILDREN, RAW, pairs, [pair.child_reply for pair in pairs], scored, counter))
    if settings.judge_url:
        _judge(work, settings, pairs, rows)
    length_norms = {"CHILDES": childes_lengths(), "training": lengths}
    months = norms.early.months if norms.early else ()
    drawn = resamples(len(pairs), settings.draws, settings.seed)
    table = compared(rows, measures(months, length_norms), length_norms, drawn)
    table["about"] = _about(pairs, asked)
    table["sources"] = SOURCES
    table["talks"] = {contestant.name: converse(contestant.model, talk, asking) for contestant in asked}
    table["examples"] = _examples(pairs, rows, settings.seed)
    _write(work.out, pairs, rows, table)
    return _summary(table)


def held_out(path: Path, most: int, seed: int) -> tuple[list[HeldOut], dict[int, float]]:
    """The pairs of the test split, `most` of them by lot, and the lengths of the replies of the other splits.

    Raises:
        SettingsError: no pair is held out.
    """
    rows = read_rows(path, "caregiver", "child_reply", "child", "split")
    pairs = [HeldOut(line, reply, child) for line, reply, child, split in rows if split == "test"]
    if not pairs:
        raise SettingsError(f"{path} holds no pair of the split 'test': there is nothing to evaluate on")
    chosen = sorted(random.Random(seed).sample(range(len(pairs)), min(most, len(pairs))))
    counts: dict[int, float] = {}
    for _, reply, _, split in rows:
        if split != "test":
            length = length_class(reply)
            counts[length] = counts.get(length, 0.0) + 1
    return [pairs[place] for place in chosen], shares(counts)


def _norms(settings: EvaluateSettings) -> Norms:
    return Norms(
        ages=read_ages(settings.aoa_norms) if settings.aoa_norms else None,
        adult_years=settings.adult_years,
        early=read_early_words(settings.cdi_norms) if settings.cdi_norms else None,
    )


def _replies(
    work: Work, contestant: Contestant, pairs: Sequence[HeldOut], asking: Asking
) -> tuple[list[str | None], list[str | None]]:
    """Raw and ranked."""
    replies = answer_all(
        contestant.model,
        [pair.caregiver for pair in pairs],
        asking,
        work.out / f"replies-{contestant.name}.jsonl",
        work.stop,
        lambda numbers: work.progress(numbers, contestant.name),
    )
    return [reply.candidates[0] for reply in replies], [reply.chosen for reply in replies]


def _row(
    model: str,
    column: str,
    pairs: Sequence[HeldOut],
    replies: Sequence[str | None],
    scored: Scored,
    counter: Counter,
) -> Row:
    said = [Said(pair.caregiver, reply) for pair, reply in zip(pairs, replies, strict=True)]
    features = [counter.count(each) for each in said]
    given = [place for place, reply in enumerate(replies) if reply is not None]
    lines, spoken = [said[place].caregiver for place in given], [said[place].reply or "" for place in given]
    for name, weight in scored.weights.items():
        for place, score in zip(given, scored.rewards[name].score(lines, spoken), strict=True):
            features[place][name] = score
            features[place]["reward"] = features[place].get("reward", 0.0) + weight * score
    rules = [counter.rules(each) if each.reply is not None else () for each in said]
    return Row(model, column, replies, features, rules)


def _add_surprise(work: Work, contestant: Contestant, pairs: Sequence[HeldOut], features: Sequence[Features]) -> None:
    kept = work.out / f"surprise-{contestant.name}.json"
    if not kept.is_file():
        work.tell(f"{contestant.name}: reading the children's replies")
        found = surprises(contestant.model, [pair.caregiver for pair in pairs], [pair.child_reply for pair in pairs])
        kept.write_text(json.dumps(found), encoding="utf-8")
    for pair, each, surprise in zip(pairs, features, json.loads(kept.read_text("utf-8")), strict=True):
        each |= {"surprise": surprise, "gold_words": float(len(pair.child_reply.split()))}


def _judge(work: Work, settings: EvaluateSettings, pairs: Sequence[HeldOut], rows: Sequence[Row]) -> None:
    verdicts = judge_all(
        ChatServer(
            settings.judge_url, settings.judge_model, os.environ.get(settings.judge_key) or None, stop=work.stop
        ),
        [(pair.caregiver, reply) for row in rows for pair, reply in zip(pairs, row.replies, strict=True) if reply],
        work.root / "judged.jsonl",  # beside the steps: what was paid for outlives a change of settings
        settings.seed,
        work.stop,
        lambda judged, total: work.progress(judged, "judged", total),
    )
    for row in rows:
        for pair, reply, features in zip(pairs, row.replies, row.features, strict=True):
            if reply is not None:
                features |= {"judged": float(bool(reply) and verdicts[pair.caregiver, reply]), "judged_replies": 1.0}


def _about(pairs: Sequence[HeldOut], asked: Sequence[Contestant]) -> list[str]:
    children = sorted({pair.child for pair in pairs})
    named = ", ".join(children) if len(children) <= 6 else f"{len(children)} children"
    return [f"{len(pairs)} pairs of {named}", *(f"{each.name}: {each.model.path.name}" for each in asked)]


def _examples(pairs: Sequence[HeldOut], rows: Sequence[Row], seed: int) -> list[dict[str, Any]]:
    chosen = sorted(random.Random(seed).sample(range(len(pairs)), min(EXAMPLES, len(pairs))))
    raw = [row for row in rows if row.column == RAW]
    return [
        {"caregiver": pairs[place].caregiver, "replies": {row.model: row.replies[place] for row in raw}}
        for place in chosen
    ]


def _write(out: Path, pairs: Sequence[HeldOut], rows: Sequence[Row], table: dict[str, Any]) -> None:
    import pyarrow
    from pyarrow import parquet

    from toddler_training.evaluate.plots import figures_plot, png
    from toddler_training.evaluate.report import report

    lines: list[dict[str, Any]] = [
        {"model": row.model, "column": row.column, "child": pair.child, "caregiver": pair.caregiver}
        | {"child_reply": pair.child_reply, "reply": reply, "rules": ", ".join(rules), **features}
        for row in rows
        for pair, reply, rules, features in zip(pairs, row.replies, row.rules, row.features, strict=True)
    ]
    names = list(dict.fromkeys(name for line in lines for name in line))
    whole = {name: [line.get(name) for line in lines] for name in names}
    parquet.write_table(pyarrow.table(whole), out / "replies.parquet")
    (out / "table.json").write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "plot.png").write_bytes(png(figures_plot(table)))
    (out / "report.html").write_text(report(table), encoding="utf-8")


def _summary(table: dict[str, Any]) -> dict[str, Any]:
    """What the summary keeps of the table: every figure without its interval, and the differences of the rewards."""
    kept: dict[str, Any] = {"pairs": table["pairs"]}
    for row in table["rows"]:
        figures = {key: found["value"] for key, found in row["figures"].items() if not key.startswith("early_")}
        gained = {
            key: {name: found["difference"][name] for name in ("value", "low", "high", "p")}
            for key, found in row["figures"].items()
            if key in ("reward", "childish", "coherence", "length", "judged") and found["difference"]
        }
        kept[f"{row['model']}, {row['column']}"] = {"figures": figures, "against_base": gained}
    return kept
