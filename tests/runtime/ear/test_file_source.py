from __future__ import annotations

import struct
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from robot_runtime.ear.blocks import BLOCK_SAMPLES, Block, BlockCutter
from robot_runtime.ear.conversion import Conversion
from robot_runtime.ear.file_source import FileSource
from robot_runtime.ear.sources import Source, open_source
from robot_runtime.errors import SettingsError


def write_wav(path: Path, pcm: NDArray[np.int16], rate: int = 16000, width: int = 2) -> Path:
    """Samples of shape (n,) or (n, channels)."""
    data = pcm.astype("<i4") << 16
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if pcm.ndim == 1 else pcm.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        if width == 1:
            file.writeframes(((pcm >> 8) + 128).astype(np.uint8).tobytes())
        else:
            file.writeframes(data.reshape(-1, 1).view(np.uint8)[:, 4 - width :].tobytes())
    return path


def tone(rate: int, seconds: float = 1.0) -> NDArray[np.int16]:
    return (8000 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


async def heard(source: Source) -> NDArray[np.int16]:
    blocks = [block async for block in source.blocks()]
    assert [block.first for block in blocks] == list(range(0, BLOCK_SAMPLES * len(blocks), BLOCK_SAMPLES))
    return np.concatenate([block.pcm for block in blocks])


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
async def test_any_rate_and_any_channels(tmp_path: Path, rate: int, channels: int) -> None:
    pcm = tone(rate) if channels == 1 else np.stack([tone(rate)] * channels, axis=1)
    source = FileSource(write_wav(tmp_path / "a.wav", pcm, rate), realtime=False, silence_s=0.5)
    sound = (await heard(source)).astype(np.int64)
    assert len(sound) == pytest.approx(24000, abs=320)
    difference = sound[200:15800] - tone(16000)[200:15800]
    assert np.abs(difference).max() < 200 and not sound[16200:].any()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
async def test_any_width(tmp_path: Path, width: int) -> None:
    source = open_source(write_wav(tmp_path / "a.wav", tone(16000), width=width), realtime=False)
    difference = (await heard(source))[:16000].astype(np.int64) - tone(16000)
    assert np.abs(difference).max() <= (255 if width == 1 else 0)


@pytest.mark.parametrize(("tag", "refused"), [(1, ""), (3, "kind 3")])
async def test_the_extensible_kind_is_heard_if_its_samples_are_integers(tmp_path: Path, tag: int, refused: str) -> None:
    pcm = np.stack([tone(48000)] * 2, axis=1)
    guid = struct.pack("<H", tag) + bytes.fromhex("000000001000800000aa00389b71")
    form = struct.pack("<HHLLHHHHL", 0xFFFE, 2, 48000, 192000, 4, 16, 22, 16, 3) + guid
    chunks = [(b"fmt ", form), (b"LIST", b"odd"), (b"data", pcm.astype("<i2").tobytes())]
    body = b"".join(struct.pack("<4sL", name, len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    (tmp_path / "a.wav").write_bytes(struct.pack("<4sL4s", b"RIFF", 4 + len(body), b"WAVE") + body)
    if refused:
        with pytest.raises(SettingsError, match=refused):
            FileSource(tmp_path)
        return
    sound = await heard(FileSource(tmp_path, realtime=False, silence_s=0))
    assert np.abs(sound[200:15800].astype(np.int64) - tone(16000)[200:15800]).max() < 200


async def test_a_folder_in_order_of_names(tmp_path: Path) -> None:
    for name, value in {"b.WAV": 2, "a.wav": 1, "c.wav": 3}.items():
        write_wav(tmp_path / name, np.full(640, value, np.int16))
    (tmp_path / "notes.txt").write_text("not sound")
    sound = await heard(FileSource(tmp_path, realtime=False, silence_s=0.02))
    assert sound[::320].tolist() == [1, 1, 0, 2, 2, 0, 3, 3, 0]


async def test_real_time_takes_the_time_of_the_sound(tmp_path: Path) -> None:
    source = FileSource(write_wav(tmp_path / "a.wav", tone(16000, 0.3)), silence_s=0.1)
    begin = time.perf_counter()
    await heard(source)
    assert 0.39 < time.perf_counter() - begin < 2


async def test_a_file_that_is_cut_short_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.stack([tone(16000)] * 2, axis=1))
    path.write_bytes(path.read_bytes()[: 44 + 4 * 8000 + 3])
    assert len(await heard(FileSource(path, realtime=False, silence_s=0))) == 8000


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"ID3 this is an MP3")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "folder").mkdir()
    for name, message in {
        "song.wav": r"song.wav is no WAV file .*ffmpeg",
        "empty.wav": "cut short",
        "folder": "no file whose name ends in .wav",
        "missing": "nothing to hear at",
    }.items():
        with pytest.raises(SettingsError, match=message):
            open_source(tmp_path / name)


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), max_size=20))
def test_blocks_do_not_depend_on_the_pieces(lengths: list[int]) -> None:
    pcm = np.arange(sum(lengths), dtype=np.int64).astype(np.int16)
    cutter, blocks, at = BlockCutter(), list[Block](), 0
    for length in lengths:
        blocks += cutter.cut(pcm[at : at + length])
        at += length
    assert [block.first for block in blocks] == list(range(0, len(pcm) - 319, 320))
    assert all((block.pcm == pcm[block.first : block.end]).all() for block in blocks)


@settings(deadline=None)
@given(st.lists(st.integers(1, 3000), max_size=20), st.sampled_from([16000, 22050, 48000]))
def test_conversion_does_not_depend_on_the_pieces(lengths: list[int], rate: int) -> None:
    pcm = np.random.default_rng(0).normal(0, 3000, sum(lengths)).astype(np.int16)
    whole, pieces, at = Conversion(rate), Conversion(rate), 0
    got = []
    for length in lengths:
        got.append(pieces.convert(pcm[at : at + length]))
        at += length
    got.append(pieces.convert(pcm[:0], last=True))
    expected = np.concatenate([whole.convert(pcm), whole.convert(pcm[:0], last=True)])
    assert np.array_equal(np.concatenate(got), expected)
