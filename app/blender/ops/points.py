"""Landmarks as empties in FBX and GLB files, written and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from app.blender.errors import OpError
from app.blender.ops.importing import import_fbx
from app.blender.report import Report

TOPOLOGY: Final = "headroom_topology"
INDEX: Final = "headroom_index"
_SIZE: Final = 0.002
_LIMIT: Final = 50_000


def write_points(bpy: Any, args: dict[str, Any], _: Report) -> dict[str, Any]:
    """Write one empty for each point under an empty that carries the topology as text.

    Parameters
    ----------
    args : dict
        ``points`` (a JSON file: ``name``, ``carried``, ``names``, ``positions`` in metres) and
        ``output`` (ends in ``.fbx`` or ``.glb``).

    Returns
    -------
    dict
        ``output`` and ``bytes``.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    content = json.loads(Path(args["points"]).read_text(encoding="utf-8"))
    output = Path(args["output"])
    scene = bpy.context.scene.collection.objects
    root = bpy.data.objects.new(content["name"], None)
    root[TOPOLOGY] = content["carried"]
    root.empty_display_size = 10 * _SIZE
    scene.link(root)
    for index, (name, position) in enumerate(
        zip(content["names"], content["positions"], strict=True)
    ):
        empty = bpy.data.objects.new(name, None)
        empty.empty_display_size = _SIZE
        empty.location = position
        empty.parent = root
        empty[INDEX] = index
        scene.link(empty)
    bpy.context.view_layer.update()
    if output.suffix == ".glb":
        bpy.ops.export_scene.gltf(filepath=str(output), export_format="GLB", export_extras=True)
    else:
        bpy.ops.export_scene.fbx(
            filepath=str(output),
            object_types={"EMPTY"},
            apply_scale_options="FBX_SCALE_ALL",
            use_custom_props=True,
            bake_anim=False,
        )
    return {"output": str(output), "bytes": output.stat().st_size}


def read_points(bpy: Any, args: dict[str, Any], _: Report) -> dict[str, Any]:
    """Read the empties of a file.

    Parameters
    ----------
    args : dict
        ``path``.

    Returns
    -------
    dict
        ``carried`` (text, or None) and ``points``: ``name``, ``index`` (or None) and ``position``
        of each empty that is not the root, metres in Blender's world.

    Raises
    ------
    OpError
        When the file cannot be read, or holds more objects than any topology.
    """
    path = Path(args["path"])
    if path.suffix.lower() == ".glb":
        _import_glb(bpy, path)
    else:
        import_fbx(bpy, path)
    if len(bpy.data.objects) > _LIMIT:
        text = f"{path.name} has more than {_LIMIT} objects; no topology has."
        raise OpError("too_large", text)
    bpy.context.view_layer.update()
    carried, points = None, []
    for thing in bpy.data.objects:
        text = thing.get(TOPOLOGY)
        if isinstance(text, str):
            carried = text
        elif thing.type == "EMPTY":
            index = thing.get(INDEX)
            points.append(
                {
                    "name": thing.name,
                    "index": int(index) if isinstance(index, int | float) else None,
                    "position": list(thing.matrix_world.translation),
                }
            )
    return {"carried": carried, "points": points}


def _import_glb(bpy: Any, path: Path) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    try:
        bpy.ops.import_scene.gltf(filepath=str(path))
    except Exception as problem:
        text = f"{path.name} cannot be read as GLB: export it again."
        raise OpError("corrupt", text, repr(problem)) from None
