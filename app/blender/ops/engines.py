"""Settings of the engines for colour, measured in docs/decisions/0004-rendering.md."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import lru_cache
from typing import Any, Final

from app.blender.errors import OpError
from app.blender.report import Report
from app.scene.scene import RenderSettings

FINAL, PREVIEW = ("HIGH", "FAST"), ("FAST", "FAST")
"""Quality of the denoiser and of the filter over its albedo and normals."""

_EGL_PLATFORM_SURFACELESS_MESA: Final = 0x31DD

_GPU_KINDS: Final = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")


def set_engine(bpy: Any, settings: RenderSettings) -> None:
    """Choose the engine and its device.

    Raises
    ------
    OpError
        When EEVEE is asked for where there is no OpenGL.
    """
    render = bpy.context.scene.render
    render.use_compositing = render.use_sequencer = False
    render.use_persistent_data = True
    threads = _threads()
    render.threads_mode = "FIXED" if threads else "AUTO"
    if threads:
        render.threads = threads
    if settings.engine == "eevee":
        if not has_opengl():
            text = "EEVEE needs OpenGL, which this machine does not offer: choose Cycles."
            raise OpError("bad_request", text)
        use_engine(bpy, "BLENDER_EEVEE")
        bpy.context.scene.eevee.use_raytracing = True
    else:
        _set_cycles(bpy, settings)


def _threads() -> int:
    """How many HEADROOM_THREADS allows; 0 leaves it to Blender."""
    asked = os.environ.get("HEADROOM_THREADS", "")
    return min(int(asked), 1024) if asked.isdecimal() else 0


def use_engine(bpy: Any, engine: str) -> None:
    """Blender forgets all that it has prepared whenever the engine is set, even to the same."""
    render = bpy.context.scene.render
    if render.engine != engine:
        render.engine = engine


def device_name(bpy: Any) -> str:
    """What the engine computed on; for EEVEE known after its first picture."""
    if bpy.context.scene.render.engine == "CYCLES":
        gpu_found = _gpu(bpy) if bpy.context.scene.cycles.device == "GPU" else None
        return gpu_found[1] if gpu_found else f"CPU, {_threads() or os.cpu_count()} threads"
    import gpu  # type: ignore[import-not-found]

    try:
        return str(gpu.platform.renderer_get())
    except SystemError:
        return "OpenGL"


def render_picture(bpy: Any, report: Report, *, write_still: bool = False) -> None:
    """Render; where the GPU fails, the CPU takes over until the engine is set again.

    Raises
    ------
    RuntimeError
        As Blender does.
    """
    scene = bpy.context.scene
    try:
        bpy.ops.render.render(write_still=write_still)
    except RuntimeError as problem:
        if scene.render.engine != "CYCLES" or scene.cycles.device != "GPU":
            raise
        why = " ".join(str(problem).split()).removeprefix("Error: ").rstrip(".")
        report.notices.append(
            f"The GPU ({device_name(bpy)}) failed ({why}); the CPU made this picture."
        )
        scene.cycles.device = "CPU"
        bpy.ops.render.render(write_still=write_still)


def set_samples(bpy: Any, samples: int, denoise: bool, quality: tuple[str, str]) -> None:
    scene = bpy.context.scene
    scene.cycles.samples = samples
    scene.cycles.use_denoising = denoise
    scene.cycles.denoising_quality, scene.cycles.denoising_prefilter = quality
    scene.eevee.taa_render_samples = samples


def use_fast_subsurface(bpy: Any) -> None:
    """Subsurface scattering by a diffusion profile instead of a random walk."""
    for material in bpy.data.materials:
        for node in material.node_tree.nodes if material.node_tree else ():
            if node.type == "BSDF_PRINCIPLED":
                node.subsurface_method = "BURLEY"


def use_ambient_light(bpy: Any, reach: float, factor: float) -> None:
    """Light of the surroundings in place of bounces after the first, until the engine is set.

    It is darker where something lies within ``reach`` metres.
    """
    scene = bpy.context.scene
    scene.cycles.use_fast_gi = True
    scene.cycles.fast_gi_method, scene.cycles.ao_bounces_render = "REPLACE", 1
    scene.world.light_settings.distance = reach
    scene.world.light_settings.ao_factor = factor


def _set_cycles(bpy: Any, settings: RenderSettings) -> None:
    use_engine(bpy, "CYCLES")
    cycles = bpy.context.scene.cycles
    cycles.device = "GPU" if _gpu(bpy) else "CPU"
    cycles.seed = settings.seed
    cycles.use_light_tree = False
    cycles.sampling_pattern = "BLUE_NOISE"
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold, cycles.adaptive_min_samples = 0.2, 8
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.use_fast_gi = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 8, 3, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces = 8, 32
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5


@lru_cache(maxsize=1)
def _gpu(bpy: Any) -> tuple[str, str] | None:
    """Kind and name of the GPU that Cycles finds and is told to use, or None."""
    addon = bpy.context.preferences.addons.get("cycles")
    for kind in _GPU_KINDS if addon else ():
        try:
            addon.preferences.compute_device_type = kind
        except TypeError:
            continue
        addon.preferences.get_devices_for_type(kind)
        found = [d for d in addon.preferences.devices if d.type == kind]
        if found:
            for device in addon.preferences.devices:
                device.use = device.type == kind
            return kind, str(found[0].name)
    if addon:
        addon.preferences.compute_device_type = "NONE"
    return None


@lru_cache(maxsize=1)
def has_opengl() -> bool:
    """Whether EEVEE can draw; where it can't, Blender would end the process.

    Without a window Blender asks EGL on Linux, for the default display and then for none at all;
    other systems always have OpenGL or Metal.
    """
    if sys.platform != "linux":
        return True
    try:
        egl = ctypes.CDLL("libEGL.so.1")
        egl.eglGetDisplay.restype = egl.eglGetPlatformDisplay.restype = ctypes.c_void_p
    except (OSError, AttributeError):
        return False
    nothing = ctypes.c_void_p(None)
    displays = (
        egl.eglGetDisplay(nothing),
        egl.eglGetPlatformDisplay(_EGL_PLATFORM_SURFACELESS_MESA, nothing, nothing),
    )
    return any(
        display and egl.eglInitialize(ctypes.c_void_p(display), nothing, nothing)
        for display in displays
    )
