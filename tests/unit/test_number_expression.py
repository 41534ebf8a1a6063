"""What may be typed into a number field."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.fields.expression import ExpressionError, evaluate


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2*15", "", 30.0),
        ("pi/4", "", math.pi / 4),
        ("1/3", "", 1 / 3),
        ("2 + 3 * 4", "", 14.0),
        ("(2 + 3) * 4", "", 20.0),
        ("2^3^2", "", 512.0),
        ("2**-1", "", 0.5),
        ("-2^2", "", -4.0),
        ("--3", "", 3.0),
        ("−7.5", "", -7.5),
        ("2,5", "", 2.5),
        (".5", "", 0.5),
        ("1e3", "", 1000.0),
        ("sqrt(2)", "", math.sqrt(2)),
        ("sin(30°) * 2", "", 1.0),
        ("30 cm", "m", 0.3),
        ("0.3 m", "m", 0.3),
        ("300mm", "m", 0.3),
        ("30 cm + 0.1", "m", 0.4),
        ("1 m", "mm", 1000.0),
        ('12"', "m", 0.3048),
        ("45°", "°", 45.0),
        ("(pi/2) rad", "°", 90.0),
        ("0.25 turn", "°", 90.0),
        ("1.5 kW", "W", 1500.0),
        ("3 W/m²", "W/m²", 3.0),
        ("6.5kK", "K", 6500.0),
        ("50 %", "%", 50.0),
        ("640 px", "px", 640.0),
    ],
)
def test_arithmetic_and_units(text: str, unit: str, value: float) -> None:
    assert evaluate(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("", "m", "type a number"),
        ("   ", "m", "type a number"),
        ("three", "", "three"),
        ("1 +", "", "missing"),
        ("(1", "", "bracket"),
        ("()", "", "not understood"),
        ("1 2", "", "not expected"),
        ("1/0", "", "zero"),
        ("9**9**9", "", "finite"),
        ("(-8)^(1/3)", "", "finite"),
        ("sqrt(-1)", "", "finite"),
        ("3 kg", "m", "does not fit m"),
        ("3 cm", "°", "does not fit °"),
        ("3°", "m", "does not fit m"),
        ("__import__('os')", "", "not understood"),
        ("a.b", "", "not understood"),
        ("1" * 500, "", "longer"),
        ("(" * 300, "", "longer"),
        ("(" * 100 + "1" + ")" * 99, "", "nested"),
        ("-" * 150 + "(", "", "missing"),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(text: str, unit: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says):
        evaluate(text, unit)


@given(st.text(max_size=60), st.sampled_from(["", "m", "°", "W", "px"]))
def test_any_text_is_a_finite_number_or_refused(text: str, unit: str) -> None:
    try:
        assert math.isfinite(evaluate(text, unit))
    except ExpressionError as error:
        assert str(error)


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_agrees_with_python(a: float, b: float) -> None:
    assert evaluate(f"({a!r}) * 2 - {b!r} / 3") == pytest.approx(a * 2 - b / 3)
