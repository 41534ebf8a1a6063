"""Depth as colours, and the list of renders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.head.pose import HeadPose
from app.scene.depth_view import (
    COLOR_MAPS,
    NOTHING,
    color_table,
    depth_picture,
    depth_range,
    normal_picture,
)
from app.scene.render_history import RenderHistory, Rendering
from app.scene.scene import HeadFile, Scene


@pytest.mark.parametrize("name", COLOR_MAPS)
def test_near_is_bright_and_colours_are_distinct(name: str) -> None:
    table = color_table(name)  # type: ignore[arg-type]
    assert table.shape == (256, 3)
    assert len(np.unique(table, axis=0)) > 200
    if name != "turbo":
        assert table[0].sum() > table[-1].sum()


def test_the_range_is_that_of_the_head() -> None:
    depth = np.full((40, 40), np.inf, np.float32)
    depth[10:30, 10:30] = np.linspace(0.25, 0.40, 400, dtype=np.float32).reshape(20, 20)
    depth[35:, :] = 3.0
    head = np.zeros((40, 40), bool)
    head[10:30, 10:30] = True
    near, far = depth_range(depth, head)
    assert near == pytest.approx(0.25, abs=0.002)
    assert far == pytest.approx(0.40, abs=0.002)
    assert depth_range(depth)[1] == pytest.approx(3.0)


def test_a_picture_without_any_surface_has_a_range_all_the_same() -> None:
    depth = np.full((4, 4), np.inf, np.float32)
    near, far = depth_range(depth)
    assert near < far
    assert (depth_picture(depth, near, far, "viridis") == NOTHING).all()


def test_depth_runs_through_the_table() -> None:
    depth = np.array([[0.3, 0.4, 0.5, np.inf]], np.float32)
    picture = depth_picture(depth, 0.3, 0.5, "grey")
    assert picture[0, :3, 0].tolist() == pytest.approx([255, 127, 0], abs=1)
    assert tuple(picture[0, 3]) == NOTHING


def test_normals_as_colours() -> None:
    normals = np.array([[[0, 0, 1], [0, 0, 0]]], np.float32)
    picture = normal_picture(normals)
    assert picture[0, 0].tolist() == [127, 127, 255]
    assert tuple(picture[0, 1]) == NOTHING


def finished(history: RenderHistory, size: int = 10) -> Rendering:
    folder = history.new_folder()
    (folder / "color.png").write_bytes(b"x" * size)
    return Rendering(folder, Scene(HeadFile("builtin:ada")), {}, 1.0, "ada")


def test_the_history_is_bounded_in_number_and_in_bytes() -> None:
    history = RenderHistory(max_renders=3, max_bytes=100)
    made = [finished(history) for _ in range(5)]
    for rendering in made:
        history.add(rendering)
    assert history.renderings == (made[4], made[3], made[2])
    assert not made[0].folder.exists()
    big = finished(history, 95)
    history.add(big)
    assert history.renderings == (big,)
    assert not made[4].folder.exists()
    history.close()
    assert not big.folder.exists()


def test_one_too_large_render_is_kept_nevertheless() -> None:
    history = RenderHistory(max_renders=3, max_bytes=5)
    only = finished(history, 50)
    history.add(only)
    assert history.renderings == (only,)
    history.close()


def test_removing_and_closing_leave_nothing_on_the_disk() -> None:
    history = RenderHistory()
    first, second = finished(history), finished(history)
    history.add(first)
    history.add(second)
    history.remove(first)
    assert history.renderings == (second,)
    assert not first.folder.exists()
    root = second.folder.parent
    history.close()
    history.close()
    assert not root.exists()


def test_files_are_named_after_head_and_pose() -> None:
    scene = replace(Scene(HeadFile("x")), pose=HeadPose(20.4, -5.0, 0.0))
    rendering = Rendering(Path("x"), scene, {}, 1.0, "Ada / 2")
    assert rendering.file_stem == "Ada---2_yaw+20_pitch-5_roll+0"
