"""am/final.mdl as Kaldi reads it: a transition model of one-state phones, and the network."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vosk_model.mfcc import CEPSTRA
from vosk_model.net import OFFSETS, Layer

POSITIONS = ("begin", "internal", "end", "singleton")
"""A phone is four phones to Kaldi, one for each place in a word, so that it knows where words begin."""


def phone_id(phone: int, position: int) -> int:
    """Kaldi's number for phone class `phone` (0 is silence) at a place of `POSITIONS`."""
    return 1 if phone == 0 else 2 + 4 * (phone - 1) + position


def write_model(path: Path, layers: Sequence[Layer], priors: NDArray[np.float32]) -> None:
    """Write the acoustic model of phone classes, class 0 silence."""
    path.write_bytes(b"\0B" + _transition_model(len(priors)) + _network(layers, priors))


def _transition_model(classes: int) -> bytes:
    triples = [(1, 0)]
    triples += [(phone_id(phone, place), phone) for phone in range(1, classes) for place in range(len(POSITIONS))]
    phones = [phone for phone, _ in triples]
    topology = [
        _integers(phones),
        _integers([-1] + [0] * len(phones)),
        *map(_integer, (1, 2)),  # one topology, of two states
        *map(_integer, (0, 2)),  # the first with probabilities of class 0 and two ways on: to itself and out
        *(_integer(0) + _float(0.5) + _integer(1) + _float(0.5),),
        *map(_integer, (-1, 0)),
    ]
    stay_or_go = np.concatenate([[0.0], np.full(2 * len(triples), np.log(0.5))])
    return b"".join(
        [
            b"<TransitionModel> <Topology> ",
            *topology,
            b"</Topology> <Triples> ",
            _integer(len(triples)),
            *(_integer(phone) + _integer(0) + _integer(pdf) for phone, pdf in triples),
            b"</Triples> <LogProbs> ",
            _vector(stay_or_go),
            b"</LogProbs> </TransitionModel> ",
        ]
    )


def _network(layers: Sequence[Layer], priors: NDArray[np.float32]) -> bytes:
    seen = ", ".join("input" if offset == 0 else f"Offset(input, {offset})" for offset in OFFSETS)
    lines, components, feed = [f"input-node name=input dim={CEPSTRA}"], [], f"Append({seen})"
    for number, layer in enumerate(layers, 1):
        last = number == len(layers)
        squash = "logsoftmax" if last else f"relu{number}"
        kind = b"LogSoftmaxComponent" if last else b"RectifiedLinearComponent"
        lines.append(f"component-node name=affine{number} component=affine{number} input={feed}")
        lines.append(f"component-node name={squash} component={squash} input=affine{number}")
        affine = b"<LinearParams> " + _matrix(layer.weights) + b"<BiasParams> " + _vector(layer.bias)
        components += [
            b"<ComponentName> affine%d <FixedAffineComponent> " % number + affine + b"</FixedAffineComponent> ",
            b"<ComponentName> %s <%s> " % (squash.encode(), kind) + _statistics(len(layer.bias)) + b"</%s> " % kind,
        ]
        feed = squash
    lines.append(f"output-node name=output input={feed} objective=linear")
    return b"".join(
        [
            b"<Nnet3> \n" + "\n".join(lines).encode() + b"\n\n",
            b"<NumComponents> " + _integer(len(components)),
            *components,
            b"</Nnet3> <LeftContext> " + _integer(-OFFSETS[0]) + b"<RightContext> " + _integer(OFFSETS[-1]),
            b"<Priors> " + _vector(priors),
        ]
    )


def _statistics(size: int) -> bytes:
    """What a nonlinearity remembers of its training: nothing."""
    nothing, zero = _vector(np.zeros(0)), b"\x08" + struct.pack("<d", 0.0)
    return b"".join(
        [
            b"<Dim> " + _integer(size) + b"<ValueAvg> " + nothing + b"<DerivAvg> " + nothing,
            b"<Count> " + zero + b"<OderivRms> " + nothing + b"<OderivCount> " + zero,
            b"<NumDimsSelfRepaired> " + zero + b"<NumDimsProcessed> " + zero,
        ]
    )


def _integer(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def _integers(values: Sequence[int]) -> bytes:
    return b"\x04" + struct.pack(f"<i{len(values)}i", len(values), *values)


def _vector(values: NDArray[np.floating]) -> bytes:
    return b"FV " + _integer(len(values)) + values.astype("<f4").tobytes()


def _matrix(values: NDArray[np.floating]) -> bytes:
    return b"FM " + _integer(values.shape[0]) + _integer(values.shape[1]) + values.astype("<f4").tobytes()
