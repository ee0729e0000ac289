"""Unpacking a ZIP archive that nobody vouches for: nothing outside the folder, no links, no endless data."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from robot_runtime.errors import ModelError

MOST_BYTES = 500_000_000
"""Of all unpacked files together; more than small models have, and less than disks."""
MOST_FILES = 1000
"""Entries of one archive; a Vosk model has about twenty."""
BLOCK = 1 << 16


def unpack(archive: Path, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
    """Unpack an archive whose entries all lie in one top folder; that folder becomes `folder`, which must not exist.

    On an error nothing is left of `folder`.

    Raises:
        ModelError: the archive is damaged, too large, or would write where it must not.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            entries = [(_place(entry), entry) for entry in zipped.infolist()]
            if len(entries) > MOST_FILES or len({place.parts[0] for place, _ in entries}) != 1:
                raise ModelError(f"{archive.name} is no model: it must hold one folder with at most {MOST_FILES} files")
            left = most_bytes
            for place, entry in entries:
                target = folder.joinpath(*place.parts[1:])
                (target if entry.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
                if not entry.is_dir():
                    left = _write(zipped, entry, target, left)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ModelError(f"cannot unpack {archive.name}: {error}") from error
    except ModelError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _place(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Where an entry belongs, relative to where it is unpacked."""
    place = PurePosixPath(entry.filename)
    bad = place.is_absolute() or not place.parts or ".." in place.parts or any(c in entry.filename for c in "\\:\0")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if bad or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ModelError(f"refusing to unpack {entry.filename!r}: it is a link or would leave the model's folder")
    return place


def _write(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one file; what an archive says about its sizes is not believed.

    Returns:
        How many bytes may still follow.
    """
    with zipped.open(entry) as source, target.open("xb") as stream:
        while block := source.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise ModelError(f"refusing to unpack {entry.filename!r}: the archive grows beyond all measure")
            stream.write(block)
    return left
