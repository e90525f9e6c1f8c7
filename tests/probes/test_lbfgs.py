from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from torch import Tensor

from neurosieve.probes.lbfgs import minimise

Loss = Callable[[Tensor], Tensor]


def evaluate(loss: Loss, point: Tensor) -> tuple[float, Tensor]:
    at = point.detach().clone().requires_grad_(True)
    value = loss(at)
    value.backward()
    assert at.grad is not None
    return value.item(), at.grad


def drive(loss: Loss, start: Tensor, limit: int = 2000, first_step: float = 2.0) -> tuple[Tensor, int]:
    """The best point, and after how many evaluations the search ended by itself."""
    search = minimise(start, first_step=first_step)
    point, best, lowest = next(search), start, torch.inf
    for evaluations in range(1, limit):
        value, gradient = evaluate(loss, point)
        if value < lowest:
            best, lowest = point, value
        try:
            point = search.send((value, gradient))
        except StopIteration:
            return best, evaluations
    pytest.fail(f"the search did not end in {limit} evaluations")


def rosenbrock(point: Tensor) -> Tensor:
    return (100 * (point[1:] - point[:-1] ** 2) ** 2 + (1 - point[:-1]) ** 2).sum()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(1.0, 1e3))
@example(70, 4, 848.0)
def test_quadratics_are_solved(seed: int, size: int, condition: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    basis = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64))[0]
    curvature = torch.linspace(1.0, condition, size, dtype=torch.float64)
    hessian = basis @ torch.diag(curvature) @ basis.T
    solution = torch.randn(size, generator=generator, dtype=torch.float64)
    start = torch.randn(size, generator=generator, dtype=torch.float64)

    def loss(point: Tensor) -> Tensor:
        return (point - solution) @ hessian @ (point - solution) / 2

    found, evaluations = drive(loss, start)
    assert evaluations < 200
    assert (found - solution).abs().max() < 1e-9


@pytest.mark.parametrize("start", [[-1.2, 1.0], [0.0, 0.0], [3.0, -2.0, 1.5, 0.5]])
def test_rosenbrock_ends_where_scipys_search_does(start: list[float]) -> None:
    # its curvature is a thousand times that of the losses for which the default first step is meant
    found, evaluations = drive(rosenbrock, torch.tensor(start, dtype=torch.float64), first_step=1e-3)
    peer = minimize(
        lambda x: [part if isinstance(part, float) else part.numpy() for part in evaluate(rosenbrock, torch.tensor(x))],
        start,
        jac=True,
        method="L-BFGS-B",
        options={"gtol": 1e-9, "ftol": 1e-14},
    )
    assert torch.allclose(found, torch.tensor(peer.x), atol=1e-4)
    assert evaluations < 5 * peer.nfev + 50


def test_it_ends_at_a_minimum_that_it_starts_from() -> None:
    found, evaluations = drive(lambda point: (point**2).sum(), torch.zeros(3, dtype=torch.float64))
    assert found.tolist() == [0.0, 0.0, 0.0]
    assert evaluations < 20


def test_a_step_out_of_the_domain_is_halved() -> None:
    found, _ = drive(lambda point: (point - torch.log(point)).sum(), torch.tensor([0.05], dtype=torch.float64))
    assert float(found) == pytest.approx(1.0, abs=1e-5)


def test_the_scale_of_the_loss_does_not_matter() -> None:
    start = torch.tensor([0.0, 0.0], dtype=torch.float64)
    plain = drive(rosenbrock, start, first_step=2.0**-10)
    small = drive(lambda point: rosenbrock(point) * 2.0**-40, start, first_step=2.0**30)
    assert torch.equal(plain[0], small[0])
    assert plain[1] == small[1]


def test_the_shape_of_the_point_does_not_matter() -> None:
    start = torch.tensor([3.0, -2.0, 1.5, 0.5], dtype=torch.float64)
    flat, _ = drive(rosenbrock, start, first_step=1e-3)
    square, _ = drive(lambda point: rosenbrock(point.view(-1)), start.view(2, 2), first_step=1e-3)
    assert torch.allclose(square.view(-1), flat, atol=1e-6)
    assert float(rosenbrock(flat)) < 1e-9
