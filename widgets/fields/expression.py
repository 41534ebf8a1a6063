"""What people type into a number field: arithmetic with units, without ``eval``.

A plain number is in the unit of the field; a number with a unit is converted to it, so in a field
of metres ``30 cm + 0.1`` is 0.4, and ``sin(30°)`` is 0.5 wherever it is typed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

LENGTH: Final[dict[str, float]] = {
    "m": 1.0,
    "cm": 0.01,
    "mm": 0.001,
    "km": 1000.0,
    "um": 1e-6,
    "µm": 1e-6,
    "in": 0.0254,
    '"': 0.0254,
    "ft": 0.3048,
}
ANGLE: Final[dict[str, float]] = {
    "°": 1.0,
    "deg": 1.0,
    "degrees": 1.0,
    "rad": 180.0 / math.pi,
    "radians": 180.0 / math.pi,
    "turn": 360.0,
}
FRACTION: Final[dict[str, float]] = {"%": 1.0}
POWER: Final[dict[str, float]] = {"W": 1.0, "mW": 0.001, "kW": 1000.0}
IRRADIANCE: Final[dict[str, float]] = {"W/m²": 1.0, "W/m2": 1.0, "W": 1.0, "kW": 1000.0}
TEMPERATURE: Final[dict[str, float]] = {"K": 1.0, "kK": 1000.0}
TIME: Final[dict[str, float]] = {"s": 1.0, "ms": 0.001, "min": 60.0}
RATE: Final[dict[str, float]] = {"fps": 1.0}
PIXELS: Final[dict[str, float]] = {"px": 1.0}
FACTOR: Final[dict[str, float]] = {"×": 1.0, "x": 1.0}
QUANTITIES: Final = (
    LENGTH,
    ANGLE,
    FRACTION,
    POWER,
    IRRADIANCE,
    TEMPERATURE,
    TIME,
    RATE,
    PIXELS,
    FACTOR,
)

CONSTANTS: Final[dict[str, float]] = {"pi": math.pi, "π": math.pi, "tau": math.tau, "e": math.e}
FUNCTIONS: Final[dict[str, Callable[[float], float]]] = {
    "sqrt": math.sqrt,
    "abs": abs,
    "sin": lambda degrees: math.sin(math.radians(degrees)),
    "cos": lambda degrees: math.cos(math.radians(degrees)),
    "tan": lambda degrees: math.tan(math.radians(degrees)),
    "round": lambda value: float(round(value)),
}
MAX_LENGTH: Final = 200
MAX_DEPTH: Final = 40

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:[.,]\d*)?(?:[eE][+-]?\d+)?|[.,]\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<unit>W/m²|W/m2)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<mark>\*\*|[-+*/^()°%\"×]))"
)


class ExpressionError(ValueError):
    """The text is no number; the message says why in a few words."""


def units_of(unit: str) -> dict[str, float]:
    """The units that a field of ``unit`` accepts, with their sizes in a common one."""
    return next((q for q in QUANTITIES if unit in q), {})


def evaluate(text: str, unit: str = "") -> float:
    """Value of an expression in ``unit``.

    Raises
    ------
    ExpressionError
        When the text is not arithmetic, uses a unit that does not fit, or has no finite value.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters")
    tokens = _tokens(text.replace("−", "-"))
    if not tokens:
        raise ExpressionError("type a number")
    parser = _Parser(tokens, unit)
    try:
        value = parser.sum()
    except ZeroDivisionError:
        raise ExpressionError("division by zero") from None
    except (OverflowError, ValueError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError("has no finite value") from None
    parser.end()
    if isinstance(value, complex) or not math.isfinite(value):
        raise ExpressionError("has no finite value")
    return value


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"“{text[at:].strip()[:12]}” is not understood")
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        at = match.end()
    return found


class _Parser:
    """Recursive descent: sum → product → sign → power → value with an optional unit."""

    def __init__(self, tokens: list[tuple[str, str]], unit: str) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._unit = unit
        self._units = units_of(unit)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise ExpressionError(f"“{self._tokens[self._at][1]}” is not expected here")

    def sum(self) -> float:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError("too deeply nested")
        value = self._product()
        while (mark := self._accept("+", "-")) is not None:
            term = self._product()
            value = value + term if mark == "+" else value - term
        self._depth -= 1
        return value

    def _product(self) -> float:
        value = self._sign()
        while (mark := self._accept("*", "/", "×")) is not None:
            factor = self._sign()
            value = value / factor if mark == "/" else value * factor
        return value

    def _sign(self) -> float:
        negative = False
        while (mark := self._accept("+", "-")) is not None:
            negative ^= mark == "-"
        value = self._power()
        return -value if negative else value

    def _power(self) -> float:
        base = self._with_unit()
        if self._accept("**", "^") is None:
            return base
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError("too deeply nested")
        exponent = self._sign()
        self._depth -= 1
        return float(math.pow(base, exponent))

    def _with_unit(self) -> float:
        value = self._value()
        kind, word = self._peek()
        if word in self._units and (word != "×" or self._at == len(self._tokens) - 1):
            self._at += 1
            return value * self._units[word] / self._units[self._unit]
        if word in ANGLE and kind in ("word", "mark"):
            if self._unit and self._units is not ANGLE and self._depth <= 1:
                raise ExpressionError(f"“{word}” does not fit {self._unit}")
            self._at += 1
            return value * ANGLE[word]
        if kind in ("word", "unit"):
            raise ExpressionError(
                f"“{word}” does not fit {self._unit}" if self._unit else f"“{word}” is no unit here"
            )
        return value

    def _value(self) -> float:
        kind, text = self._peek()
        self._at += 1
        if kind == "number":
            return float(text.replace(",", "."))
        if text == "(":
            return self._closed()
        if text in CONSTANTS:
            return CONSTANTS[text]
        if text in FUNCTIONS:
            if self._accept("(") is None:
                raise ExpressionError(f"{text} needs brackets")
            return FUNCTIONS[text](self._closed())
        raise ExpressionError(f"“{text}” is not understood" if text else "something is missing")

    def _closed(self) -> float:
        value = self.sum()
        if self._accept(")") is None:
            raise ExpressionError("a bracket is missing")
        return value

    def _accept(self, *marks: str) -> str | None:
        kind, text = self._peek()
        if kind == "mark" and text in marks:
            self._at += 1
            return text
        return None

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
