"""The page: what a browser asks for, and a browser."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import shutil
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from websockets.asyncio.client import ClientConnection, connect

from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import DEADLINE_S, events, exchange, result, until


async def test_the_page_needs_nothing_from_elsewhere(robot: SimulatedMisty) -> None:
    status, headers, content = await exchange(robot.address, "GET", "/")
    assert status == 200 and headers["content-type"].startswith("text/html")
    assert b"://" not in content


async def test_the_state_is_what_the_robot_does(robot: SimulatedMisty) -> None:
    await result(robot.address, "POST", "led", {"Red": 1, "Green": 2, "Blue": 3})
    await result(robot.address, "POST", "tts/speak", {"Text": "hello you"})
    await result(robot.address, "POST", "audio/play", {"FileName": "s_Joy.wav", "Volume": 40})
    robot.inject("touch Chin on")
    _, _, content = await exchange(robot.address, "GET", "/simulator/state")
    state = json.loads(content)
    assert (state["led"], state["saying"], state["playing"], state["volume"]) == (
        [1, 2, 3],
        "hello you",
        "s_Joy.wav",
        40,
    )
    assert state["touched"] == ["Chin"] and state["counters"]["requests"] == 3


async def test_the_face_is_a_picture(robot: SimulatedMisty) -> None:
    status, headers, content = await exchange(robot.address, "GET", "/simulator/face.png")
    assert (status, headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(content)) as face:
        assert face.size == (480, 272)


async def test_buttons_make_things_happen(robot: SimulatedMisty) -> None:
    assert (await exchange(robot.address, "POST", "/simulator/inject", b"touch HeadFront on"))[0] == 200
    assert robot.misty.touched == {"HeadFront"}
    status, _, content = await exchange(robot.address, "POST", "/simulator/inject", b"dance")
    assert status == 400 and "there is no event 'dance'" in json.loads(content)["error"]


@pytest.mark.parametrize("line", ["touch", "touch Nose", "battery full", "battery 101", "charging maybe", "face", ""])
async def test_events_that_say_nothing(robot: SimulatedMisty, line: str) -> None:
    status, _, content = await exchange(robot.address, "POST", "/simulator/inject", line.encode())
    assert status == 400 and "write" in json.loads(content)["error"]


class Browser:
    """A page in a headless Chromium, spoken to by its own debugging protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        """Use the page's connection."""
        self._connection = connection
        self._number = 0

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol."""
        self._number += 1
        await self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        async with asyncio.timeout(DEADLINE_S):
            while True:
                answer = json.loads(await self._connection.recv())
                if answer.get("id") == self._number:
                    result: dict[str, Any] = answer["result"]
                    return result

    async def evaluate(self, script: str) -> Any:
        """The value of some JavaScript in the page."""
        answer = await self.do("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until some JavaScript is true."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                if await self.evaluate(script):
                    return
                await asyncio.sleep(0.05)


def read(url: str) -> bytes:
    """What is at an address."""
    with urllib.request.urlopen(url, timeout=DEADLINE_S) as answer:
        return bytes(answer.read())


@pytest.fixture
async def browser(robot: SimulatedMisty, tmp_path: Path) -> AsyncIterator[Browser]:
    """The robot's page in a browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    profile = tmp_path / "profile"
    quiet = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    process = await asyncio.create_subprocess_exec(
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *quiet,
        f"--user-data-dir={profile}", "--window-size=1000,800", "--remote-debugging-port=0", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        told = profile / "DevToolsActivePort"
        await until(lambda: told.exists() and "\n" in told.read_text())
        port = told.read_text().split()[0]
        targets = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/json/list")
        page = next(target for target in json.loads(targets) if target["type"] == "page")
        async with connect(page["webSocketDebuggerUrl"], max_size=None) as connection:
            browser = Browser(connection)
            await browser.do("Page.navigate", url=f"http://{robot.address}/")
            await browser.until("document.readyState === 'complete' && document.title === 'Simulated Misty II'")
            yield browser
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.slow
async def test_in_a_browser_one_sees_the_robot_and_can_touch_it(robot: SimulatedMisty, browser: Browser) -> None:
    await result(robot.address, "POST", "led", {"Red": 255, "Green": 0, "Blue": 255})
    await result(robot.address, "POST", "blink", {"Blink": False})
    await result(robot.address, "POST", "tts/speak", {"Text": "a ball " * 30})
    await browser.until("document.getElementById('saying').textContent.includes('a ball')")
    await browser.until("document.getElementById('led').getAttribute('fill') === 'rgb(255 0 255)'")
    shot = base64.b64decode((await browser.do("Page.captureScreenshot"))["data"])
    with Image.open(io.BytesIO(shot)) as page:
        colours = {colour for _, colour in page.convert("RGB").getcolors(1_000_000) or []}
    assert {(255, 0, 255), (235, 245, 255)} <= colours, "the LED shines and the eyes are on the screen"
    async with events(robot.address) as ears:
        await ears.subscribe("TouchSensor")
        await browser.evaluate("document.querySelector('[data-touch=Scruff]').click()")
        assert (await ears.next())["message"]["sensorPosition"] == "Scruff"
    await browser.evaluate("[...document.querySelectorAll('button')].find(b => b.textContent === 'Charge').click()")
    await browser.until("document.getElementById('state').textContent.includes('Charging')")
    await browser.evaluate(
        "document.querySelector('input').value = 'dance'; document.querySelector('form button').click()"
    )
    await browser.until("document.getElementById('notice').textContent.includes('there is no event')")
