"""The link: found, watched, lost and found again."""

from __future__ import annotations

import asyncio
import resource
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cozmo_adapter.bench.ear import Ear, until
from cozmo_adapter.connection.link import Link
from cozmo_adapter.connection.session import packets
from cozmo_adapter.simulator.faults import Faults
from cozmo_adapter.simulator.robot import SimulatedCozmo
from robot_runtime.errors import RobotError
from robot_runtime.reach import LinkState

NOTHING_PASSES = Faults(loss_up=1.0, loss_down=1.0)


@asynccontextmanager
async def linked(robot: SimulatedCozmo) -> AsyncIterator[tuple[Link, list[LinkState]]]:
    states: list[LinkState] = []
    link = Link(robot.address, lambda packet: None, states.append)
    await link.open(5.0)
    try:
        yield link, states
    finally:
        await link.close()


async def reached(link: Link, state: LinkState, deadline_s: float) -> float:
    """Seconds until the link has that state."""
    began = time.monotonic()
    assert await until(lambda: link.state is state, deadline_s), f"{link.state}, not {state}"
    return time.monotonic() - began


async def test_a_lost_request_is_repeated(ear: Ear) -> None:
    robot = SimulatedCozmo(recording=ear, faults=NOTHING_PASSES)
    await robot.start()
    link = Link(robot.address, lambda packet: None, lambda state: None)
    asyncio.get_running_loop().call_later(0.4, setattr, robot, "faults", Faults())
    await link.open(3.0)
    assert link.session
    assert link.session.firmware == "2381"
    await link.close()
    await robot.stop()


async def test_nobody_there() -> None:
    link = Link(("127.0.0.1", 9), lambda packet: None, lambda state: None)
    with pytest.raises(RobotError, match=r"no answer|refused"):
        await link.open(0.7)
    assert link.session is None


async def test_a_head_without_a_body_is_named(simulated: SimulatedCozmo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cozmo_adapter.simulator.body.BODY_SERIAL", 0)
    link = Link(simulated.address, lambda packet: None, lambda state: None)
    with pytest.raises(RobotError, match="its head answers, but not its body"):
        await link.open(1.0)


async def test_a_short_silence_leaves_the_session_as_it_is(simulated: SimulatedCozmo, ear: Ear) -> None:
    async with linked(simulated) as (link, states):
        session = link.session
        simulated.faults = NOTHING_PASSES
        assert await reached(link, LinkState.DEGRADED, 4.0) > 1.3
        link.send(packets.SetHeadAngle(angle_rad=0.25))
        simulated.faults = Faults()
        await reached(link, LinkState.UP, 2.0)
        assert link.session is session
        assert states == [LinkState.UP, LinkState.DEGRADED, LinkState.UP]
        assert await until(lambda: any(message.name == "SetHeadAngle" for _, message in ear.commands), 2.0)


async def test_a_name_that_nobody_knows() -> None:
    link = Link(("no-such-robot.invalid", 5551), lambda packet: None, lambda state: None)
    with pytest.raises(RobotError, match=r"nobody knows the name no-such-robot\.invalid"):
        await link.open(1.0)


async def test_who_stops_waiting_leaves_nothing_behind(simulated: SimulatedCozmo) -> None:
    simulated.faults = Faults(loss_down=1.0)
    link = Link(simulated.address, lambda packet: None, lambda state: None)
    opening = asyncio.create_task(link.open(30.0))
    assert await until(lambda: bool(simulated.look().client), 2.0)
    opening.cancel()
    await asyncio.wait([opening])
    assert opening.cancelled()
    assert not {thread.name for thread in threading.enumerate()} & {"SendThread", "ReceiveThread", "Connection"}
    assert await until(lambda: not simulated.look().client, 1.0)


async def test_a_mistake_in_what_is_made_of_it_does_not_end_the_link(simulated: SimulatedCozmo) -> None:
    def stumble(state: LinkState) -> None:
        raise LookupError("a mistake")

    link = Link(simulated.address, lambda packet: None, stumble)
    await link.open(5.0)
    session = link.session
    simulated.reboot()
    assert await until(lambda: link.session not in (session, None), 6.0)
    await link.close()


async def test_it_is_found_again_when_there_are_sockets_again(simulated: SimulatedCozmo) -> None:
    async with linked(simulated) as (link, _):
        session = link.session
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # none can be opened now
        try:
            simulated.reboot()
            await reached(link, LinkState.DEGRADED, 4.0)
            assert await until(lambda: "Too many open files" in link.failure, 2.0)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert await until(lambda: link.session not in (session, None), 8.0)


async def test_a_long_silence_ends_the_session_and_a_fresh_one_follows(simulated: SimulatedCozmo) -> None:
    async with linked(simulated) as (link, states):
        session = link.session
        simulated.faults = NOTHING_PASSES
        assert await reached(link, LinkState.DOWN, 8.0) > 4.5
        assert link.session is None
        assert link.down_s > 3.0
        simulated.faults = Faults()
        await reached(link, LinkState.UP, 4.0)
        assert link.session is not session
        assert states == [LinkState.UP, LinkState.DEGRADED, LinkState.DOWN, LinkState.UP]


async def test_a_restarted_robot_is_found_before_the_old_session_has_ended(simulated: SimulatedCozmo) -> None:
    async with linked(simulated) as (link, _):
        session = link.session
        simulated.reboot()  # back after one second; the silence becomes suspicious after one and a half
        assert await until(lambda: link.session not in (session, None), 4.0)
        assert link.state is LinkState.UP


async def test_nothing_acknowledged_while_telemetry_flows_ends_the_session(simulated: SimulatedCozmo) -> None:
    async with linked(simulated) as (link, states):
        simulated.faults = Faults(loss_up=1.0)
        link.send(packets.SetHeadAngle(angle_rad=0.1))
        assert await reached(link, LinkState.DOWN, 3.0) < 2.5
        assert states == [LinkState.UP, LinkState.DEGRADED, LinkState.DOWN]
        simulated.faults = Faults()
        await reached(link, LinkState.UP, 8.0)  # the robot itself gives the old session up after 5 s


async def test_closing_says_goodbye(simulated: SimulatedCozmo) -> None:
    async with linked(simulated):
        assert simulated.look().client
    assert await until(lambda: not simulated.look().client, 1.0)


async def test_more_commands_than_there_are_numbers(simulated: SimulatedCozmo, ear: Ear) -> None:
    async with linked(simulated) as (link, _):
        session = link.session
        assert session
        window = session.client.conn.send_thread.window
        # Both ends as after 65,500 commands; to send them all would take half an hour.
        with session.client.conn.send_thread.lock:
            assert window.expected_seq == window.next_seq
            window.expected_seq = window.next_seq = 65500
        simulated.link.accepted = 65500
        for number in range(100):
            link.send(packets.SetHeadAngle(angle_rad=0.1, action_id=number))
        assert await until(lambda: len(numbers(ear)) == 100, 5.0)
        assert numbers(ear) == list(range(100))
        assert link.session is session


def numbers(ear: Ear) -> list[int]:
    return [message["action_id"] for _, message in ear.commands if message.name == "SetHeadAngle"]


async def test_pings_go_on_while_the_program_is_busy(simulated: SimulatedCozmo) -> None:
    async with linked(simulated) as (link, _):
        assert link.session
        before = link.session.client.conn.ping_counter
        time.sleep(1.7)  # noqa: ASYNC251 (nothing of this event loop runs meanwhile)
        assert link.session.client.conn.ping_counter - before >= 2
