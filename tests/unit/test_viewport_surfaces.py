"""Cutting a head into drawable pieces, covering pixels without OpenGL, and what is in shadow."""

from __future__ import annotations

import numpy as np
import pytest

from app.head.pose import HeadPose
from app.raster.lamps import lamp
from app.raster.surfaces import Poser, surfaces
from app.scene.scene import Light
from tests.gui.viewport_head import RADIUS, viewport_head
from widgets.viewport.navigation import Orbit
from widgets.viewport.rasterizer import rasterize
from widgets.viewport.visibility import SIZE, lamp_views, linear_depth, seen, sky_view


def test_pieces_hold_every_triangle_with_its_own_corners() -> None:
    head = viewport_head()
    for piece in surfaces(head):
        mesh = head.meshes[piece.mesh]
        np.testing.assert_array_equal(piece.vertex[piece.triangles], mesh.triangles)
        np.testing.assert_array_equal(piece.uvs[piece.triangles], mesh.uvs)
        normals = mesh.normals.reshape(-1, 3)[piece.corner][piece.triangles]
        np.testing.assert_allclose(normals, mesh.normals, atol=1e-3)


def test_points_are_split_at_seams_only() -> None:
    head = viewport_head()
    skull = surfaces(head)[0]
    assert len(skull.vertex) <= len(head.meshes[0].vertices) * 1.05


def test_posing_moves_the_head_and_not_the_body() -> None:
    head = viewport_head()
    poser = Poser(head, surfaces(head))
    rest, turned = poser.pose(HeadPose()), poser.pose(HeadPose(yaw=40.0))
    assert np.abs(turned[1][0] - rest[1][0]).max() > 0.03
    np.testing.assert_array_equal(turned[2][0], rest[2][0])
    np.testing.assert_allclose(np.linalg.norm(turned[0][1], axis=1), 1.0, atol=1e-5)


def test_a_disc_covers_the_pixels_that_geometry_says() -> None:
    view = Orbit(target=(0.0, 0.0, 0.0), orthographic=True, distance=0.8).view(300, 200)
    head = viewport_head().meshes[0]
    covered = rasterize(view, head.vertices, head.triangles)
    expected = np.pi * (RADIUS * 200 / 2 / view.tangent) ** 2
    assert len(covered.pixels) == pytest.approx(expected, rel=0.02)
    np.testing.assert_allclose(covered.shares.sum(1), 1.0, atol=1e-5)


@pytest.mark.parametrize("orthographic", [True, False])
def test_the_nearest_triangle_wins_and_weights_are_true_in_perspective(orthographic) -> None:
    view = Orbit(azimuth=30, orthographic=orthographic).view(160, 120)
    head = viewport_head().meshes[0]
    covered = rasterize(view, head.vertices, head.triangles)
    place = np.einsum(
        "pc,pci->pi", covered.shares, head.vertices[head.triangles[covered.triangles]]
    )
    flat = view.project(place.astype(np.float64)) - 0.5
    column, row = covered.pixels % 160, covered.pixels // 160
    np.testing.assert_allclose(flat, np.stack([column, row], 1), atol=1e-2)
    towards = -view.forward if orthographic else view.position - place
    assert ((place * towards).sum(1) > -1e-3).all()


def test_a_point_behind_another_surface_is_in_its_shadow() -> None:
    view = sky_view(np.array([0.0, 0.0, 1.0]), np.zeros(3))
    depths = np.ones((SIZE, SIZE), np.float32)
    roof = (view.position[2] - 0.2 - view.near) / (view.far - view.near)
    depths[:, : SIZE // 2] = roof
    points = np.array([[-0.1, 0, 0], [0.1, 0, 0], [-0.1, 0, 0.25], [9, 9, 0]], np.float32)
    up = np.tile(np.float32([0, 0, 1]), (4, 1))
    np.testing.assert_allclose(seen(view, depths, points, up), [0, 1, 1, 1])


def test_depth_buffers_become_metres() -> None:
    for view in (
        sky_view(np.array([1.0, 0.0, 0.0]), np.zeros(3)),
        lamp_views(lamp(Light("p", "point", position=(0.5, -1, 0.3))), np.zeros(3))[0],
    ):
        ends = linear_depth(view, np.array([0.0, 1.0], np.float32))
        np.testing.assert_allclose(ends, [view.near, view.far], rtol=1e-4)


@pytest.mark.parametrize("kind", ["area", "sun", "point", "spot"])
def test_places_on_a_lamp_look_at_the_head(kind) -> None:
    light = Light("l", kind, size=0.2, position=(0.4, -0.8, 0.5))
    for view in lamp_views(lamp(light), np.zeros(3)):
        assert view.project(np.zeros(3)) == pytest.approx([SIZE / 2, SIZE / 2], abs=1e-6)
        assert view.near > 0
