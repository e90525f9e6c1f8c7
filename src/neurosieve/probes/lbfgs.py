"""L-BFGS turned inside out: it asks for losses and gradients, so that many probes can share one pass over the data.

Nocedal and Wright, *Numerical Optimization* (2006), algorithm 7.4, with backtracking until Armijo's condition holds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator

from torch import Tensor

SUFFICIENT_DECREASE = 1e-4
MAX_HALVINGS = 12
MIN_CURVATURE = 1e-10  # relative, so that the scale of the loss does not matter

Pairs = deque[tuple[Tensor, Tensor, float]]


def _two_loops(gradient: Tensor, pairs: Pairs, first_step: float) -> Tensor:
    """Minus the inverse Hessian times the gradient, from the last steps and gradient differences."""
    direction = gradient.clone()
    weights: list[float] = []
    for step, change, rho in reversed(pairs):
        weight = rho * float((step * direction).sum())
        direction.add_(change, alpha=-weight)
        weights.append(weight)
    if pairs:
        _, change, rho = pairs[-1]
        direction.mul_(1.0 / (rho * float((change * change).sum())))
    else:
        direction.mul_(first_step)
    for (step, change, rho), weight in zip(pairs, reversed(weights), strict=True):
        direction.add_(step, alpha=weight - rho * float((change * direction).sum()))
    return direction.neg_()


def minimise(
    start: Tensor, *, memory: int = 10, first_step: float = 2.0
) -> Generator[Tensor, tuple[float, Tensor], None]:
    """Yield points; at each, expect ``send((loss, gradient))``. Ends when no step lowers the loss any further.

    ``first_step`` scales the first steepest-descent step: 2 is Böhning's bound for a whitened logistic loss.
    """
    point, pairs = start, Pairs(maxlen=memory)
    loss, gradient = yield point
    while True:
        direction = _two_loops(gradient, pairs, first_step)
        slope, scale = float((gradient * direction).sum()), 1.0
        for _ in range(MAX_HALVINGS):
            candidate = point.add(direction, alpha=scale)
            new_loss, new_gradient = yield candidate
            if new_loss < loss + SUFFICIENT_DECREASE * scale * slope:
                break
            scale /= 2
        else:
            return
        step, change = candidate - point, new_gradient - gradient
        curvature = float((step * change).sum())
        if curvature > MIN_CURVATURE * float((change * change).sum()):
            pairs.append((step, change, 1.0 / curvature))
        point, loss, gradient = candidate, new_loss, new_gradient
