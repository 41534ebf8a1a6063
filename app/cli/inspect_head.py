"""``main.py inspect-head``: what is in a rigged FBX, and how it was understood."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from app.blender.client import Blender
from app.blender.heads import HeadError, open_head
from app.blender.protocol import OUR_FAULTS
from app.geometry.rotations import blender_xyz_from_matrix
from app.head.asset import HeadAsset
from app.scene.scene import HeadFile

ROLES = ("neck", "head", "eye_left", "eye_right", "jaw")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "inspect-head", help="print what is in a rigged FBX and which bones turn the head"
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="an FBX file, or builtin:NAME for a shipped head"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    reports: list[dict[str, Any]] = []
    status = 0
    with Blender(spare=False) as blender:
        for file in args.files:
            try:
                asset = open_head(HeadFile(file), blender).asset
            except KeyboardInterrupt:
                print("main.py inspect-head: stopped.", file=sys.stderr)
                return 130
            except HeadError as problem:
                message = " ".join(str(problem).split())
                print(f"main.py inspect-head: {message}", file=sys.stderr)
                status = max(status, 1 if problem.kind in OUR_FAULTS else 2)
                error = {"kind": problem.kind, "message": message}
                reports.append({"file": file, "error": error})
                continue
            reports.append({"file": file, **describe(asset)})
            if not args.json:
                print(("\n" if len(reports) > 1 else "") + as_text(reports[-1]))
    if args.json and (len(args.files) > 1 or status == 0):
        print(json.dumps(reports if len(args.files) > 1 else reports[0], indent=2))
    return status


def describe(asset: HeadAsset) -> dict[str, Any]:
    """Everything about a head that a person or a script may ask for."""
    reasons = asset.roles.reasons
    angles = blender_xyz_from_matrix(asset.zero.rotation)
    chosen = {role: getattr(asset.roles, role) for role in ROLES}
    return {
        "name": asset.name,
        "sha256": asset.source.sha256,
        "fbx": {"version": asset.source.fbx_version, "creator": asset.source.creator},
        "bones": {
            role: {"bone": bone, "why": reasons.get(role, "Not found.")}
            for role, bone in chosen.items()
        },
        "chain": list(asset.roles.chain),
        "scale": {"factor": asset.source.scale, "why": reasons.get("scale", "")},
        "axes": {
            "up": "+Z",
            "facing": "-Y",
            "turned_degrees": asset.source.facing_turn,
            "why": reasons.get("facing", ""),
        },
        "head": {
            "height_m": round(asset.head_height, 4),
            "centre_at_rest_m": [round(float(v), 5) for v in asset.head_centre],
            "centre_why": reasons.get("head_centre", ""),
        },
        "zero_pose": {
            "yaw": round(angles.yaw, 3),
            "pitch": round(angles.pitch, 3),
            "roll": round(angles.roll, 3),
            "residual_degrees": asset.zero.residual,
            "method": asset.zero.method,
        },
        "counts": {
            "bones": len(asset.skeleton.names),
            "meshes": len(asset.meshes),
            "vertices": asset.vertex_count,
            "triangles": asset.triangle_count,
            "shapes": len(asset.shape_names),
        },
        "meshes": [
            {
                "name": m.name,
                "vertices": len(m.vertices),
                "triangles": len(m.triangles),
                "shapes": len(m.shapes),
            }
            for m in asset.meshes
        ],
        "shapes": list(asset.shape_names),
        "materials": [
            {
                "name": m.name,
                "role": m.role,
                "textures": {
                    kind: name
                    for kind in ("color", "normal", "roughness")
                    if (name := getattr(m, f"{kind}_texture")) is not None
                },
            }
            for m in asset.materials
        ],
        "warnings": list(asset.warnings),
    }


def as_text(report: dict[str, Any]) -> str:
    """The same for people: one fact a line."""
    counts, zero, head = report["counts"], report["zero_pose"], report["head"]
    rows = [
        ("File", f"{report['file']} (FBX {report['fbx']['version']}, {report['fbx']['creator']})"),
        *(
            (role.replace("_", " ").capitalize(), about["why"])
            for role, about in report["bones"].items()
        ),
        ("Turned by", " → ".join(report["chain"])),
        ("Scale", f"{report['scale']['factor']:.4g}. {report['scale']['why']}"),
        ("Facing", f"{report['axes']['turned_degrees']:+.0f}°. {report['axes']['why']}"),
        ("Height", f"{head['height_m']:.3f} m"),
        ("Centre", head["centre_why"]),
        (
            "Zero pose",
            f"yaw {zero['yaw']:+.2f}°, pitch {zero['pitch']:+.2f}°, roll {zero['roll']:+.2f}° "
            f"from the file's; {zero['residual_degrees']:.4f}° are left. {zero['method']}",
        ),
        (
            "Meshes",
            f"{counts['meshes']} with {counts['vertices']} vertices, {counts['triangles']} "
            f"triangles; {counts['bones']} bones",
        ),
        ("Shapes", _some(report["shapes"])),
        *(("Material", _material(m)) for m in report["materials"]),
        *(("Warning", w) for w in report["warnings"]),
    ]
    return "\n".join(f"{label:<10} {text}" for label, text in rows)


def _some(names: list[str]) -> str:
    if not names:
        return "none"
    return f"{len(names)}: {', '.join(names[:6])}{', …' if len(names) > 6 else ''}"


def _material(material: dict[str, Any]) -> str:
    textures = ", ".join(material["textures"].values()) or "no textures"
    return f"{material['name']} ({material['role']}): {textures}"
