"""What the training loop asks of a task, and nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

Part = Literal["train", "holdout"]
Item = dict[str, npt.NDArray[np.generic]]
Batch = dict[str, Tensor]


class Samples(Protocol):
    """A map-style set of samples. It is pickled into worker processes: hold paths, not arrays.

    Attributes
    ----------
    people : ndarray of int, shape (N,)
        Number of the person each sample shows.
    """

    @property
    def people(self) -> npt.NDArray[np.int64]: ...

    def __len__(self) -> int: ...

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """One sample; arrays of one key have the same shape and kind in every sample.

        All chance comes from ``rng``, which depends on the seed and the position in training
        alone, so that a resumed run sees the batches it would have seen. Samples held out are
        the same at every call, whatever ``rng`` is.
        """
        ...


@dataclass(frozen=True)
class Export:
    """What becomes an ONNX file.

    Attributes
    ----------
    module : Module
        Takes the inputs in order and returns the outputs as a tuple in order, float32.
    inputs : mapping of str to Tensor
        Example inputs by name; the first axis is the batch, with two examples or more.
    outputs : sequence of str
    kind : str
        Of the card: face, transfer, depth, head-pose, detector or landmarks.
    dynamic : mapping of str to mapping of int to str
        Names of further axes that may vary, by input or output; the batch is named anyhow.
    facts : mapping of str to object
        What the card says of the model beyond the training: input size, crop scale, topology
        versions, limits. Values that JSON knows.
    """

    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: Sequence[str]
    kind: str
    dynamic: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)


class Task(Protocol):
    """A network with its data, its loss and its figures.

    The network runs under autocast where the precision is reduced. Its outputs reach ``loss`` as
    float32, and layers of class `torch.nn.Linear` and modules with a true attribute ``exact`` are
    computed in float32 throughout; bfloat16 has eight bits, a quarter of a pixel of 128.
    """

    def network(self) -> nn.Module:
        """A new network, started at random from torch's seed."""
        ...

    def data(self, part: Part) -> Samples:
        """Samples of the people trained on, or of the people held out."""
        ...

    def loss(self, network: nn.Module, batch: Batch) -> Batch:
        """Terms of the loss as scalars by name; ``sum`` is the one to descend."""
        ...

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> dict[str, float]:
        """Figures over the batches; ``score`` decides between networks, lower is better.

        The network is in evaluation mode and no gradient is recorded.
        """
        ...

    def exported(self, network: nn.Module) -> Export:
        """The trained network, on the CPU and in evaluation mode, as it is to be exported."""
        ...


@runtime_checkable
class Shows(Protocol):
    """A task that draws what its network makes of a batch."""

    def show(self, network: nn.Module, batch: Batch) -> npt.NDArray[np.uint8]:
        """One picture (H, W, 3), RGB, of a few samples of the batch."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A task whose loss changes during training."""

    def pace(self, fraction: float) -> None:
        """Is told before every step which part of training has passed, 0 to 1."""
        ...
