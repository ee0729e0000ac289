"""Every error that this project raises on purpose.

```
ToddlerRobotError            a message that says what happened, to what, and what to do
├── SettingsError            an option, an environment variable or a profile key is wrong
├── MissingExtraError        an optional part is not installed; the message names the pip command
├── ModelError               a model cannot be found, fetched, converted or loaded
│   ├── UnknownModelError    neither a catalogue name nor a .gguf file
│   ├── DownloadError        the network or the remote end failed, or a checksum differs
│   └── ConversionError      the model's files are not what the exporter can write faithfully
├── MindError                the thinking process failed; costs at most one reply
│   ├── MindCrashed          it ended, or wrote something that is no answer
│   └── MindTimeout          it did not answer before its deadline
├── VoiceError               speech could not be synthesised
├── EarError                 listening has failed for good
├── RobotError               a robot cannot be found, reached or driven
├── RecordError              a session record cannot be written or read
├── CorpusError              a lexicon or scene file of the training text cannot be used
└── TrainingStopped          training was interrupted; a checkpoint is saved
```

The command line prints a `ToddlerRobotError` as one line and exits with 2.
"""

from __future__ import annotations


class ToddlerRobotError(Exception):
    """Base of the tree; `str(error)` is one sentence or two, fit to show to a user."""


class SettingsError(ToddlerRobotError):
    """An option, an environment variable or a profile key is wrong."""


class MissingExtraError(ToddlerRobotError):
    """An optional part is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        """Say that `what` needs the extra `extra` of this project."""
        super().__init__(f"{what} needs an optional part: pip install 'toddler-robot[{extra}]'")
        self.extra = extra


class ModelError(ToddlerRobotError):
    """A model cannot be found, fetched, converted or loaded."""


class UnknownModelError(ModelError):
    """Neither a catalogue name nor a .gguf file."""


class DownloadError(ModelError):
    """The network or the remote end failed, or a checksum differs."""


class ConversionError(ModelError):
    """The model's files are not what the exporter can write faithfully."""


class MindError(ToddlerRobotError):
    """The thinking process failed; costs at most one reply."""


class MindCrashed(MindError):
    """The thinking process ended, or wrote something that is no answer."""


class MindTimeout(MindError):
    """The thinking process did not answer before its deadline."""


class VoiceError(ToddlerRobotError):
    """Speech could not be synthesised."""


class EarError(ToddlerRobotError):
    """Listening has failed for good; one can still type."""


class RobotError(ToddlerRobotError):
    """A robot cannot be found, reached or driven."""


class RecordError(ToddlerRobotError):
    """A session record cannot be written or read."""


class CorpusError(ToddlerRobotError):
    """A lexicon or scene file of the training text cannot be used; the message names file, line and remedy."""


class TrainingStopped(ToddlerRobotError):
    """Training was interrupted; a checkpoint is saved."""
