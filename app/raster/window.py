"""Off-screen OpenGL through VTK: windows, geometry and reading back."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkLogger, vtkPoints, vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkDataObject, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLPolyDataMapper

from app.geometry.pinhole import Pinhole

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class NoOpenGLError(RuntimeError):
    """No usable OpenGL on this machine; the text says why."""


def make_window(samples: int = 0, alpha: bool = False) -> Any:
    """An off-screen window that draws, from the first kind of context that this machine has.

    Parameters
    ----------
    samples : int
        Of a pixel, for smooth edges; 0 draws at the centres of the pixels alone.
    alpha : bool
        Whether its pictures have an alpha channel.

    Raises
    ------
    NoOpenGLError
    """
    if os.environ.get("HEADROOM_NO_OPENGL"):
        raise NoOpenGLError("OpenGL is switched off by HEADROOM_NO_OPENGL.")
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetShowWindow(False)
    window.SetMultiSamples(samples)
    window.SetAlphaBitPlanes(int(alpha))
    window.SetSize(64, 64)
    if not window.SupportsOpenGL():
        raise NoOpenGLError(
            "This machine offers no OpenGL 3.2: install Mesa (libegl1 and libgl1-mesa-dri)."
        )
    return window


def make_renderer(window: Any) -> Any:
    """A renderer that draws what it is given and adds nothing of its own."""
    renderer = vtkRenderer()
    renderer.SetAutomaticLightCreation(0)
    renderer.SetUseOIT(False)
    renderer.GetCullers().RemoveAllItems()
    window.AddRenderer(renderer)
    return renderer


class Geometry:
    """Points and triangles of one actor, in arrays that are filled in place."""

    def __init__(self, points: int, triangles: NDArray[Any]) -> None:
        self.data, self._points = vtkPolyData(), vtkPoints()
        self._points.SetData(numpy_to_vtk(np.zeros((points, 3), np.float32), deep=True))
        self.data.SetPoints(self._points)
        self.set_triangles(triangles)
        self._views: dict[str, tuple[Any, Any]] = {}
        self._place = vtk_to_numpy(self._points.GetData())

    def set_triangles(self, triangles: NDArray[Any]) -> None:
        cells = vtkCellArray()
        self._corners = np.ascontiguousarray(triangles, np.int64).ravel()
        cells.SetData(3, numpy_to_vtkIdTypeArray(self._corners, False))
        self.data.SetPolys(cells)

    def add(self, name: str, values: Floats) -> None:
        """A further array of values, one row a point; ``normalMC`` and ``tcoord`` VTK knows."""
        array = numpy_to_vtk(np.ascontiguousarray(values, np.float32), deep=True)
        array.SetName(name)
        attributes = self.data.GetPointData()
        known = {"normalMC": attributes.SetNormals, "tcoord": attributes.SetTCoords}
        known.get(name, attributes.AddArray)(array)
        self._views[name] = (array, vtk_to_numpy(array))

    def place(self, points: Floats) -> None:
        self._place[:] = points
        self._points.GetData().Modified()
        self._points.Modified()
        self.data.Modified()

    def fill(self, name: str, values: Floats) -> None:
        array, view = self._views[name]
        view[:] = values
        array.Modified()
        self.data.Modified()

    def actor(self, vertex: str, fragment: str) -> Any:
        """What draws it with these programs; its arrays are inputs of the same name."""
        mapper = vtkOpenGLPolyDataMapper()
        mapper.SetInputData(self.data)
        mapper.SetVBOShiftScaleMethod(0)
        mapper.ScalarVisibilityOff()
        mapper.StaticOn()
        for name in self._views.keys() - {"normalMC", "tcoord"}:
            mapper.MapDataArrayToVertexAttribute(
                name, name, vtkDataObject.FIELD_ASSOCIATION_POINTS, -1
            )
        actor = vtkActor()
        actor.SetMapper(mapper)
        actor.ForceOpaqueOn()
        program = actor.GetShaderProperty()
        program.SetVertexShaderCode(vertex)
        program.SetFragmentShaderCode(fragment)
        return actor


def uniforms(actor: Any) -> Any:
    return actor.GetShaderProperty().GetFragmentCustomUniforms()


class Reader:
    """Reads a window's pictures, top row first."""

    def __init__(self, window: Any) -> None:
        self._window = window
        self._bytes, self._floats = vtkUnsignedCharArray(), vtkFloatArray()

    def rgba(self) -> Bytes:
        """Shape (H, W, 4); changes with the next reading."""
        width, height = self._window.GetSize()
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._bytes, 0)
        return np.asarray(vtk_to_numpy(self._bytes)).reshape(height, width, 4)[::-1]

    def words(self) -> NDArray[np.uint32]:
        """The same as numbers, shape (H, W): red is the lowest byte."""
        width, height = self._window.GetSize()
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._bytes, 0)
        words = np.asarray(vtk_to_numpy(self._bytes)).view("<u4")
        return words.reshape(height, width)[::-1]

    def depths(self) -> Floats:
        """Shape (H, W), 0 at the near plane, 1 at the far one; changes with the next reading."""
        width, height = self._window.GetSize()
        self._window.GetZbufferData(0, 0, width - 1, height - 1, self._floats)
        return np.asarray(vtk_to_numpy(self._floats)).reshape(height, width)[::-1]


def aim(renderer: Any, window: Any, view: Pinhole, near: float, far: float) -> None:
    """Look as a pinhole camera does, with a picture of its size.

    Parameters
    ----------
    near, far : float
        Planes of the depth buffer, metres along the view axis.
    """
    if window.GetSize() != (view.width, view.height):
        window.SetSize(view.width, view.height)
    camera = renderer.GetActiveCamera()
    camera.SetPosition(*view.position)
    camera.SetFocalPoint(*(view.position - view.matrix_world[:3, 2]))
    camera.SetViewUp(*view.matrix_world[:3, 1])
    camera.SetViewAngle(view.vertical_field_of_view)
    camera.SetClippingRange(near, far)
