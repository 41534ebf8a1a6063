"""Cameras of Windows in the order of DirectShow, which OpenCV counts by."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Any, Final

from inference.live.cameras import Camera

SYSTEM_DEVICE_ENUM: Final = "{62BE5D10-60EB-11D0-BD3B-00A0C911CE86}"
I_CREATE_DEV_ENUM: Final = "{29840822-5B84-11D0-BD3B-00A0C911CE86}"
VIDEO_INPUT_CATEGORY: Final = "{860BB310-5D01-11D0-BD3B-00A0C911CE86}"
I_PROPERTY_BAG: Final = "{55272A00-42CB-11CE-8135-00AA004BB851}"
IN_PROCESS: Final = 1
BINARY_STRING: Final = 8
RELEASE: Final = 2
READ: Final = 3
NEXT: Final = 3
CREATE_CLASS_ENUMERATOR: Final = 3
BIND_TO_STORAGE: Final = 9


class _Variant(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_ushort),
        ("reserved", ctypes.c_ushort * 3),
        ("text", ctypes.c_void_p),
        ("more", ctypes.c_void_p),
    )


def directshow_cameras() -> tuple[Camera, ...]:
    """Names and device paths; no camera is opened. Empty where DirectShow does not answer."""
    if sys.platform != "win32":
        return ()
    ole = ctypes.windll.ole32
    begun = ole.CoInitializeEx(None, 0) >= 0
    found: list[Camera] = []
    try:
        with suppress(OSError):
            _collect(ole, found)
    finally:
        if begun:
            ole.CoUninitialize()
    return tuple(found)


def _collect(ole: Any, found: list[Camera]) -> None:
    maker, monikers = ctypes.c_void_p(), ctypes.c_void_p()
    made = ole.CoCreateInstance(
        _guid(ole, SYSTEM_DEVICE_ENUM),
        None,
        IN_PROCESS,
        _guid(ole, I_CREATE_DEV_ENUM),
        ctypes.byref(maker),
    )
    if made != 0:
        return
    try:
        category = _guid(ole, VIDEO_INPUT_CATEGORY)
        none = _call(maker, CREATE_CLASS_ENUMERATOR, category, ctypes.byref(monikers), 0)
        if none != 0:
            return
        try:
            while True:
                moniker = ctypes.c_void_p()
                if _call(monikers, NEXT, 1, ctypes.byref(moniker), None) != 0:
                    return
                try:
                    found.append(_camera(ole, moniker, len(found)))
                finally:
                    _call(moniker, RELEASE)
        finally:
            _call(monikers, RELEASE)
    finally:
        _call(maker, RELEASE)


def _camera(ole: Any, moniker: ctypes.c_void_p, index: int) -> Camera:
    bag = ctypes.c_void_p()
    identity = _guid(ole, I_PROPERTY_BAG)
    if _call(moniker, BIND_TO_STORAGE, None, None, identity, ctypes.byref(bag)) != 0:
        return Camera(index, f"Camera {index}")
    try:
        name = _text(bag, "FriendlyName") or f"Camera {index}"
        return Camera(index, name, _text(bag, "DevicePath"))
    finally:
        _call(bag, RELEASE)


def _text(bag: ctypes.c_void_p, name: str) -> str:
    value = _Variant()
    if _call(bag, READ, ctypes.c_wchar_p(name), ctypes.byref(value), None) != 0:
        return ""
    try:
        if value.kind != BINARY_STRING or not value.text:
            return ""
        return ctypes.wstring_at(value.text)
    finally:
        if sys.platform == "win32":
            ctypes.windll.oleaut32.VariantClear(ctypes.byref(value))


def _guid(ole: Any, text: str) -> Any:
    guid = (ctypes.c_ubyte * 16)()
    ole.CLSIDFromString(ctypes.c_wchar_p(text), ctypes.byref(guid))
    return ctypes.byref(guid)


def _call(thing: ctypes.c_void_p, method: int, *values: Any) -> int:
    """Call a method of a COM object by its place in the table; gives its HRESULT."""
    if sys.platform != "win32" or not thing:
        return -1
    table = ctypes.cast(thing, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))[0]
    function = ctypes.WINFUNCTYPE(ctypes.c_long, ctypes.c_void_p, *map(_kind, values))
    return int(function(table[method])(thing, *values))


def _kind(value: Any) -> Any:
    if isinstance(value, int):
        return ctypes.c_ulong
    return ctypes.c_wchar_p if isinstance(value, ctypes.c_wchar_p) else ctypes.c_void_p
