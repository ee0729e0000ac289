"""Corrections of how pycozmo tells its user what happened."""

from __future__ import annotations

import logging
from typing import Any

from cozmo_adapter.connection.library import pycozmo

_LOG = logging.getLogger(__name__)

LAST_ANIMATION_ID = 255
"""The wire has one byte for it, and 0 stands for none."""


class EventsSurvive(pycozmo.event.Dispatcher):
    """Every handler hears every event: one that raises is logged, and one-shot handlers leave afterwards.

    pycozmo's own handlers of `IS_ANIMATING` take no arguments and raise, which loses whatever else changed in the same
    telemetry packet.
    """

    def dispatch(self, event: Any, *arguments: Any, **named: Any) -> None:
        """Call the event's handlers, then those of the child dispatchers."""
        handlers = list(self.dispatch_handlers[event])
        self.dispatch_handlers[event] = [handler for handler in handlers if not handler.one_shot]
        for handler in handlers:
            try:
                handler.f(*arguments, **named)
            except Exception:
                _LOG.exception("a handler of %s failed", event)
        for child in list(self.dispatch_children):
            child.dispatch(event, *arguments, **named)


class AnyFirmware(pycozmo.client.Client):
    """Wakes the body of a robot whose firmware says of itself what pycozmo cannot read, where pycozmo gives up."""

    def _on_firmware_signature(self, cli: Any, packet: Any) -> None:
        try:
            super()._on_firmware_signature(cli, packet)
        except Exception:
            _LOG.exception("pycozmo cannot read the firmware's signature")
            self._enable_robot()


class AnimationIds(pycozmo.client.Client):
    """Animation numbers start again at 1 after 255, where pycozmo goes on to 256 and cannot encode it."""

    @property
    def _next_anim_id(self) -> int:
        return self.__next

    @_next_anim_id.setter
    def _next_anim_id(self, number: int) -> None:
        self.__next = (number - 1) % LAST_ANIMATION_ID + 1
