"""A GPU that fails in mid-render, which no machine can be asked for: Blender is stood in for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app.blender.ops.engines import render_picture
from app.blender.report import Report


class Blender:
    """As much of bpy as renders: on ``broken`` devices it fails as Cycles does."""

    def __init__(self, device: str, *broken: str, engine: str = "CYCLES") -> None:
        cycles, render = SimpleNamespace(device=device), SimpleNamespace(engine=engine)
        preferences = SimpleNamespace(addons={})
        scene = SimpleNamespace(cycles=cycles, render=render)
        self.context = SimpleNamespace(scene=scene, preferences=preferences)
        self.ops = SimpleNamespace(render=SimpleNamespace(render=self.render))
        self.broken, self.tried = broken, list[str]()

    def render(self, **_: Any) -> None:
        device = self.context.scene.cycles.device
        self.tried.append(device)
        if device in self.broken:
            raise RuntimeError("Error: Out of memory\n in CUDA queue")


@pytest.fixture
def report() -> Report:
    return Report(lambda _: None)


def test_the_cpu_takes_over_and_it_is_told(report: Report) -> None:
    bpy = Blender("GPU", "GPU")
    render_picture(bpy, report)
    render_picture(bpy, report)
    assert bpy.tried == ["GPU", "CPU", "CPU"]
    [notice] = report.notices
    assert "Out of memory in CUDA queue" in notice and "\n" not in notice


def test_a_gpu_that_works_is_left_to_it(report: Report) -> None:
    bpy = Blender("GPU")
    render_picture(bpy, report)
    assert (bpy.tried, report.notices) == (["GPU"], [])


@pytest.mark.parametrize(
    ("bpy", "tries"),
    [
        (Blender("CPU", "CPU"), 1),
        (Blender("GPU", "GPU", "CPU"), 2),
        (Blender("GPU", "GPU", engine="BLENDER_EEVEE"), 1),
    ],
)
def test_what_the_cpu_cannot_do_either_fails(bpy: Blender, tries: int, report: Report) -> None:
    with pytest.raises(RuntimeError):
        render_picture(bpy, report)
    assert len(bpy.tried) == tries
