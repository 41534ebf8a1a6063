"""Learning whether hands are on the wheel from pictures of drivers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import cv2
import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from torch import Tensor, nn

from app.dataset.driver_data import Drivers
from app.dataset.driver_sample import OFF, ON, held_out_drivers
from app.evaluation.hands import GROUPS, HANDS, HandsGathered
from app.scene.hands_on_wheel import BAND, THRESHOLD
from inference.models.hands import ExportedHands, HandsNet, HandsOutput
from inference.training.config import ConfigError, TrainingConfig, task_settings
from inference.training.face_task import pictures
from inference.training.hands_samples import SCALE, HandsData, HandsSamples
from inference.training.task import Batch, Export, Part, Samples

REACH: Final = 0.1
"""Metres beyond which it does not matter how far a hand is from the rim."""
UNIT: Final = 0.03
"""Metres: what the network gives as a distance of 1."""

_SHOWN: Final = 12
_TILE: Final = 256


class HandsSettings(HandsData, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task]``; see `HandsData` for how crops are made.

    Attributes
    ----------
    width : float
        Of the backbone.
    distance_weight : float
        Of the error of the hands' distances to the rim, which only training asks for: it tells
        more than two states do, and hands of uncertain state have one too.
    look_weight : float
        Of the cross entropy between where a head looks and where its hand is.
    """

    width: Annotated[float, Meta(ge=0.25, le=2.0)] = 1.0
    distance_weight: Annotated[float, Meta(ge=0.0)] = 0.3
    look_weight: Annotated[float, Meta(ge=0.0)] = 0.1


def make(config: TrainingConfig, data: Drivers) -> HandsTask:
    """The task over these pictures.

    Raises
    ------
    ConfigError
    """
    settings = task_settings(config, HandsSettings)
    if settings.size % 32:
        raise ConfigError(f"[task]: size is {settings.size}; it is a multiple of 32")
    return HandsTask(settings, data)


@dataclass(frozen=True)
class HandsTask:
    """The probability of each hand being on the wheel."""

    settings: HandsSettings
    drivers: Drivers

    def network(self) -> nn.Module:
        return HandsNet(self.settings.width)

    def data(self, part: Part) -> Samples:
        apart = held_out_drivers(self.drivers.people)
        chosen = np.flatnonzero(apart if part == "holdout" else ~apart)
        return HandsSamples(self.drivers, chosen, self.settings, part == "train")

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """Cross entropy of the certain states, distances, and where to look."""
        found = said_of(network, batch)
        states = state_loss(found.logits, batch["states"])
        distances = nn.functional.smooth_l1_loss(
            found.distances, torch.clamp(batch["distances"], max=REACH) / UNIT
        )
        looks = look_loss(found.looks, batch["where"], batch["seen"])
        settings = self.settings
        whole = states + settings.distance_weight * distances + settings.look_weight * looks
        return {"states": states, "distances": distances, "looks": looks, "sum": whole}

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """Figures of each hand and of groups; the score is the cross entropy of the states."""
        gathered = HandsGathered()
        columns = {name: self.drivers.column(name) for name in GROUPS if name != "person"}
        columns["person"] = self.drivers.people
        losses: list[Tensor] = []
        for batch in batches:
            logits = said_of(network, batch).logits
            losses.append(_terms(logits, batch["states"]).cpu())
            chances = torch.sigmoid(logits).cpu().numpy()
            for chance, state, index in zip(
                chances, batch["states"].cpu().numpy(), batch["index"].tolist(), strict=True
            ):
                gathered.add(chance, state, {name: columns[name][index] for name in GROUPS})
        report = gathered.report()
        told: dict[str, float] = {}
        for hand in HANDS:
            told |= {f"{hand}_{name}": value for name, value in report.hands[hand].told().items()}
        told |= {f"{name}_accuracy": one.accuracy for name, one in report.slices.items()}
        terms = torch.cat(losses) if losses else torch.empty(0)
        return {**told, "score": float(terms.mean()) if len(terms) else float("nan")}

    def exported(self, network: nn.Module) -> Export:
        assert isinstance(network, HandsNet)
        size = self.settings.size
        facts: dict[str, object] = {
            "input_size": size,
            "crop_scale": SCALE,
            "hands": "probabilities of the driver's left and right hand being on the wheel",
            "on_below_metres": THRESHOLD - BAND,
            "off_above_metres": THRESHOLD + BAND,
            "limits": [
                "Taught on synthetic drivers alone, seen from five mounts within a cabin.",
                "The region is that of the wheel's rim; with another region it says nothing.",
                "A hand within 5 to 15 mm of the rim was neither taught nor measured.",
                "Gloves, tattoos, seat belts and passengers' hands were not taught.",
            ],
        }
        return Export(
            ExportedHands(network),
            {"pictures": torch.rand(2, 3, size, size)},
            ("hands",),
            "hands",
            facts=facts,
        )

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """Crops with the probability of each hand, green where it agrees with the truth."""
        first = {name: values[:_SHOWN] for name, values in batch.items()}
        with torch.no_grad():
            chances = torch.sigmoid(said_of(network, first).logits).cpu().numpy()
        tiles = [
            _tile(picture, chance, state)
            for picture, chance, state in zip(
                first["pictures"].cpu().numpy(), chances, first["states"].cpu().numpy(), strict=True
            )
        ]
        while len(tiles) % 4:
            tiles.append(np.zeros_like(tiles[0]))
        rows = [np.concatenate(tiles[k : k + 4], axis=1) for k in range(0, len(tiles), 4)]
        return np.asarray(np.concatenate(rows), np.uint8)


def said_of(network: nn.Module, batch: Batch) -> HandsOutput:
    """What the network says of a batch's crops, which are bytes, in single precision."""
    out = network(pictures(batch))
    assert isinstance(out, HandsOutput)
    return HandsOutput(out.logits.float(), out.distances.float(), out.looks.float())


def state_loss(logits: Tensor, states: Tensor) -> Tensor:
    """Mean cross entropy over hands whose state is certain; 0 where there are none."""
    terms = _terms(logits, states)
    return terms.sum() / max(len(terms), 1)


def look_loss(looks: Tensor, where: Tensor, seen: Tensor) -> Tensor:
    """Cross entropy of where heads look (B, 2, h, w) with the places that hold the hands.

    Parameters
    ----------
    where : Tensor, shape (B, 2, 2)
        Middle of each hand in crop units; it is shared out among the four places about it.
    seen : Tensor of bool, shape (B, 2)
        Hands that are left out are not asked for.
    """
    height, width = looks.shape[2:]
    x = (where[..., 0] + 0.5) * width - 0.5
    y = (where[..., 1] + 0.5) * height - 0.5
    across = torch.arange(width, device=looks.device)
    down = torch.arange(height, device=looks.device)
    right = (1.0 - (x[..., None].clamp(0, width - 1) - across).abs()).clamp(min=0.0)
    low = (1.0 - (y[..., None].clamp(0, height - 1) - down).abs()).clamp(min=0.0)
    wanted = (low[..., :, None] * right[..., None, :]).flatten(2)
    terms = -(wanted * torch.log_softmax(looks.flatten(2), dim=2)).sum(2)
    return (terms * seen).sum() / seen.sum().clamp(min=1)


def _terms(logits: Tensor, states: Tensor) -> Tensor:
    certain = (states == ON) | (states == OFF)
    return nn.functional.binary_cross_entropy_with_logits(
        logits[certain], (states[certain] == ON).to(logits), reduction="none"
    )


def _tile(
    picture: npt.NDArray[np.uint8], chances: npt.NDArray[np.float32], states: npt.NDArray[np.int8]
) -> npt.NDArray[np.uint8]:
    tile = cv2.resize(picture, (_TILE, _TILE), interpolation=cv2.INTER_LINEAR)
    for k, (name, chance, state) in enumerate(zip(HANDS, chances, states, strict=True)):
        right = (chance >= 0.5) == (state == ON)
        color = (
            (230, 220, 60) if state not in (ON, OFF) else (60, 220, 90) if right else (255, 60, 50)
        )
        truth = {ON: "on", OFF: "off"}.get(int(state), "?")
        text = f"{name[0].upper()} {chance:.2f} ({truth})"
        for ink, thick in (((0, 0, 0), 3), (color, 1)):
            place = (6, 18 + 18 * k)
            cv2.putText(tile, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, thick, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)
