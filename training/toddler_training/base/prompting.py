"""Prompts and replies as token ids, exactly as the runtime's worker gives them to llama.cpp.

Pieces are tokenised one by one; control tokens are read in markup only (robot_runtime/mind/prompt.py says why).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from robot_runtime.errors import SettingsError
from robot_runtime.mind.prompt import Piece, PromptFormat, prompt_format


class Prompter:
    """One prompt format in the ids of one tokenizer."""

    def __init__(self, tokenizer: Any, format_name: str, system: str | None = None) -> None:
        """Prepare for prompts.

        Args:
            tokenizer: a `PreTrainedTokenizerFast`; it is not changed.
            format_name: a name in robot_runtime/mind/prompt_formats.toml.
            system: system text, None for the format's own.

        Raises:
            SettingsError: there is no such format, or its markup is no control token of this tokenizer.
        """
        from tokenizers import Tokenizer

        self.format: PromptFormat = prompt_format(format_name)
        written = tokenizer.backend_tokenizer.to_str()
        self._markup, self._speech = Tokenizer.from_str(written), Tokenizer.from_str(written)
        self._speech.encode_special_tokens = True  # "as text", which is what the property's name leaves out
        self._tokenizer = tokenizer
        self._opening = self.ids(self.format.opening(system))
        end = self.ids([Piece(self.format.child_after, True)])
        if not end or end[0] not in tokenizer.all_special_ids + list(tokenizer.added_tokens_decoder):
            raise SettingsError(
                f"the prompt format '{format_name}' ends a reply with {self.format.child_after!r}, which is no control "
                "token of this model: set base.prompt_format to the format that the model was trained on"
            )
        self.end_id = int(end[0])
        """What the model has to say when a reply is finished."""

    def ids(self, pieces: Sequence[Piece]) -> list[int]:
        """Token ids of pieces of a prompt."""
        tokens: list[int] = []
        for piece in pieces:
            text = piece.text.encode("utf-8", "replace").decode("utf-8")
            encoder = self._markup if piece.markup else self._speech
            tokens += encoder.encode(text, add_special_tokens=False).ids
        return tokens

    def prompt_ids(self, caregiver: str) -> list[int]:
        """The whole prompt of a first turn, up to where the model goes on."""
        return self._opening + self.ids(self.format.question(caregiver))

    def reply_ids(self, reply: str) -> list[int]:
        """A reply as the model should write it, with the token that ends it."""
        return [*self.ids([Piece(reply, False)]), self.end_id]

    def decode(self, ids: Sequence[int]) -> str:
        """What a model wrote, without control tokens and outer white space."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True)).strip()
