"""The one owner of Cozmo's motors: what its face shows, its gestures and small idle movements, as one head angle.

`Motion.tick` is called some thirty times a second and sends what is due. Whenever there is a reason for it, the motors
are off: what runs is stopped once, and nothing more is sent until the last reason has been gone for a second.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Protocol

from cozmo_adapter.body.gestures import ON_ENTERING, POSES, WIGGLE, Gesture, eased, gesture_deg
from cozmo_adapter.body.idle import breath_deg, glance_deg
from cozmo_adapter.body.safety import Off, Safety
from cozmo_adapter.connection.telemetry import Telemetry
from robot_runtime.robot import Expression

HEAD_DEG = (-23.0, 42.5)
"""What the head is asked for: its limits, -25 and 44.5 (reported), less 2 so that it never pushes against them."""

HEAD_RAD_S2 = 10.0
"""Acceleration of the head, pycozmo's default."""

STEP_DEG = 0.5
"""A smaller change is not sent."""

GAP_S = 0.13
"""Least time between two commands: not more than eight in a second."""

AHEAD_S = 0.2
"""How far ahead of time the head is sent, and how long it may take: longer than `GAP_S`, so that one command joins the
next before the head halts."""

HEAD_DEG_S = 80.0
"""As fast as the head goes where it has to catch up."""

LIFT_DOWN_MM = 32.0
"""Height of a lift that is down (reported)."""

LIFT_UP_MM = 37.0
"""From here on it covers the face."""

LIFT_S = 0.5
"""How long the lift takes to come down."""

LIFT_AGAIN_S = 5.0
"""How long to wait before a lift that did not come down is sent again: a hand may be on it."""

WHEELS_BACK_S = 2.0
"""How long there has to be no reason against moving before the treads may."""

IDLE_AFTER_S = 0.5
"""From reaching a pose to the first idle movement."""

SWAY_DEG = 3.0
"""How far the loudest speech lifts the head."""

SWAY_ATTACK_S = 0.08
"""Time constant of rising loudness."""

SWAY_RELEASE_S = 0.3
"""Time constant of falling loudness."""

SHAKING_S = 0.3
"""How long the body shakes after a motor has stopped."""

CALM_DEG, CALM_S = 0.0, 1.0
"""Where the head is left, and how long it takes to get there."""


class Motors(Protocol):
    """What can be moved; none of these calls waits."""

    def head(self, angle_rad: float, duration_s: float, acceleration: float) -> None:
        """Turn the head to an angle, -0.44 to 0.78, in that time, at not more than `acceleration` rad/s^2."""

    def lift(self, height_mm: float, duration_s: float) -> None:
        """Bring the lift to a height, 32 to 92, in that time."""

    def wheels(self, left_mm_s: float, right_mm_s: float) -> None:
        """Drive the treads until told otherwise."""

    def stop(self) -> None:
        """Stop all of them at once."""


class Motion:
    """See the module's docstring. The same seed, times, telemetry and calls give the same commands."""

    def __init__(
        self, motors: Motors, seed: int, *, enabled: bool = True, wheels: bool = False, anywhere: bool = False
    ) -> None:
        """Take over the motors, which stay off until telemetry has been good for a second.

        Args:
            motors: what is moved.
            seed: of the idle movements.
            enabled: false keeps everything still for good.
            wheels: the treads may turn the body a little, for `Gesture.SHAKE` and for nothing else. They have no
                timer: if this program were halted within that half of a second, they would run on until the robot
                notices an edge or, after 5 s, that nobody talks to it.
            anywhere: head and lift also move on the charger and at an edge.
        """
        self._motors = motors
        self._seed = seed
        self._wheels = wheels
        self._safety = Safety(anywhere=anywhere)
        if not enabled:
            self._safety.hold(Off.DISABLED)
        self._now: float | None = None
        self._on = False
        self._expression = Expression.NEUTRAL
        self._expressions = 0
        self._began = 0.0
        self._from_deg = POSES[Expression.NEUTRAL].head_deg
        self._asked: Gesture | None = None
        self._gesture: tuple[Gesture, float] | None = None
        self._legs: deque[tuple[float, float, float]] = deque()
        self._leg_ends: float | None = None
        self._loudness = self._sway = 0.0
        self._sent_deg: float | None = None
        self._lift_due = True
        self._lift_again = self._free_at = self._ends = -math.inf

    def express(self, expression: Expression, now: float) -> None:
        """Take the pose of an expression, from wherever the head is; a gesture that runs ends here."""
        if expression is not self._expression:
            self._from_deg = self._rest_deg(now) + self._gesture_deg(now)
            self._gesture, self._asked = None, ON_ENTERING.get(expression)
            self._expression, self._began = expression, now
            self._expressions += 1

    def speaking(self, loudness: float | None) -> None:
        """Sway with speech.

        Args:
            loudness: of what is being played now, 0 to 1; None when nothing is.
        """
        self._loudness = min(1.0, max(0.0, loudness or 0.0))

    def gesture(self, gesture: Gesture) -> None:
        """Make a gesture from the next tick on, in place of one that runs; none is kept for when the motors are on."""
        self._asked = gesture

    def stop(self) -> None:
        """Everything still at once, and until `release`."""
        self._safety.hold(Off.STOPPED)
        self._rest()
        self._motors.stop()

    def release(self) -> None:
        """End a `stop`."""
        self._safety.let_go(Off.STOPPED)

    def close(self) -> bool:
        """Take a calm pose, if the motors are on, and never move again; returns whether they were."""
        moves = self._on
        if moves:
            if self._leg_ends is not None:
                self._motors.stop()
            self._motors.lift(LIFT_DOWN_MM, LIFT_S)
            self._motors.head(math.radians(CALM_DEG), CALM_S, HEAD_RAD_S2)
        self._safety.hold(Off.CLOSED)
        self._rest()
        return moves

    def reasons(self) -> frozenset[str]:
        """Why the motors are off, as values of `Off`: as of the last tick, and for a second after a reason has gone."""
        return frozenset(self._safety.reasons())

    def moving(self, now: float) -> bool:
        """A motor runs by our command, or has run in the last 0.3 s."""
        return now < self._ends + SHAKING_S

    def tick(self, now: float, telemetry: Telemetry | None) -> None:
        """Send what is due.

        Args:
            now: seconds of the clock of `telemetry.at`.
            telemetry: the latest there is.
        """
        self._follow_loudness(now - (now if self._now is None else self._now))
        self._now = now
        self._safety.look(now, telemetry)
        if telemetry is None or self.reasons():
            if self._on:
                self._rest()
                self._motors.stop()
            self._asked = None
            return
        self._on = True
        self._begin_gesture(now)
        if self._leg_ends is not None:
            self._wiggle(now)
        elif now >= self._free_at:
            self._move(now, telemetry)

    def _rest(self) -> None:
        """Forget what was going on: the motors are off, and somebody else may move head and lift."""
        self._on = False
        self._asked = self._gesture = self._leg_ends = self._sent_deg = None
        self._legs.clear()
        self._lift_due = True
        if self._now is not None:
            self._ends = min(self._ends, self._now)

    def _begin_gesture(self, now: float) -> None:
        if self._asked is None or now < self._free_at or self._leg_ends is not None:
            return
        if self._asked is Gesture.SHAKE and self._wheels and self._safety.clear_s() >= WHEELS_BACK_S:
            self._legs.extend((*WIGGLE, (0.0, 0.0, 0.0)))
            self._leg_ends = now
        else:
            self._gesture = self._asked, now
        self._asked = None

    def _wiggle(self, now: float) -> None:
        """The treads alone: as they have to be stopped in time, no other command goes in between."""
        if self._leg_ends is None or now < self._leg_ends:
            return
        left, right, seconds = self._legs.popleft()
        self._motors.wheels(left, right)
        self._count(now, seconds)
        self._leg_ends = now + seconds if self._legs else None

    def _move(self, now: float, state: Telemetry) -> None:
        if self._lift_due or (state.lift_mm > LIFT_UP_MM and now >= self._lift_again):
            self._lift_due, self._lift_again = False, now + LIFT_AGAIN_S
            self._motors.lift(LIFT_DOWN_MM, LIFT_S)
            self._count(now, LIFT_S)
            return
        target = self._head_deg(now + AHEAD_S)
        if self._sent_deg is not None and abs(target - self._sent_deg) <= STEP_DEG:
            return
        where = math.degrees(state.head_rad) if self._sent_deg is None else self._sent_deg
        duration = max(AHEAD_S, min(1.0, abs(target - where) / HEAD_DEG_S))
        self._motors.head(math.radians(target), duration, HEAD_RAD_S2)
        self._sent_deg = target
        self._count(now, duration, free_s=duration - (AHEAD_S - GAP_S))

    def _count(self, now: float, lasts_s: float, free_s: float = GAP_S) -> None:
        """A command has been sent: how long the motor runs, and when the next command may follow."""
        self._free_at = now + free_s
        self._ends = max(self._ends, now + lasts_s)

    def _head_deg(self, now: float) -> float:
        sway = 0.0 if self._expression is Expression.LISTENING else SWAY_DEG * self._sway
        low, high = HEAD_DEG
        return min(high, max(low, self._rest_deg(now) + self._gesture_deg(now) + sway))

    def _rest_deg(self, now: float) -> float:
        """Pose and idle movements; none of these while it listens, for the microphone hears motors too."""
        pose = POSES[self._expression]
        since = now - self._began
        resting = self._from_deg + (pose.head_deg - self._from_deg) * eased(since / pose.takes_s)
        idle_s = since - pose.takes_s - IDLE_AFTER_S
        if idle_s > 0 and self._expression is not Expression.LISTENING:
            resting += breath_deg(idle_s) + glance_deg(f"{self._seed}/{self._expressions}", idle_s)
        return resting

    def _gesture_deg(self, now: float) -> float:
        return gesture_deg(self._gesture[0], now - self._gesture[1]) if self._gesture else 0.0

    def _follow_loudness(self, passed_s: float) -> None:
        constant = SWAY_ATTACK_S if self._loudness > self._sway else SWAY_RELEASE_S
        self._sway += (1.0 - math.exp(-max(0.0, passed_s) / constant)) * (self._loudness - self._sway)
