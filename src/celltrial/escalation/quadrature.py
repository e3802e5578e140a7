"""Posterior means of many data sets that share the nodes of a quadrature: two matrix products and one exponential.

The log posterior of a data set at a node is a sum of fixed terms (log rates, log weights) times its counts. Data sets
and nodes are taken in tiles that stay in the processor's cache and are too small for the linear algebra library to
start threads for, which on a busy machine wait for each other most of the time (measured: 2 s became 16 s).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Ints", "posterior_means"]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

_PRODUCTS = 262_144  # multiplications up to which OpenBLAS stays with one thread
_TILE = 1_024  # nodes of a tile
_SAMPLE = 800  # nodes looked at for the height of a posterior, which cancels in the ratio


def posterior_means(
    terms: Floats, n: Ints, dlt: Ints, log_weight: Floats, columns: Floats, extra: Floats | None = None
) -> Floats:
    """Posterior means of functions, for each data set.

    Args:
        terms: log(rate) of each level, then log(1 - rate) of each level, at each node; shape (2 x levels, nodes).
        n, dlt: evaluable and DLTs; shape (data sets, levels).
        log_weight: of each node, prior included; shape (nodes,).
        columns: the functions at the nodes; shape (nodes, functions).
        extra: further log-likelihood; shape (data sets, nodes).
    Returns:
        shape (data sets, functions).
    """
    rows = np.vstack([terms, log_weight, np.ones_like(log_weight)])
    step = -(-len(log_weight) // _SAMPLE)
    sample = np.ascontiguousarray(rows[:-1, ::step])
    functions = np.hstack([columns, np.ones((len(log_weight), 1))])
    counts = np.hstack([dlt, n - dlt, np.ones((len(n), 1)), np.zeros((len(n), 1))]).astype(np.float64)
    tiles = [slice(first, first + _TILE) for first in range(0, len(log_weight), _TILE)]
    pieces = [(np.ascontiguousarray(rows[:, tile]), functions[tile], tile) for tile in tiles]
    sums = np.zeros((len(n), functions.shape[1]))
    size = max(1, _PRODUCTS // (max(rows.shape[0], functions.shape[1]) * min(_TILE, len(log_weight))))
    for first in range(0, len(n), size):
        part = slice(first, first + size)
        block = counts[part]
        height = block[:, :-1] @ sample
        if extra is not None:
            height += extra[part, ::step]
        block[:, -1] = -height.max(axis=1)
        for fixed, values, tile in pieces:
            weight = block @ fixed
            if extra is not None:
                weight += extra[part, tile]
            np.exp(weight, out=weight)
            sums[part] += weight @ values
    means: Floats = sums[:, :-1] / sums[:, -1:]
    return means
