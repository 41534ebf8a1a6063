"""Materials by role: plain ones for export, and their upgrade for Cycles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_ABSENT = "Headroom absent"
_ROUGHNESS = {"sclera": 0.25, "iris": 0.9, "teeth": 0.25, "tongue": 0.35}
_ROUGHNESS |= {"hair": 0.9, "brows": 0.95, "lashes": 0.95, "cloth": 0.85, "skin": 0.5}


def plain_material(bpy: Any, name: str, textures: Path, look: dict[str, Any] | None = None) -> Any:
    """A Principled material with the textures ``<name>_color``, ``_normal`` and ``_roughness``.

    Parameters
    ----------
    look : dict or None
        ``color`` (linear), ``alpha``, ``roughness`` and ``metallic`` of what has no textures.
    """
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = _ROUGHNESS.get(name, 0.5)
    if look is not None:
        shader.inputs["Base Color"].default_value = (*look["color"], 1.0)
        shader.inputs["Alpha"].default_value = look["alpha"]
        shader.inputs["Roughness"].default_value = look["roughness"]
        shader.inputs["Metallic"].default_value = look["metallic"]
    color = _texture(bpy, nodes, textures, f"{name}_color", False)
    if color is not None:
        links.new(color.outputs["Color"], shader.inputs["Base Color"])
    rough = _texture(bpy, nodes, textures, f"{name}_roughness", True)
    if rough is not None:
        links.new(rough.outputs["Color"], shader.inputs["Roughness"])
    normal = _texture(bpy, nodes, textures, f"{name}_normal", True)
    if normal is not None:
        bump = nodes.new("ShaderNodeNormalMap")
        links.new(normal.outputs["Color"], bump.inputs["Color"])
        links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    return material


def _texture(bpy: Any, nodes: Any, folder: Path, stem: str, data: bool) -> Any | None:
    found = sorted(folder.glob(f"{stem}.*"))
    if not found:
        return None
    node = nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.load(str(found[0]), check_existing=True)
    node.image.alpha_mode = "NONE"
    node.image.colorspace_settings.name = "Non-Color" if data else "sRGB"
    return node


def upgrade_materials(bpy: Any, roles: dict[str, str]) -> None:
    """Give loaded materials what Cycles needs to show them as what they are.

    Parameters
    ----------
    bpy : module
    roles : dict of str to str
        Role of each material name; names that are not loaded and unknown roles are left alone.
    """
    for name, role in roles.items():
        material = bpy.data.materials.get(name)
        change = _UPGRADES.get(role)
        if material is not None and change is not None:
            shader = _principled(material)
            if shader is not None:
                change(material, shader)


def hide_clear(bpy: Any, hidden: bool) -> None:
    """Let all rays pass through the surfaces that hide nothing, or show them again."""
    for material in bpy.data.materials:
        node = material.node_tree.nodes.get(_ABSENT) if material.node_tree else None
        if node is not None and node.inputs[1].default_value != float(hidden):
            node.inputs[1].default_value = float(hidden)


def _principled(material: Any) -> Any | None:
    if not material.use_nodes or material.node_tree is None:
        return None
    return next((n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED"), None)


def _set(shader: Any, **values: Any) -> None:
    for key, value in values.items():
        socket = shader.inputs.get(key.replace("_", " "))
        if socket is not None:
            socket.default_value = value


def _skin(_: Any, shader: Any) -> None:
    _set(
        shader,
        Metallic=0.0,
        Subsurface_Weight=1.0,
        Subsurface_Scale=0.0022,
        Subsurface_IOR=1.4,
        Subsurface_Anisotropy=0.7,
        Specular_IOR_Level=0.45,
        Coat_Weight=0.04,
        Coat_Roughness=0.32,
        Sheen_Weight=0.04,
        Sheen_Roughness=0.5,
        IOR=1.4,
    )
    _set(shader, Subsurface_Radius=(1.0, 0.42, 0.24))


def _sclera(_: Any, shader: Any) -> None:
    _set(shader, Metallic=0.0, Roughness=0.22, Subsurface_Weight=0.5, Subsurface_Scale=0.0015)
    _set(shader, Subsurface_Radius=(1.0, 0.5, 0.35), Coat_Weight=0.9, Coat_Roughness=0.06)


def _iris(_: Any, shader: Any) -> None:
    """All gloss is the cornea's; the iris lies in water, which hardly reflects."""
    _set(shader, Metallic=0.0, Roughness=1.0, Specular_IOR_Level=0.02)


def _cornea(material: Any, shader: Any) -> None:
    """Refracting for the camera, absent for shadows, so that the iris is lit.

    `hide_clear` makes it absent altogether.
    """
    tree = material.node_tree
    for key in ("Base Color", "Alpha", "Roughness", "Normal"):
        for link in list(shader.inputs[key].links):
            tree.links.remove(link)
    _set(shader, Metallic=0.0, Roughness=0.0, IOR=1.376, Transmission_Weight=1.0, Alpha=1.0)
    _set(shader, Base_Color=(1.0, 1.0, 1.0, 1.0))
    output = next((n for n in tree.nodes if n.type == "OUTPUT_MATERIAL"), None)
    if output is None:
        return
    path = tree.nodes.new("ShaderNodeLightPath")
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    mix = tree.nodes.new("ShaderNodeMixShader")
    absent = tree.nodes.new("ShaderNodeMath")
    absent.name, absent.operation = _ABSENT, "MAXIMUM"
    absent.inputs[1].default_value = 0.0
    tree.links.new(path.outputs["Is Shadow Ray"], absent.inputs[0])
    tree.links.new(absent.outputs[0], mix.inputs[0])
    tree.links.new(shader.outputs[0], mix.inputs[1])
    tree.links.new(clear.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])


def _hair(_: Any, shader: Any) -> None:
    _set(shader, Metallic=0.0, Roughness=0.7, Specular_IOR_Level=0.1)


def _strand(_: Any, shader: Any) -> None:
    _set(shader, Metallic=0.0, Roughness=0.65, Specular_IOR_Level=0.2)


def _teeth(_: Any, shader: Any) -> None:
    _set(shader, Metallic=0.0, Roughness=0.22, Subsurface_Weight=0.6, Subsurface_Scale=0.002)
    _set(shader, Subsurface_Radius=(1.0, 0.8, 0.6), Coat_Weight=0.4, Coat_Roughness=0.1)


def _tongue(_: Any, shader: Any) -> None:
    _set(shader, Metallic=0.0, Roughness=0.35, Subsurface_Weight=0.7, Subsurface_Scale=0.003)
    _set(shader, Subsurface_Radius=(1.0, 0.35, 0.25), Coat_Weight=0.5, Coat_Roughness=0.15)


def _cloth(_: Any, shader: Any) -> None:
    _set(shader, Metallic=0.0, Roughness=0.9, Sheen_Weight=0.35, Sheen_Roughness=0.5)
    _set(shader, Specular_IOR_Level=0.2)


_UPGRADES = {
    "skin": _skin,
    "sclera": _sclera,
    "iris": _iris,
    "cornea": _cornea,
    "hair": _hair,
    "brows": _strand,
    "lashes": _strand,
    "teeth": _teeth,
    "tongue": _tongue,
    "mouth": _tongue,
    "cloth": _cloth,
}
