"""Smaller crops in the first part of training."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from inference.training.early import Early, EarlySettings, sampled, smaller  # noqa: E402


@given(
    share=st.floats(0.0, 1.0),
    passed=st.floats(0.0, 1.0),
    edge=st.sampled_from([32, 96, 160]),
    size=st.sampled_from([64, 96, 128]),
)
def test_crops_are_smaller_before_and_whole_after(
    share: float, passed: float, edge: int, size: int
) -> None:
    early = Early(EarlySettings(share=share, size=edge))
    assert early.edge(size) == size, "outside of training"
    early.pace(passed)
    assert early.edge(size) == (min(edge, size) if passed < share else size)


def test_a_smaller_picture_shows_the_same_at_the_same_place() -> None:
    ramp = torch.linspace(0.5 / 128, 127.5 / 128, 128).expand(1, 3, 128, 128)
    found = smaller(ramp, 96)
    want = torch.linspace(0.5 / 96, 95.5 / 96, 96).expand(1, 3, 96, 96)
    assert torch.allclose(found[..., 2:-2], want[..., 2:-2], atol=2e-3)
    assert smaller(ramp, 128) is ramp


@pytest.mark.parametrize("edge", [32, 64, 96])
def test_values_are_taken_and_never_mixed(edge: int) -> None:
    maps = torch.arange(128.0 * 128.0).reshape(1, 1, 128, 128)
    found = sampled(maps, edge)
    assert found.shape == (1, 1, edge, edge)
    assert torch.isin(found, maps).all()
    across = (found[0, 0, 0] % 128 + 0.5) / 128
    assert (across - (torch.arange(edge) + 0.5) / edge).abs().max() <= 0.5 / 128 + 1e-6
