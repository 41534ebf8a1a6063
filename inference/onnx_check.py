"""What an ONNX file holds, read from its bytes before anything runs it.

ONNX Runtime takes files as they are: it opens others that they name, and some damaged ones end the
process. The protocol buffers' wire format is simple enough to walk over the parts that decide
whether a file may be opened at all.

Source of the numbers of fields: the ONNX project's ``onnx.proto`` (IR version 8 and later) and the
protocol buffers' description of their encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

DOMAINS: Final = frozenset({"", "ai.onnx"})
DEPTH: Final = 8
"""Graphs inside graphs, as branches have them."""

NODES: Final = 20_000

_MODEL_GRAPH, _MODEL_OPSETS, _MODEL_FUNCTIONS = 7, 8, 25
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_GRAPH_NODES, _GRAPH_TENSORS, _GRAPH_SPARSE = 1, 5, 15
_NODE_KIND, _NODE_ATTRIBUTES, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_ATTRIBUTE_SPARSE = frozenset({22, 23})
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14


class OnnxError(Exception):
    """Why a file is not opened, in one line."""


@dataclass(frozen=True)
class Contents:
    """Version of the operators that a file asks for, and how many it has."""

    opset: int
    nodes: int


def inspect(data: bytes) -> Contents:
    """Refuse what is no ONNX file, names other files, or has operators of its own.

    Raises
    ------
    OnnxError
        With what is wrong.
    """
    walk = _Walk()
    view = memoryview(data)
    try:
        walk.model(view)
    except (IndexError, ValueError, UnicodeDecodeError):
        raise OnnxError("this is no ONNX file, or it is cut short") from None
    if not walk.nodes or not walk.opset:
        raise OnnxError("this is no ONNX file: it holds no graph")
    return Contents(walk.opset, walk.nodes)


class _Walk:
    def __init__(self) -> None:
        self.opset = 0
        self.nodes = 0

    def model(self, data: memoryview) -> None:
        for field, value in _fields(data):
            if field == _MODEL_GRAPH:
                self.graph(_message(value), 0)
            elif field == _MODEL_OPSETS:
                self.operators(_message(value))
            elif field == _MODEL_FUNCTIONS:
                raise OnnxError("it defines operators of its own, which are not run")

    def operators(self, data: memoryview) -> None:
        domain, version = "", 0
        for field, value in _fields(data):
            if field == _OPSET_DOMAIN:
                domain = _text(value)
            elif field == _OPSET_VERSION and isinstance(value, int):
                version = value
        if domain in DOMAINS:
            self.opset = max(self.opset, version)

    def graph(self, data: memoryview, depth: int) -> None:
        if depth > DEPTH:
            raise OnnxError("its graphs lie too deep inside each other")
        for field, value in _fields(data):
            if field == _GRAPH_NODES:
                self.node(_message(value), depth)
            elif field == _GRAPH_TENSORS:
                self.tensor(_message(value))
            elif field == _GRAPH_SPARSE:
                raise OnnxError("it holds sparse tensors, which are not read")

    def node(self, data: memoryview, depth: int) -> None:
        self.nodes += 1
        if self.nodes > NODES:
            raise OnnxError(f"it has more than {NODES} operators")
        kind, domain = "", ""
        for field, value in _fields(data):
            if field == _NODE_KIND:
                kind = _text(value)
            elif field == _NODE_DOMAIN:
                domain = _text(value)
            elif field == _NODE_ATTRIBUTES:
                self.attribute(_message(value), depth)
        if domain not in DOMAINS:
            raise OnnxError(f"it has the operator {domain}:{kind}, only those of ONNX are run")

    def attribute(self, data: memoryview, depth: int) -> None:
        for field, value in _fields(data):
            if field in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
                self.tensor(_message(value))
            elif field in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
                self.graph(_message(value), depth + 1)
            elif field in _ATTRIBUTE_SPARSE:
                raise OnnxError("it holds sparse tensors, which are not read")

    def tensor(self, data: memoryview) -> None:
        for field, value in _fields(data):
            if field == _TENSOR_EXTERNAL or (field == _TENSOR_LOCATION and value != 0):
                raise OnnxError("its numbers lie in another file; save it with them inside")


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field of a message; fixed-width values are passed over."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif kind == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise IndexError
            yield key >> 3, data[at : at + length]
            at += length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError(kind)


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError(at)


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError(value)
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode()
