"""Files on the robot."""

from __future__ import annotations

import asyncio
import base64

import pytest

from misty_adapter.simulator.api.upload import FILE_BYTES
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_adapter.simulator.wav import encode
from misty_wire import call, exchange, picture, result, tone, upload


def form(**parts: str | tuple[str, bytes]) -> tuple[bytes, str]:
    """A multipart form and its content type; a file is its name and its bytes."""
    pieces = []
    for name, part in parts.items():
        if isinstance(part, str):
            pieces.append(f'--frontier\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{part}\r\n'.encode())
        else:
            head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"; filename="{part[0]}"\r\n\r\n'
            pieces.append(head.encode() + part[1] + b"\r\n")
    return b"".join(pieces) + b"--frontier--\r\n", "multipart/form-data; boundary=frontier"


async def test_a_sound_comes_back_as_it_went(robot: SimulatedMisty) -> None:
    sound = encode(tone(0.1, 8000), 8000)
    await upload(robot.address, "mine.wav", sound)
    _, headers, content = await exchange(robot.address, "GET", "/api/audio?FileName=mine.wav")
    assert (content, headers["content-type"]) == (sound, "audio/wav")
    in_base64 = await result(robot.address, "GET", "audio?FileName=mine.wav&Base64=true")
    assert base64.b64decode(in_base64["base64"]) == sound
    assert (await call(robot.address, "GET", "audio?FileName=Mine.wav"))[0] == 404
    listed = {file["name"]: file for file in await result(robot.address, "GET", "audio/list")}
    assert listed["mine.wav"] == {"name": "mine.wav", "systemAsset": False, "userAddedAsset": True}
    assert listed["s_Joy.wav"]["systemAsset"]


async def test_a_form_uploads_a_file_under_its_own_name_or_another(robot: SimulatedMisty) -> None:
    sound = encode(tone(0.1, 8000), 8000) + b"\r\n--frontie\r\n"
    body, content_type = form(File=("own.wav", sound), OverwriteExisting="true")
    assert (await exchange(robot.address, "POST", "/api/audio", body, content_type))[0] == 200
    body, content_type = form(File=("own.wav", sound), FileName="other.wav")
    assert (await exchange(robot.address, "POST", "/api/audio", body, content_type))[0] == 200
    for name in ("own.wav", "other.wav"):
        assert (await exchange(robot.address, "GET", f"/api/audio?FileName={name}"))[2] == sound


@pytest.mark.parametrize("body", [b"", b"--frontier", b"--frontier\r\nX: y\r\n\r\nz\r\n--frontier--", b"--frontier--"])
async def test_a_broken_form_is_refused(robot: SimulatedMisty, body: bytes) -> None:
    status, _, _ = await exchange(robot.address, "POST", "/api/audio", body, "multipart/form-data; boundary=frontier")
    assert status == 400


async def test_a_file_may_have_three_megabytes_and_no_more(robot: SimulatedMisty) -> None:
    for size, status in ((FILE_BYTES, 200), (FILE_BYTES + 1, 400)):
        data = base64.b64encode(bytes(size)).decode()
        assert (await call(robot.address, "POST", "audio", {"FileName": "big.mp3", "Data": data}))[0] == status


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"FileName": "x.wav"}, 400),
        ({"FileName": "x.wav", "Data": "no base64!"}, 400),
        ({"FileName": "x.wav", "Data": ""}, 400),
        ({"FileName": "x.exe", "Data": "AAAA"}, 400),
        ({"FileName": "../x.wav", "Data": "AAAA"}, 400),
        ({"FileName": "s_Joy.wav", "Data": "AAAA", "OverwriteExisting": True}, 500),
    ],
)
async def test_what_cannot_be_saved(robot: SimulatedMisty, arguments: dict[str, object], status: int) -> None:
    assert (await call(robot.address, "POST", "audio", arguments))[0] == status


async def test_a_file_is_overwritten_only_when_asked(robot: SimulatedMisty) -> None:
    arguments = {"FileName": "x.mp3", "Data": "AAAA"}
    await result(robot.address, "POST", "audio", arguments)
    assert (await call(robot.address, "POST", "audio", arguments))[0] == 500
    await result(robot.address, "POST", "audio", {**arguments, "OverwriteExisting": True})


async def test_own_files_can_be_deleted_and_the_systems_not(robot: SimulatedMisty) -> None:
    await upload(robot.address, "x.wav", encode(tone(0.1, 8000), 8000))
    await result(robot.address, "DELETE", "audio", {"FileName": "x.wav"})
    assert (await call(robot.address, "DELETE", "audio", {"FileName": "x.wav"}))[0] == 404
    assert (await call(robot.address, "DELETE", "audio", {"FileName": "s_Joy.wav"}))[0] == 500


async def test_a_full_store_never_answers(robot: SimulatedMisty) -> None:
    robot.misty.assets.most_files = 2
    for name in ("a.mp3", "b.mp3"):
        await upload(robot.address, name, b"abc")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            reader, writer = await asyncio.open_connection(*robot.address.split(":"))
            try:
                body = b'{"FileName": "c.mp3", "Data": "AAAA"}'
                writer.write(b"POST /api/audio HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                await reader.read()
            finally:
                writer.close()
    await upload(robot.address, "b.mp3", b"overwriting still works")


async def test_pictures(robot: SimulatedMisty) -> None:
    data = base64.b64encode(picture("red", (100, 60))).decode()
    saved = await result(robot.address, "POST", "images", {"FileName": "r.png", "Data": data})
    assert saved == [{"height": 60, "name": "r.png", "userAddedAsset": True, "width": 100}]
    got = await result(robot.address, "GET", "images?FileName=r.png")
    assert (got["width"], got["height"], got["contentType"], got["systemAsset"]) == (100, 60, "image/png", False)
    small = await result(
        robot.address, "POST", "images", {"FileName": "s.png", "Data": data, "Width": 50, "Height": 50}
    )
    assert (small[0]["width"], small[0]["height"]) == (50, 30)
    own = await result(robot.address, "GET", "images?FileName=e_Joy.jpg")
    assert base64.b64decode(own["base64"]).startswith(b"\xff\xd8")
    broken = base64.b64encode(picture("red")[:60]).decode()
    assert (await call(robot.address, "POST", "images", {"FileName": "b.png", "Data": broken}))[0] == 400
