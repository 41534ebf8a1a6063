"""Where a .blend itself sees its bones, and how the head is held.

Run by test_render with ``bpy`` among its globals. Argument: the .blend. Prints JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bpy_extras.object_utils import world_to_camera_view

bpy: Any = globals()["bpy"]
bpy.ops.wm.open_mainfile(filepath=sys.argv[2], load_ui=False, use_scripts=False)
scene = bpy.context.scene
armature = next(o for o in bpy.data.objects if o.type == "ARMATURE")
width, height = scene.render.resolution_x, scene.render.resolution_y
bones = {}
for bone in armature.pose.bones:
    ends = []
    for point in (bone.head, bone.tail):
        x, y, z = world_to_camera_view(scene, scene.camera, armature.matrix_world @ point)
        ends.append([x * width - 0.5, (1.0 - y) * height - 0.5, z])
    bones[bone.name] = ends
centre = bpy.data.objects["Head centre"].matrix_world
report = {
    "bones": bones,
    "centre": [list(row) for row in centre],
    "size": [width, height],
    "engine": scene.render.engine,
    "samples": scene.cycles.samples,
    "lights": sorted(o.name for o in bpy.data.objects if o.type == "LIGHT"),
    "packed": all(i.packed_file for i in bpy.data.images if i.source == "FILE"),
    "view_transform": scene.view_settings.view_transform,
}
print("REPORT " + json.dumps(report))
