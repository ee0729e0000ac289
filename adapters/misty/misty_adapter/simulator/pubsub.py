"""`/pubsub`: delivers events to those who have subscribed to them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from misty_adapter.simulator.event_types import STREAMED
from misty_adapter.simulator.faults import FaultSource
from misty_adapter.simulator.subscription import BadSubscription, Subscription, parse_subscription, read_message
from misty_adapter.simulator.websocket import WebSocket
from misty_adapter.simulator.world import World

REGISTERED = "Registration Status: API event registered."
"""How the answer to a good subscription begins (its prefix seen in a client of 2019; the rest is ours)."""

SUBSCRIPTIONS = 200
"""Most subscriptions of one socket (assumed)."""

Sample = Callable[[str], list[dict[str, Any]]]
"""The messages that a streamed type has at this moment, one for each of its sensors."""


class PubSub:
    """All sockets and their subscriptions."""

    def __init__(self, world: World, sample: Sample, faults: FaultSource) -> None:
        """Begin with nobody connected."""
        self._world = world
        self._sample = sample
        self._faults = faults
        self._sockets: dict[WebSocket, dict[str, tuple[Subscription, asyncio.Task[None] | None]]] = {}
        self.sent = 0
        """Messages delivered so far."""
        world.publish = self.publish

    @property
    def subscriptions(self) -> list[Subscription]:
        """Those of all sockets."""
        return [subscription for socket in self._sockets.values() for subscription, _ in socket.values()]

    @property
    def sockets(self) -> list[WebSocket]:
        """The clients that are connected."""
        return list(self._sockets)

    async def serve(self, socket: WebSocket) -> None:
        """Talk with one client until it goes."""
        self._sockets[socket] = {}
        try:
            async for text in socket.messages():
                if text.strip():  # one client begins with an empty frame
                    self._receive(socket, text)
        finally:
            for name in list(self._sockets[socket]):
                self._unsubscribe(socket, name)
            del self._sockets[socket]

    def publish(self, type: str, message: dict[str, Any]) -> None:
        """Deliver an event that happened."""
        message = {"created": self._world.created(), **message}
        self._world.recording.event("event", event=type, message=message)
        for socket, subscriptions in list(self._sockets.items()):
            for subscription, _ in list(subscriptions.values()):
                if subscription.type == type and subscription.wants(message):
                    self._deliver(socket, subscription, message)

    def drop_all(self) -> None:
        """Cut all connections, as when the robot goes down."""
        for socket in self.sockets:
            socket.drop()

    def _receive(self, socket: WebSocket, text: str) -> None:
        name = ""
        try:
            message = read_message(text)
            name = str(message.get("eventname") or "")
            match str(message.get("operation")).lower():
                case "subscribe":
                    self._subscribe(socket, parse_subscription(message))
                case "unsubscribe":
                    self._unsubscribe(socket, name)
                case other:
                    raise BadSubscription(f"There is no operation {other}.")
        except BadSubscription as error:
            self._world.recording.event("bad_subscription", error=str(error))
            socket.send(json.dumps({"eventName": name, "message": f"Registration failed: {error}"}))

    def _subscribe(self, socket: WebSocket, subscription: Subscription) -> None:
        self._unsubscribe(socket, subscription.name)
        if len(self._sockets[socket]) >= SUBSCRIPTIONS:
            raise BadSubscription("There are too many subscriptions.")
        socket.send(json.dumps({"eventName": subscription.name, "message": REGISTERED}))
        stream = self._world.spawn(self._stream(socket, subscription)) if subscription.type in STREAMED else None
        self._sockets[socket][subscription.name] = subscription, stream
        self._world.recording.event("subscribed", name=subscription.name, event=subscription.type)

    def _unsubscribe(self, socket: WebSocket, name: str) -> None:
        subscription, stream = self._sockets[socket].pop(name, (None, None))
        if stream is not None:
            stream.cancel()
        if subscription is not None:
            self._world.recording.event("unsubscribed", name=name, event=subscription.type)

    async def _stream(self, socket: WebSocket, subscription: Subscription) -> None:
        """Send one message each time, taking the sensors that meet the conditions in turn."""
        for turn in itertools.count():
            messages = [message for message in self._sample(subscription.type) if subscription.wants(message)]
            if messages:
                message = messages[turn % len(messages)]
                self._deliver(socket, subscription, {"created": self._world.created(), **message})
            await self._world.clock.sleep(subscription.debounce_s)

    def _deliver(self, socket: WebSocket, subscription: Subscription, message: dict[str, Any]) -> None:
        match self._faults.of_message():
            case "half_open":
                socket.half_open = True
            case "socket_drop":
                socket.drop()
                return
        self.sent += 1
        socket.send(subscription.text(message))
