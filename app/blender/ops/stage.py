"""Camera, lights, environment and colours of a scene, in Blender."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from app.blender.errors import OpError
from app.blender.ops.posing import as_matrix
from app.geometry.pinhole import SENSOR_WIDTH_MM, look_at
from app.scene.environments import EnvironmentFault, picture_file
from app.scene.lighting import light_color, shining
from app.scene.placement import pinhole
from app.scene.scene import Camera, Environment, Light, Scene

COLLECTION: Final = "Stage"
WORLD: Final = "Environment"
VIEW_TRANSFORM, LOOK = "AgX", "None"

_KINDS: Final = {"area": "AREA", "sun": "SUN", "point": "POINT", "spot": "SPOT"}
_IMPORTANCE_MAP: Final = 256
"""Pixels: finer maps take Cycles longer to make than they save at our sample counts."""

_LAMPS: Final = 12
"""So many stand on the stage, whether they shine or not."""

_SPARE: Final = "Spare lamp"
_NUMBER: Final = "headroom_lamp"
_SMALLEST_AREA: Final = 1e-4


def build(bpy: Any, scene: Scene) -> Any:
    """Put the scene's camera, lights and environment in place of those that stood there.

    Lamps that are not needed stay, without energy: Cycles, which keeps the scene from picture to
    picture, would otherwise number those that are left by the pictures before, and draw other
    random numbers for them.

    Returns
    -------
    bpy.types.Object
        The camera, which is also made the active one.

    Raises
    ------
    OpError
        When the environment's picture cannot be used.
    """
    stage = _collection(bpy)
    camera = _camera(bpy, stage, scene.camera)
    _set_lamps(bpy, stage, shining(scene.lights))
    target = bpy.context.scene
    target.camera = camera
    target.world = _world(bpy, scene.environment)
    target.display_settings.display_device = "sRGB"
    target.view_settings.view_transform = VIEW_TRANSFORM
    target.view_settings.look = LOOK
    target.view_settings.exposure = 0.0
    target.view_settings.gamma = 1.0
    _resolution(target.render, scene.camera)
    bpy.context.view_layer.update()
    return camera


def _resolution(render: Any, camera: Camera) -> None:
    render.resolution_x, render.resolution_y = camera.width, camera.height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.use_border = False
    render.film_transparent = False


def drop_spare_lamps(bpy: Any) -> None:
    """Take away the lamps that the scene does not need; `build` makes new ones."""
    for obj in [o for o in _collection(bpy).objects if o.get(_SPARE)]:
        data = obj.data
        bpy.data.objects.remove(obj, do_unlink=True)
        bpy.data.lights.remove(data)


def _collection(bpy: Any) -> Any:
    stage = bpy.data.collections.get(COLLECTION)
    if stage is None:
        stage = bpy.data.collections.new(COLLECTION)
        bpy.context.scene.collection.children.link(stage)
    return stage


def _camera(bpy: Any, stage: Any, camera: Camera) -> Any:
    view = pinhole(camera)
    obj = next((o for o in stage.objects if o.type == "CAMERA"), None)
    if obj is None:
        data = bpy.data.cameras.new(camera.name)
        obj = bpy.data.objects.new(camera.name, data)
        stage.objects.link(obj)
    data = obj.data
    obj.name = data.name = camera.name
    data.type = "PERSP"
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = SENSOR_WIDTH_MM
    data.lens = view.focal_mm
    data.shift_x = data.shift_y = 0.0
    data.clip_start, data.clip_end = camera.clip_start, camera.clip_end
    data.dof.use_dof = False
    obj.matrix_world = as_matrix(obj, view.matrix_world)
    return obj


def _set_lamps(bpy: Any, stage: Any, lights: Sequence[Light]) -> None:
    """The stage's lamps in their order as the lights say, the rest dark."""
    own = [o for o in stage.objects if o.type == "LIGHT"]
    own.sort(key=lambda o: int(o[_NUMBER]))
    for number in range(len(own), max(_LAMPS, len(lights))):
        lamp = bpy.data.objects.new(_SPARE, bpy.data.lights.new(_SPARE, "POINT"))
        lamp[_NUMBER] = number
        lamp.visible_camera = False
        stage.objects.link(lamp)
        own.append(lamp)
    for number, obj in enumerate(own):
        obj.name = obj.data.name = f"{_SPARE} {number}"
        obj[_SPARE] = number >= len(lights)
        if obj[_SPARE]:
            obj.data.energy = 0.0
    for obj, light in zip(own, lights, strict=False):
        _set_lamp(obj, light)


def _set_lamp(obj: Any, light: Light) -> None:
    obj.data.type = _KINDS[light.kind]
    data = obj.data
    obj.name = data.name = light.name
    data.energy = light.energy
    data.color = light_color(light)
    if light.kind == "area":
        data.shape = "SQUARE"
        data.size = max(light.size, _SMALLEST_AREA)
    elif light.kind == "sun":
        data.angle = np.radians(light.size)
    else:
        data.shadow_soft_size = light.size
    if light.kind == "spot":
        data.spot_size = np.radians(light.spot_angle)
        data.spot_blend = light.spot_blend
    obj.matrix_world = as_matrix(obj, _aim(light))


def _aim(light: Light) -> Any:
    """Lamp to world, shape (4, 4); a lamp on its own target shines down."""
    position, target = np.array(light.position), np.array(light.target)
    if np.allclose(position, target):
        target = position - [0.0, 0.0, 1.0]
    return look_at(position, target)


def _world(bpy: Any, environment: Environment) -> Any:
    """One shader for what the environment shines, another for what the camera sees of it."""
    world = bpy.data.worlds.get(WORLD) or bpy.data.worlds.new(WORLD)
    nodes, links = world.node_tree.nodes, world.node_tree.links
    nodes.clear()
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = _IMPORTANCE_MAP
    output = nodes.new("ShaderNodeOutputWorld")
    shine = nodes.new("ShaderNodeBackground")
    shine.inputs["Strength"].default_value = environment.strength
    shine.inputs["Color"].default_value = (*environment.color, 1.0)
    if environment.picture is not None:
        links.new(_picture(bpy, nodes, links, environment), shine.inputs["Color"])
    if environment.visible:
        links.new(shine.outputs[0], output.inputs["Surface"])
        return world
    plain = nodes.new("ShaderNodeBackground")
    plain.inputs["Color"].default_value = (*environment.background, 1.0)
    path = nodes.new("ShaderNodeLightPath")
    mix = nodes.new("ShaderNodeMixShader")
    links.new(path.outputs["Is Camera Ray"], mix.inputs[0])
    links.new(shine.outputs[0], mix.inputs[1])
    links.new(plain.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], output.inputs["Surface"])
    return world


def _picture(bpy: Any, nodes: Any, links: Any, environment: Environment) -> Any:
    """Socket with the picture's colour in the direction of a ray.

    The mapping turns the direction, so that it takes the negative of the environment's turn.
    """
    assert environment.picture is not None
    try:
        path = picture_file(environment.picture)
        image = bpy.data.images.load(str(path), check_existing=True)
    except EnvironmentFault as problem:
        raise OpError("unreadable", str(problem)) from problem
    except RuntimeError as problem:
        text = f"Blender cannot read the environment {environment.picture}: choose another."
        raise OpError("unreadable", text, str(problem)) from problem
    direction = nodes.new("ShaderNodeTexCoord")
    turn = nodes.new("ShaderNodeMapping")
    turn.vector_type = "POINT"
    turn.inputs["Rotation"].default_value = (0.0, 0.0, -np.radians(environment.rotation))
    texture = nodes.new("ShaderNodeTexEnvironment")
    texture.image = image
    links.new(direction.outputs["Generated"], turn.inputs["Vector"])
    links.new(turn.outputs["Vector"], texture.inputs["Vector"])
    return texture.outputs["Color"]
