"""The acoustic model: from frames of features to phone classes, a small network trained in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

OFFSETS = (-15, -11, -8, -5, -3, -1, 0, 1, 3, 5, 8, 11)
"""The frames around the one in question that the network sees, in steps of 10 ms."""
RATE, BATCH, DROPOUT, SMOOTHING = 3e-3, 512, 0.2, 0.1


@dataclass(frozen=True)
class Layer:
    """y = weights x + bias."""

    weights: Floats
    """(outputs, inputs)."""
    bias: Floats
    """(outputs,)."""


def spliced(features: Floats) -> Floats:
    """Every frame with its neighbours, the edges repeated as Kaldi does: (frames, len(OFFSETS) * cepstra)."""
    places = np.clip(np.arange(len(features))[:, None] + np.array(OFFSETS), 0, len(features) - 1)
    return np.asarray(features[places].reshape(len(features), -1), np.float32)


def train(
    inputs: Floats, labels: NDArray[np.int64], classes: int, hidden: int, epochs: int
) -> tuple[list[Layer], Floats]:
    """Train a network with two hidden layers by Adam.

    Args:
        inputs: (samples, features).
        labels: the class of every sample.
        classes: how many there are.
        hidden: width of the hidden layers.
        epochs: passes over the data.

    Returns:
        The layers, the first of which takes features as they are, and the share of every class in the data.
    """
    draw = np.random.default_rng(5)
    mean, scale = inputs.mean(axis=0), 1.0 / (inputs.std(axis=0) + 1e-3)
    priors = (np.bincount(labels, minlength=classes) + 1.0).astype(np.float32)
    priors /= priors.sum()
    sizes = (inputs.shape[1], hidden, hidden, classes)
    weights = [
        draw.normal(0, np.sqrt(2.0 / fan_in), (fan_out, fan_in)).astype(np.float32)
        for fan_in, fan_out in pairwise(sizes)
    ]
    parameters = [*weights, *(np.zeros(size, np.float32) for size in sizes[1:])]
    moments = [(np.zeros_like(each), np.zeros_like(each)) for each in parameters]
    normal = ((inputs - mean) * scale).astype(np.float32)
    steps = epochs * (len(normal) // BATCH)
    order = np.concatenate([draw.permutation(len(normal))[: len(normal) // BATCH * BATCH] for _ in range(epochs)])
    for step, batch in enumerate(order.reshape(steps, BATCH), 1):
        gradients = _gradients(parameters, normal[batch], labels[batch], priors, draw)
        rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        for parameter, gradient, (first, second) in zip(parameters, gradients, moments, strict=True):
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            parameter -= np.float32(rate) * first / (np.sqrt(second) + 1e-8)
    layers = [Layer(weight, bias) for weight, bias in zip(parameters[:3], parameters[3:], strict=True)]
    folded = layers[0].weights * scale
    return [Layer(folded, layers[0].bias - folded @ mean), *layers[1:]], priors


def _gradients(
    parameters: list[Floats], x: Floats, labels: NDArray[np.int64], priors: Floats, draw: np.random.Generator
) -> list[Floats]:
    """Of the cross entropy with labels smoothed towards the priors: uniform ones would favour the rare phones."""
    w1, w2, w3, b1, b2, b3 = parameters
    masks = [(draw.random((len(x), len(b)), np.float32) > DROPOUT) / np.float32(1 - DROPOUT) for b in (b1, b2)]
    h1 = np.maximum(x @ w1.T + b1, 0) * masks[0]
    h2 = np.maximum(h1 @ w2.T + b2, 0) * masks[1]
    scores = h2 @ w3.T + b3
    scores -= scores.max(axis=1, keepdims=True)
    d3 = np.exp(scores)
    d3 /= d3.sum(axis=1, keepdims=True)
    d3 -= np.float32(SMOOTHING) * priors
    d3[np.arange(len(x)), labels] -= np.float32(1 - SMOOTHING)
    d3 /= np.float32(len(x))
    d2 = (d3 @ w3) * masks[1] * (h2 > 0)
    d1 = (d2 @ w2) * masks[0] * (h1 > 0)
    return [d1.T @ x, d2.T @ h1, d3.T @ h2, d1.sum(axis=0), d2.sum(axis=0), d3.sum(axis=0)]
