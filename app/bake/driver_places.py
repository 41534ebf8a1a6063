"""Where hands are that are not on the wheel."""

from __future__ import annotations

import numpy as np

from app.bake.driver_hand import HandPose, curled_hand, flat_hand
from app.bake.driver_pose import HandPlace
from app.bake.driver_rig import Posed, unit
from app.bake.mesh import Floats
from app.scene.cabin import Cabin
from app.scene.cabin_dash import gear_place
from app.scene.driving import HandKey


def elsewhere(cabin: Cabin, side: str, key: HandKey, bare: Posed) -> tuple[str, HandPlace, Floats]:
    """Where hands are that are not on the wheel: carrier, place and the way they leave."""
    sign = 1.0 if side == "L" else -1.0
    m = cabin.measures
    up, ahead, left = (
        np.array([0.0, 0.0, 1.0]),
        np.array([0.0, -1.0, 0.0]),
        np.array([1.0, 0.0, 0.0]),
    )
    head = bare.joint("head") + np.array([0.0, 0.0, 0.0])
    inboard = 1.0 if cabin.right_hand_drive else -1.0
    match key.task:
        case "lap":
            hip, knee = bare.joint(f"upperleg01.{side}"), bare.joint(f"lowerleg01.{side}")
            spot = hip + 0.24 * (knee - hip) + np.array([-0.03 * sign, 0.0, 0.115])
            along = unit(knee - hip)
            turn = frame_of(along - 0.55 * sign * left - 0.1 * up, -up + 0.15 * sign * left, side)
            return "cabin", HandPlace(turn, spot, flat_hand(0.35)), up
        case "gear":
            spot = gear_place(cabin) * np.array([-inboard, 1.0, 1.0])
            turn = frame_of(ahead - 0.35 * up, -up - 0.3 * ahead, side)
            return (
                "cabin",
                HandPlace(turn, spot - turn[:, 0] * 0.085 + 0.012 * up, curled_hand(0.75)),
                up,
            )
        case "door":
            spot = np.array([-inboard * (m.door - 0.055), -0.14, 0.225])
            turn = frame_of(ahead + 0.1 * up, -up, side)
            return "cabin", HandPlace(turn, spot, flat_hand(0.3), 10.0), up
        case "console":
            spot = np.array([inboard * m.centre, -0.02, 0.195])
            turn = frame_of(ahead + 0.15 * sign * left, -up, side)
            return "cabin", HandPlace(turn, spot, flat_hand(0.3)), up
        case "ear":
            centre = head + np.array([0.0, -0.02, 0.055])
            spot = centre + np.array([sign * 0.105, -0.065, -0.075])
            turn = frame_of(
                0.85 * up + 0.28 * (-ahead) - 0.05 * sign * left, -sign * left - 0.25 * ahead, side
            )
            return "head", HandPlace(turn, spot, curled_hand(0.5), 25.0), sign * left + 0.5 * ahead
        case "text":
            chest = bare.joint("spine01")
            spot = chest + np.array([sign * 0.10, -0.30, -0.05])
            turn = frame_of(
                0.55 * up + 0.65 * ahead - 0.25 * sign * left,
                -0.4 * ahead + 0.75 * up - 0.45 * sign * left,
                side,
            )
            return "cabin", HandPlace(turn, spot, curled_hand(0.5)), up - ahead
        case "mouth":
            mouth = head + np.array([0.0, -0.115, 0.0])
            spot = mouth + np.array([sign * 0.075, -0.09, -0.085])
            turn = frame_of(
                0.6 * up - 0.75 * sign * left + 0.15 * (-ahead), -ahead + 0.1 * up, side
            )
            return "head", HandPlace(turn, spot, curled_hand(0.62), 15.0), ahead
        case "mirror":
            spot = np.array([inboard * m.centre * 0.88, -m.header - 0.02, m.roof - 0.20])
            turn = frame_of(ahead * 0.8 + 0.5 * up, ahead * 0.4 + -0.6 * up, side)
            return "cabin", HandPlace(turn, spot, flat_hand(0.5), 20.0), -ahead
        case "screen":
            spot = np.array([inboard * m.centre * 0.92, -m.face + 0.20, m.dash - 0.02])
            pose = curled_hand(0.8)
            flex = pose.flex.copy()
            flex[1] = [0.15, 0.2, 0.1]
            turn = frame_of(ahead + 0.1 * up, -up + 0.2 * ahead, side)
            return "cabin", HandPlace(turn, spot, HandPose(flex, pose.spread)), -ahead
        case "back":
            spot = np.array([inboard * 0.42, 0.38, 0.28])
            turn = frame_of(-ahead * 0.8 + 0.4 * inboard * left - 0.2 * up, -up, side)
            return "cabin", HandPlace(turn, spot, flat_hand(0.4), 40.0), up
        case _:
            chest = bare.joint("spine01")
            spot = chest + np.array([sign * 0.19, -0.27, -0.10])
            turn = frame_of(ahead + 0.35 * up - 0.35 * sign * left, -sign * left - 0.35 * up, side)
            return "cabin", HandPlace(turn, spot, curled_hand(0.6)), up


def frame_of(fingers: Floats, palm: Floats, side: str) -> Floats:
    """Frame of a hand whose fingers and palm point so, shape (3, 3)."""
    x = unit(fingers)
    p = unit(palm - (palm @ x) * x)
    z = p if side == "L" else -p
    return np.stack([x, np.cross(z, x), z], axis=1)
