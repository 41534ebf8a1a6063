"""Parametric people: shape, surface paint and hair as arrays, without Blender.

Only functions that build a person import ``torch`` and ``anny``; importing this package is cheap.
"""
