"""The page for people, and what it asks for: a picture of the face, everything else as JSON, and a way to touch."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from misty_adapter.simulator.http import Request, Response
from misty_adapter.simulator.injection import USAGE
from robot_runtime.errors import SettingsError
from robot_runtime.simulation.recording import png

if TYPE_CHECKING:
    from misty_adapter.simulator.simulated_misty import SimulatedMisty


def answer(robot: SimulatedMisty, request: Request) -> Response | None:
    """What a request for the page gets; None if it is a request for something else."""
    match request.method, request.path:
        case "GET", "/":
            page = resources.files("misty_adapter.simulator").joinpath("page.html").read_bytes()
            return Response(page, 200, "text/html; charset=utf-8")
        case "GET", "/simulator/state":
            return Response.of_json(state(robot))
        case "GET", "/simulator/face.png":
            screen = robot.misty.screen
            return Response(png(screen.pixels(screen.closed())), 200, "image/png", {"Cache-Control": "no-store"})
        case "POST", "/simulator/inject":
            try:
                robot.inject(request.body.decode("utf-8", errors="replace"))
            except SettingsError as error:
                return Response.of_json({"error": str(error)}, 400)
            return Response.of_json({"done": True})
    return None


def state(robot: SimulatedMisty) -> dict[str, Any]:
    """What the robot does at this moment."""
    misty = robot.misty
    playing = misty.player.sound
    return {
        "firmware": misty.firmware.name,
        "address": robot.address,
        "led": list(misty.led),
        "flashlight": misty.lights.flashlight,
        "joints": misty.body.positions(),
        "wheels": misty.body.encoders(),
        "battery": misty.power.message(),
        "saying": misty.speech.saying,
        "playing": None if playing is None else playing.name,
        "volume": misty.loudspeaker.volume,
        "eyes_closed": misty.screen.closed(),
        "layers": {name: [layer.kind, layer.content] for name, layer in misty.screen.layers.items()},
        "listening": misty.ears.listening,
        "waits_for_key_phrase": misty.ears.armed,
        "touched": sorted(misty.touched),
        "bumped": sorted(misty.bumped),
        "updating": misty.updating,
        "counters": {
            "requests": robot.requests,
            "sockets": len(robot.pubsub.sockets),
            "subscriptions": len(robot.pubsub.subscriptions),
            "messages": robot.pubsub.sent,
            "uploaded files": misty.assets.uploaded,
            **{f"fault {name}": count for name, count in robot.faults.applied.items()},
        },
        "events": list(USAGE.values()),
    }
