"""Roles of materials, guessed from the names of several makers of heads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.head.roles import guess_role, segment


@pytest.mark.parametrize(
    ("material", "mesh", "role"),
    [
        ("m008_head", "m008_hipoly_81_bones", "skin"),
        ("m008_body", "m008_hipoly_81_bones", "cloth"),
        ("m008_opacity", "m008_hipoly_81_bones_opacity", "hair"),
        ("Wolf3D_Skin", "Wolf3D_Head", "skin"),
        ("Wolf3D_Eye", "EyeLeft", "sclera"),
        ("Wolf3D_Teeth", "Wolf3D_Teeth", "teeth"),
        ("Wolf3D_Hair", "Wolf3D_Hair", "hair"),
        ("Wolf3D_Beard", "Wolf3D_Beard", "hair"),
        ("Wolf3D_Outfit_Top", "Wolf3D_Outfit_Top", "cloth"),
        ("Wolf3D_Glasses", "Wolf3D_Glasses", "accessory"),
        ("Std_Skin_Head", "CC_Base_Body", "skin"),
        ("Std_Eye_L", "CC_Base_Eye", "sclera"),
        ("Std_Cornea_L", "CC_Base_Eye", "cornea"),
        ("Std_Eyelash", "CC_Base_Body", "lashes"),
        ("Std_Upper_Teeth", "CC_Base_Teeth", "teeth"),
        ("Std_Tongue", "CC_Base_Tongue", "tongue"),
        ("Std_Eye_Occlusion_L", "CC_Base_EyeOcclusion", "cornea"),
        ("Std_Tearline_L", "CC_Base_TearLine", "cornea"),
        ("Human.eyebrows", "Human.eyebrow010", "brows"),
        ("high-poly", "Human.high-poly eyes", "sclera"),
        ("brown_hair", "Cube", "hair"),
        ("Material.001", "Head.002", "skin"),
        ("glasses", "Glasses", "accessory"),
        ("lens", "Glasses", "lens"),
        ("beard", "Beard", "hair"),
        ("Material", "Cube", "other"),
        ("", "", "other"),
    ],
)
def test_names_of_makers(material: str, mesh: str, role: str) -> None:
    assert guess_role(material, mesh) == role


@pytest.mark.parametrize(
    "name",
    [
        *("skin", "sclera", "iris", "cornea", "lashes", "brows", "hair", "teeth", "tongue"),
        *("cloth", "lens"),
    ],
)
def test_our_own_materials_name_their_role(name: str) -> None:
    assert guess_role(name, "anything") == name
    assert guess_role(f"{name}.003", "anything") == name


@given(st.text(), st.text())
def test_any_name_has_a_role_and_a_segment(material: str, mesh: str) -> None:
    assert segment(guess_role(material, mesh)) in ("skin", "eyes", "hair", "other")


def test_segments() -> None:
    roles = ("skin", "sclera", "iris", "cornea", "hair", "brows", "lashes", "teeth", "cloth")
    assert [segment(role) for role in roles] == [
        "skin", "eyes", "eyes", "eyes", "hair", "hair", "hair", "other", "other",
    ]  # fmt: skip
