"""The unbiased HSIC of linear kernels, from products of columns and lengths of rows: no T × T matrix is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

FEWEST_ROWS = 4  # the estimator is an average over four different rows


def unbiased_hsic(squares: FloatArray, products: FloatArray, totals: FloatArray, count: FloatArray | int) -> FloatArray:
    """Song et al. (2012), equation 5, between all pairs of L layers with linear kernels.

    With K̃ the similarities of rows without their diagonal, tr(K̃L̃) = ‖XᵀY‖² − Σ aᵢbᵢ, where aᵢ = ‖xᵢ‖² and bᵢ = ‖yᵢ‖².
    Centring the rows leaves the estimator as it is (it changes K̃ by rᵢ + rⱼ, which U-centring takes away), and then
    K̃1 = −a, so its other two terms need the lengths alone:

        n(n − 3) · HSIC = ‖XᵀY‖² − n/(n − 2) · Σ aᵢbᵢ + Σ aᵢ · Σ bᵢ / ((n − 1)(n − 2))

    It is an inner product (of U-centred matrices: Székely & Rizzo 2014), so a layer with itself gives no less than 0.

    Args:
        squares: (… × L × L) ‖XᵀY‖², Frobenius, of the centred rows.
        products: (… × L × L) Σ aᵢbᵢ.
        totals: (… × L) Σ aᵢ.
        count: n, at least 4; one for all, or an array that is broadcast to the pairs.
    """
    n = count
    pairs = totals[..., :, None] * totals[..., None, :]
    found: FloatArray = (squares - n / (n - 2) * products + pairs / ((n - 1) * (n - 2))) / (n * (n - 3))
    return found


def about_the_mean(
    products: FloatArray,
    totals: FloatArray,
    across: FloatArray,
    along: FloatArray,
    own: FloatArray,
    count: FloatArray | int,
) -> tuple[FloatArray, FloatArray]:
    """Σ aᵢaⱼ (… × L × L) and Σ aᵢ (… × L) about the mean m of the rows, from those about another origin.

    A length about the mean is aᵢ − 2pᵢ + ‖mᵢ‖², where pᵢ = mᵢ·xᵢ adds up to n·‖mᵢ‖².

    Args:
        products: (… × L × L) Σ aᵢaⱼ about the origin.
        totals: (… × L) Σ aᵢ about the origin.
        across: (… × L × L) Σ aᵢpⱼ.
        along: (… × L × L) Σ pᵢpⱼ.
        own: (… × L) ‖mᵢ‖², m from the origin.
        count: n; one for all, or an array that is broadcast to the pairs.
    """
    n = count
    mixed = own[..., None, :] * totals[..., :, None]
    squared = own[..., None, :] * own[..., :, None]
    turned = np.swapaxes(across, -1, -2)
    moved = products - 2 * (across + turned) + 4 * along + mixed + np.swapaxes(mixed, -1, -2) - 3 * n * squared
    each = n if isinstance(n, int) else n[..., 0]
    return moved, totals - each * own


def aligned(hsic: FloatArray, varies: NDArray[np.bool_]) -> FloatArray:
    """CKA (… × L × L) from HSIC: in [−1, 1], symmetric to the bit, with a diagonal of 1.

    A layer that does not vary (or whose HSIC with itself is not above 0) is alike to itself alone.
    """
    own = np.diagonal(hsic, axis1=-2, axis2=-1)
    lives = (own > 0) & varies
    inverse = np.where(lives, 1.0 / np.sqrt(np.where(lives, own, 1.0)), 0.0)
    ratio = hsic * (inverse[..., :, None] * inverse[..., None, :])
    values: FloatArray = ((ratio + np.swapaxes(ratio, -1, -2)) / 2).clip(-1.0, 1.0)
    layers = np.arange(hsic.shape[-1])
    values[..., layers, layers] = 1.0
    return values
