"""The way of the robot's voice from its loudspeaker to the microphone, learned from what it has said.

Loudspeaker, room and microphone stay the same from one utterance to the next, but for the moment at which each begins.
So the way is one filter, fitted to whole utterances by least squares, and it removes the next one from its first
sample on: there is nothing to adapt while it is said, and nothing that a second voice could mislead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TAPS = 1024
"""Length of the filter, 64 ms at 16 kHz: our choice."""
BEFORE = 32
"""Samples of the filter before the direct sound: 2 ms."""
_KEEPS = 0.7
"""What an utterance counts beside the next one, so that a robot that was carried elsewhere is soon known again."""
_STIFF = 1e-5
"""Smallest eigenvalue of the fit beside the mean one, so that frequencies that a voice lacks decide nothing; in noise
it is more, see `_doubt`."""
_USABLE = 0.03
"""A filter that leaves more of the energy than this (15 dB less than all of it), and than the noise, is none."""
_NOISES = 1.5
"""Energy beside the noise of the room, whose quietest moment is known, that is taken for noise too."""
_SHORT = 24
"""Samples of the filter of an imitation before and after its middle, 1.5 ms."""
_PEAK = 8.0
"""What counts as found: a peak so far above the mean (measured: 9 to 21 where it is, up to 6.3 where it is not)."""
_STEPS = 4
"""Newton's steps to the top of the correlation."""

Samples = NDArray[np.float64]


class EchoPath:
    """The filter, and what it was learned from."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.filter: Samples | None = None
        """Shape (`TAPS`,); None as long as it is not known."""
        self.doubt = np.zeros(2 * BEFORE + 1)
        """A short filter: what it makes of a sound is as loud as what the other one may leave of it, because nothing
        like it has been said yet."""
        self._power, self._shared = np.zeros(TAPS), np.zeros(TAPS)

    def learn(self, sent: Samples, heard: Samples, shift: float, noise: float, *, anew: bool) -> None:
        """Fit the filter to one more utterance, unless more than the robot was heard in it.

        Args:
            sent: what the robot has said, followed by as much silence as its echo lasts.
            heard: as many samples, of the microphone.
            shift: by how many samples, -1 to 1, `heard` is later than what the filter would make of `sent`.
            noise: energy of one sample of the room's noise.
            anew: forget what was learned before.
        """
        size = 1 << (len(sent) + TAPS).bit_length()
        spectrum = np.fft.rfft(sent, size)
        later = np.exp(2j * np.pi * np.fft.rfftfreq(size) * shift)
        power = np.fft.irfft(np.abs(spectrum) ** 2, size)[:TAPS]
        shared = np.fft.irfft(np.fft.rfft(heard, size) * later * np.conj(spectrum), size)[:TAPS]
        if not anew:
            power, shared = self._power * _KEEPS + power, self._shared * _KEEPS + shared
        noises = noise * len(heard)
        loudness = max(float(heard @ heard) - noises, noises) / float(sent @ sent + 1.0)
        stiffness = _STIFF * power[0] + noise * TAPS / (loudness + 1e-12) + 1.0
        found = solved(power, shared, stiffness)
        rest = heard - np.fft.irfft(spectrum * np.fft.rfft(shifted(found, shift), size), size)[: len(heard)]
        if rest @ rest < _USABLE * (heard @ heard) + _NOISES * noises:
            self.filter, self._power, self._shared = found, power, shared
            self.doubt = _doubt(power, stiffness, loudness)


def shifted(filter: Samples, samples: float) -> Samples:
    """The filter that makes everything later by a part of a sample."""
    size = 2 * len(filter)
    later = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * samples)
    return np.fft.irfft(np.fft.rfft(filter, size) * later, size)[: len(filter)]


def find(heard: Samples, sent: Samples, longest: int) -> float | None:
    """By how many samples what was sent is heard later, to a part of a sample.

    Only the phases are compared at first: a voice is so like itself a period later that its loudness would mislead.

    Args:
        heard: what has arrived.
        sent: as much of what was sent, or of what the filter makes of it.
        longest: the latest that it may come, in samples.

    Returns:
        None as long as that is not known.
    """
    if longest <= 0 or not sent.any():
        return None
    size = 1 << (len(heard) + len(sent)).bit_length()
    cross = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sent, size))
    loudness = np.abs(cross)
    likeness = np.fft.irfft(cross / (loudness + loudness.max() / 1000 + 1.0), size)[:longest]
    best = int(np.argmax(likeness))
    if likeness[best] < _PEAK * np.sqrt(np.mean(np.square(likeness))):
        return None
    return best + _top(cross, best)


def imitated(heard: Samples, echo: Samples) -> Samples:
    """The nearest to `heard` that can be made of `echo` by moving it and by a short filter.

    Args:
        heard: n samples.
        echo: n samples and as many more on both sides as it may be moved.
    """
    size = 1 << (len(heard) + len(echo)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(echo, size) * np.conj(np.fft.rfft(heard, size)), size)
    sums = np.cumsum(np.concatenate([[0.0], echo**2]))
    energy = sums[len(heard) :] - sums[: -len(heard)]
    places = len(echo) - len(heard) - _SHORT
    alike = likeness[_SHORT:places] ** 2 / (energy[_SHORT:places] + 1.0)
    best = _SHORT + int(np.argmax(alike))
    moved = echo[best - _SHORT : best + len(heard) + _SHORT]
    head, tail = moved[: 2 * _SHORT], moved[len(heard) :]
    power = np.zeros((2 * _SHORT + 1, 2 * _SHORT + 1))
    power[0] = power[:, 0] = np.correlate(moved, moved[: len(heard)], "valid")
    for n in range(2 * _SHORT):
        power[n + 1, 1:] = power[n, :-1] + tail[n] * tail - head[n] * head
    shared = np.correlate(moved, heard, "valid")
    fitted = np.linalg.solve(power + np.eye(len(power)) * (_STIFF * np.trace(power) + 1.0), shared)
    imitation: Samples = np.correlate(moved, fitted, "valid")
    return imitation


def solved(power: Samples, shared: Samples, stiffness: float) -> Samples:
    """The filter that makes of a sound the nearest to another one: Levinson's recursion.

    A general solver would do, but its threads wait for one another, busily: it took 500 ms for 1,024 taps beside other
    work on 2 cores, and this takes 20. That is why nothing here multiplies matrices.

    Args:
        power: shape (n,), the sound's autocorrelation.
        shared: shape (n,), its correlation with the other one.
        stiffness: what is added to every eigenvalue: the more, the smaller the filter.
    """
    row = power.copy()
    row[0] += stiffness
    forward: Samples = np.array([1.0])
    found: Samples = shared[:1] / row[0]
    error = row[0]
    for n in range(1, len(row)):
        past = row[n:0:-1]
        reflection = -(past @ forward) / error
        forward = np.append(forward, 0.0)
        forward = forward + reflection * forward[::-1]
        error *= 1 - reflection**2
        found = np.append(found, 0.0) + (shared[n] - past @ found) / error * forward[::-1]
    return found


def _doubt(power: Samples, stiffness: float, loudness: float) -> Samples:
    """See `EchoPath.doubt`.

    A fit that is stiff as noise over loudness demands (Wiener) errs at each frequency by the part of the loudness that
    stiffness has in the sum of both: by all of it where nothing was said, by nearly nothing where much was.

    Args:
        power: shape (`TAPS`,), autocorrelation of all that was learned from.
        stiffness: of the fit.
        loudness: mean energy of the way, over all frequencies.
    """
    falling = power * np.linspace(1, 0, TAPS, endpoint=False)  # so that no energy is below 0
    spoken = np.fft.rfft(np.concatenate([falling, [0.0], falling[:0:-1]])).real
    error = np.sqrt(loudness * stiffness / (np.maximum(spoken, 0.0) + stiffness))
    middle: Samples = np.roll(np.fft.irfft(error), BEFORE)[: 2 * BEFORE + 1]
    return middle * np.hanning(2 * BEFORE + 3)[1:-1]


def _top(cross: NDArray[np.complex128], near: int) -> float:
    """How far the top of the correlation with that spectrum is from `near`, in samples, -1 to 1."""
    turns = np.linspace(0, np.pi, len(cross))
    part = 0.0
    for _ in range(_STEPS):
        here = cross * np.exp(1j * turns * (near + part))
        part -= float(np.sum(turns * here.imag) / (np.sum(turns**2 * here.real) + 1e-9))
        part = min(1.0, max(-1.0, part))
    return part
