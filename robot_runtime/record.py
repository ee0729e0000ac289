"""The record of a session: one folder, one line of JSON an event, one WAV an utterance.

`events.jsonl` is appended and flushed event by event, each written before it is acted on; whatever kills the program,
what was written stays. Every line has `v` (schema version), `n` (0, 1, 2, ...), `t` (seconds of one monotonic clock
since the session began), `wall` (UTC, ISO 8601) and `type`; the rest depends on the type:

| type | says |
|---|---|
| session_started | `versions`, `model`, `settings`, `computer`, `seed` |
| ready | `model_sha256`, `mind` (parameters, threads, context, load_ms), `voice`, `duplex` (it can be interrupted by
  voice) |
| speech_began | `at_s`: when the voice began, in seconds of the ear's own clock, as in the next three |
| partial | `text` so far, `at_s` |
| heard | `text`, `confidence`, `words` (text, start, end, confidence), `speech_end_s`, `endpoint_s`, `wav`, `draft` (a
  reply was at hand), `fate` (answered; unclear: asked about; ignored; echo: the robot's own words;
  back_channel: no more than "uh huh", while the robot spoke) |
| nothing_heard | `speech_end_s`, `endpoint_s` |
| early_thinking | at the end of listening: `drafts`, `hits`, `waits_ms` |
| caregiver_said | `utterance` (id), `text`, `source` (keyboard; microphone; body: nobody said it, but something that
  happened to the robot amounts to it), `denied` (what the deny list found in it) |
| thought | `utterance`, `candidates` with scores and refusals, tokens, `stages_ms`, `failure` of the mind, `early` (it
  was thought before the caregiver had finished), `drafted_s_ago` (when, null if it was not) |
| child_says | `utterance` (id), `answers` (id), `text`, `source` (model, canned), `expression`, `wav`, `seconds` |
| speech_started | `utterance`: its first sample went out |
| barge_in | `utterance` that was stopped, `why` (voice, touch, line, body, stop, end), `evidence` (for a voice:
  `word`, `partial`, `voice_s` and `word_s`, when the voice began and the word was known), `silent_ms` from then on,
  `played_s`, `heard_words` (how many words of it were played) |
| resumed | `utterance` that goes on, since nobody had anything to say, `word` (number of the first one, from 0) |
| turn_completed | `utterance`, `answers`, `stages_ms`, `interrupted`, `stopped` (why; as in barge_in, null if it was
  not), `resumed` (how often), `played_s`, `heard_words`, `heard` (the words that were played) |
| robot_event | `kind`, `data` |
| stimulus_dropped | `kind` of a robot event that is not answered, `why` (disabled, cooldown, waiting, full, expired,
  ended) |
| stop, resume | the caregiver stopped the robot; let it go on |
| notice | `text` shown to the user |
| session_ended | `turns`, `why` |
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from robot_runtime.errors import RecordError
from robot_runtime.voice.speech import Speech

SCHEMA = 1
"""Version of the event schema."""

EVENTS = "events.jsonl"
"""File name of the event log in a session folder."""


class Record:
    """An open session folder; one without a folder keeps nothing."""

    def __init__(self, parent: Path | None) -> None:
        """Make a session folder below `parent`, or none if that is None.

        Raises:
            RecordError: the folder cannot be made or written.
        """
        self._started = time.monotonic()
        self._count = 0
        self._utterances = 0
        self._watcher: Callable[[dict[str, Any]], None] | None = None
        self.folder: Path | None = None
        """The session's own folder."""
        if parent is None:
            return
        name = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
        try:
            self.folder = _fresh_folder(parent, name)
            # What UTF-8 cannot hold (half a surrogate pair) is written as the escape that JSON has for it.
            self._file = open(self.folder / EVENTS, "x", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise RecordError(f"cannot record to {parent}: {error.strerror or error}") from error

    def utterance(self) -> str:
        """A new utterance id, "u1", "u2", ..."""
        self._utterances += 1
        return f"u{self._utterances}"

    def watch(self, watcher: Callable[[dict[str, Any]], None]) -> None:
        """Tell `watcher` each event from now on, once it is written; also where nothing is kept."""
        self._watcher = watcher

    def event(self, type: str, **fields: Any) -> None:
        """Append one event.

        Raises:
            RecordError: the disk does not take it.
        """
        if self.folder is None and self._watcher is None:
            return
        line = {
            "v": SCHEMA,
            "n": self._count,
            "t": round(time.monotonic() - self._started, 6),
            "wall": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "type": type,
            **fields,
        }
        self._count += 1
        if self.folder is not None:
            try:
                print(json.dumps(line, ensure_ascii=False, default=str), file=self._file, flush=True)
                if type == "turn_completed":
                    os.fsync(self._file.fileno())
            except OSError as error:
                raise RecordError(f"cannot write to {self.folder / EVENTS}: {error.strerror or error}") from error
        if self._watcher:
            self._watcher(line)

    def wav(self, utterance: str, speech: Speech) -> str | None:
        """Keep what is going to be played; returns the file's name in the session folder."""
        if self.folder is None or not speech.pcm.size:
            return None
        name = f"{utterance}.wav"
        try:
            speech.write_wav(self.folder / name)
        except OSError as error:
            raise RecordError(f"cannot write {self.folder / name}: {error.strerror or error}") from error
        return name

    def close(self, why: str, turns: int) -> None:
        """Write the last event."""
        if self.folder is not None:
            with self._file:
                self.event("session_ended", why=why, turns=turns)


def read_events(session: Path) -> Iterator[dict[str, Any]]:
    """The events of a session folder in order; a last line that was cut off is passed over.

    Raises:
        RecordError: there is no record, or another line than the last is damaged.
    """
    path = session / EVENTS
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror or error}") from error
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            yield json.loads(line)
        except ValueError:
            if number == len(lines):  # no line end: the writer was stopped in the middle
                return
            raise RecordError(f"{path}:{number} is damaged: not JSON") from None


def _fresh_folder(parent: Path, name: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    for suffix in ["", *(f"-{n}" for n in range(2, 1000))]:
        try:
            (parent / (name + suffix)).mkdir()
        except FileExistsError:
            continue
        return parent / (name + suffix)
    raise RecordError(f"too many sessions of one second in {parent}")
