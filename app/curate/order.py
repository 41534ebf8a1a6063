"""Places in an order that survive when others come and go: numbers between which there is room."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def places(base: Sequence[Key], other: Sequence[Key]) -> dict[Key, float]:
    """Places of the items of ``other``, with as few as possible changed against ``base``.

    The places of ``base`` are its indices. An item keeps its own where the others that keep
    theirs stand on the same sides of it; every other item gets a place between its neighbours.

    Parameters
    ----------
    base, other : sequences of distinct items

    Returns
    -------
    dict
        Rises in the order of ``other``.
    """
    index = {item: i for i, item in enumerate(base)}
    kept = _longest_rising([index[item] for item in other if item in index])
    result: dict[Key, float] = {}
    waiting: list[Key] = []
    before: float | None = None
    for item in other:
        at = index.get(item)
        if at is None or at not in kept:
            waiting.append(item)
            continue
        result.update(_between(waiting, before, float(at), len(base)))
        result[item] = before = float(at)
        waiting = []
    result.update(_between(waiting, before, None, len(base)))
    return result


def _between(
    items: Sequence[Key], before: float | None, after: float | None, count: int
) -> dict[Key, float]:
    if after is None:
        first = float(count) if before is None else max(float(count), before + 1.0)
        return {item: first + k for k, item in enumerate(items)}
    if before is None:
        return {item: min(after, 0.0) - len(items) + k for k, item in enumerate(items)}
    step = (after - before) / (len(items) + 1)
    return {item: before + step * (k + 1) for k, item in enumerate(items)}


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The longest rising subsequence of distinct numbers.

    Source: M. L. Fredman, 1975, "On computing the length of longest increasing subsequences".
    """
    ends: list[int] = []
    at: list[int] = []
    previous: list[int] = []
    for i, number in enumerate(numbers):
        k = bisect_left(ends, number)
        previous.append(at[k - 1] if k else -1)
        if k == len(ends):
            ends.append(number)
            at.append(i)
        else:
            ends[k], at[k] = number, i
    kept: set[int] = set()
    i = at[-1] if at else -1
    while i >= 0:
        kept.add(numbers[i])
        i = previous[i]
    return kept
