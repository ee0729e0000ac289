"""The transcripts of a folder, a zip or one file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from robot_runtime.errors import SettingsError


def transcript_files(source: Path) -> Iterator[tuple[str, str]]:
    """Yield (path inside the source, text) of every `.cha` file, sorted; bytes that are no UTF-8 become U+FFFD.

    Raises:
        SettingsError: there is nothing there, no transcript in it, or a damaged zip.
    """
    found = False
    try:
        for path, content in _files(source.expanduser()):
            found = True
            yield path, content.decode("utf-8", "replace")
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SettingsError(
            f"cannot read the transcripts of {source}: {error}. Give the zip as TalkBank sends it, or its folder"
        ) from error
    if not found:
        raise SettingsError(f"{source} has no CHAT transcripts (.cha); data.source names a folder, a zip or one file")


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.suffix == ".cha" and path.is_file():
                yield path.relative_to(source).as_posix(), path.read_bytes()
            elif path.suffix == ".zip" and path.is_file():
                yield from _zipped(path)
    elif source.suffix == ".cha":
        yield source.name, source.read_bytes()
    else:
        yield from _zipped(source)


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".cha") and not name.startswith("__MACOSX/"):
                yield name, archive.read(name)
