"""Our files on the robot: few, known by their names, and never more than `MOST`.

Faces have names with a hash of what they are drawn from, so that those that are there need not be drawn. Utterances
take turns in a ring of names. What is said again and again keeps a file of its own, named for its content, so that it
is still known in the next conversation.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from misty_adapter.connection.client import ANSWER_S, BODY, SPEECH, UPLOAD_BYTES_S, CallError, Client
from misty_adapter.connection.messages import text
from robot_runtime.errors import RobotError

PREFIX = "toddler-robot-"
"""How all names of ours begin; what begins so and is none of ours any more is deleted."""

FACE_PREFIX = PREFIX + "face-"
"""How names of faces begin."""

KEPT_PREFIX = PREFIX + "kept-"
"""How names of utterances begin that are kept."""

RING = tuple(f"{PREFIX}{number}.wav" for number in range(4))
"""Names that utterances take in turn, so that a file is not replaced while it plays."""

KEPT = 6
"""Utterances that are kept."""

KEPT_S = 3.0
"""Longest utterance that is kept: fillers and canned lines are shorter."""

KEPT_FROM = 2
"""How often an utterance has to be said to be kept."""

COUNTED = 256
"""Utterances whose repetitions are counted."""

UPLOADS = 3
"""How often a file is uploaded that is not kept."""

MOST = 32
"""Most files of ours; near 2,470 of anybody's a robot is said to hang."""

FILE_BYTES = 3_000_000
"""Largest file (documented: 3 MB)."""


class Assets:
    """See the module's docstring."""

    def __init__(self, client: Client) -> None:
        """Know of no file yet."""
        self._client = client
        self._ring = itertools.cycle(RING)
        self._kept: OrderedDict[str, bool] = OrderedDict()
        self._said: Counter[str] = Counter()
        self._tells_names = False

    async def prepare(self, pictures: Mapping[str, Callable[[], bytes]]) -> None:
        """Draw and upload the pictures that are missing, delete old files of ours, learn which utterances are kept.

        Raises:
            CallError: the robot does not take a picture.
        """
        there = _names(await self._client.get("images/list"))
        for name in there:
            if name.startswith(FACE_PREFIX) and name not in pictures:
                await self._remove("images", name)
        for name, draw in pictures.items():
            if name not in there:
                await self._upload("images", name, await asyncio.to_thread(draw), BODY)
        ours = [name for name in _names(await self._client.get("audio/list")) if name.startswith(PREFIX)]
        self._kept = OrderedDict((name, True) for name in ours if name.startswith(KEPT_PREFIX))
        for name in ours:
            if name not in RING and name not in self._kept:
                await self._remove("audio", name)
        await self._make_room(KEPT)

    async def place(self, wav: bytes, seconds: float) -> str:
        """Bring an utterance of that length to the robot, unless it is there; returns its name.

        Raises:
            RobotError: it is too long, or the robot does not take it.
        """
        if len(wav) > FILE_BYTES:
            raise RobotError(f"an utterance of {seconds:.0f} s is too long for Misty, which takes 3 MB")
        name = f"{KEPT_PREFIX}{hashlib.sha256(wav).hexdigest()[:12]}.wav"
        if self._kept.get(name):
            self._kept.move_to_end(name)
            return name
        if name in self._kept or (seconds <= KEPT_S and self._often(name) and await self._make_room(KEPT - 1)):
            self._kept[name] = False
            await self._upload("audio", name, wav, SPEECH)
            self._kept[name] = True
        else:
            name = next(self._ring)
            await self._upload("audio", name, wav, SPEECH)
        return name

    def doubt(self, name: str) -> None:
        """A file was not played: whatever is wrong with it, it is uploaded again before it is played again."""
        if name in self._kept:
            self._kept[name] = False

    def _often(self, name: str) -> bool:
        self._said[name] += 1
        if len(self._said) > COUNTED:
            self._said = Counter(dict(self._said.most_common(COUNTED // 2)))
        return self._said[name] >= KEPT_FROM

    async def _make_room(self, most: int) -> bool:
        """Delete the kept utterances that were said longest ago, until there are not more than `most`."""
        while len(self._kept) > most:
            name = next(iter(self._kept))
            try:
                await self._remove("audio", name)
            except CallError:
                return False
            del self._kept[name]
        return True

    async def _upload(self, kind: str, name: str, data: bytes, rank: int) -> None:
        # Base64 in JSON, as the vendor's own SDK does it; uploading and then playing is faster than ImmediatelyApply
        # (reported from a robot).
        for _ in range(UPLOADS):
            answer = await self._client.post(
                kind, rank=rank, limit_s=ANSWER_S + 1.4 * len(data) / UPLOAD_BYTES_S, FileName=name,
                Data=base64.b64encode(data).decode(), ImmediatelyApply=False, OverwriteExisting=True,
            )  # fmt: skip
            # A robot that answers and does nothing would play what had the name before. The answer to an upload that
            # was carried out names the file (documented); in case some firmware does not, that has to be seen first.
            told = name in str(answer)
            self._tells_names = self._tells_names or told
            if told or not self._tells_names:
                return
        raise CallError(f"Misty takes {name} and does not keep it: restart it")

    async def _remove(self, kind: str, name: str) -> None:
        try:
            await self._client.delete(kind, FileName=name)
        except CallError as error:
            if error.status != 404:
                raise


def _names(files: Any) -> list[str]:
    """The names in a list of files."""
    return [name for entry in files if (name := text(entry, "name"))] if isinstance(files, list) else []
