"""The training loop: a generator of steps that you may own, and `fit`, which runs it for you."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from nnbook.arrays import Array, numbers
from nnbook.datasets import Dataset
from nnbook.errors import ArgumentError, DivergenceError, KindError, ShapeError, require_generator
from nnbook.nn.module import Module
from nnbook.optim import Optimizer
from nnbook.tensor import Tensor

Loss: TypeAlias = Callable[[Tensor, Array], Tensor]
Examples: TypeAlias = Dataset | tuple[Array, Array]
Schedule: TypeAlias = Callable[[int], float]


def fit(
    model: Module,
    train: Examples,
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int,
    batch_size: int = 32,
    validation: Examples | None = None,
    schedule: Schedule | None = None,
    early_stopping: int | None = None,
    rng: np.random.Generator | None = None,
    progress: bool = True,
) -> History:
    """Train a model, and return what was measured on the way.

    Parameters
    ----------
    model : Module
        Changed in place, and left in training mode.
    train, validation : Dataset or pair of arrays
        Inputs (N, ...) and targets (N, ...).
    loss : callable
        Takes outputs (a `Tensor`) and targets (an array); returns the mean loss of the batch.
    optimizer : Optimizer
        Made from the parameters of `model`.
    epochs : int
        How many times to go through `train`.
    batch_size : int
        Examples in a step; the last step of an epoch takes what is left.
    schedule : callable, optional
        Step number (from 0) to the factor of the optimizer's learning rate.
    early_stopping : int, optional
        Patience: stop when the validation loss has not fallen for so many epochs, and go back to
        the best weights.
    rng : numpy.random.Generator
        Shuffles the examples in every epoch.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    History
        Of the epochs that were completed. An interrupt (the stop button, Ctrl-C) ends the training
        early, not the notebook: the model keeps what it has learned, or with `early_stopping` goes
        back to the best weights so far.

    Raises
    ------
    DivergenceError
        If the loss stops being a finite number.
    ArgumentError
        If a count makes no sense, or `early_stopping` has no `validation` to watch.
    ShapeError
        If there are not as many targets as inputs, or none.
    KindError
        If an argument is of the wrong kind, `rng` is missing, or the loss returns no tensor.
    """
    _require_kinds("fit", model, loss, optimizer, schedule)
    _require_counts("fit", epochs, batch_size)
    require_generator("fit", rng)
    for examples in (train,) if validation is None else (train, validation):
        _arrays("fit", examples)
    log, best = _Log(), _Best(model, early_stopping, validation)
    updates = steps(
        model,
        train,
        loss,
        optimizer,
        epochs=epochs,
        batch_size=batch_size,
        schedule=schedule,
        rng=rng,
    )
    try:
        for epoch in _shown(_by_epoch(updates), epochs, progress):
            held_out = None if validation is None else evaluate(model, validation, loss)
            log.add(epoch, held_out)
            if held_out is not None and best.is_out_of_patience(held_out):
                break
    except KeyboardInterrupt:
        log.interrupted = True
    best.restore()
    return log.history()


def steps(
    model: Module,
    train: Examples,
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    batch_size: int = 32,
    schedule: Schedule | None = None,
    rng: np.random.Generator | None = None,
) -> Iterator[Step]:
    """Train a model one step at a time, in a loop that you own.

    The parameters are those of `fit`. Leave the loop whenever you like: ``break`` costs nothing,
    and the next call goes on from the weights that were reached.

    Yields
    ------
    Step
        After every update of the weights.

    Raises
    ------
    DivergenceError
        If the loss stops being a finite number; the step that would follow is not taken.
    ArgumentError, ShapeError, KindError
        As for `fit`, when the first step is asked for.

    Examples
    --------
    >>> for step in steps(model, data, F.mse_loss, optimizer, rng=rng):  # doctest: +SKIP
    ...     print(step.number, step.loss)
    """
    _require_kinds("steps", model, loss, optimizer, schedule)
    _require_counts("steps", epochs, batch_size)
    rng = require_generator("steps", rng)
    x, y = _arrays("steps", train)
    batches = _batches(len(x), epochs, batch_size, rng)
    full_rate = optimizer.lr
    model.train()
    try:
        for number, (epoch, rows, ends_epoch) in enumerate(batches):
            optimizer.lr = full_rate * (schedule(number) if schedule else 1)
            optimizer.zero_grad()
            batch_loss = _tensor(loss(model(Tensor(x[rows])), y[rows]))
            value = _finite(batch_loss.item(), epoch, number, optimizer.lr)
            batch_loss.backward()
            optimizer.step()
            yield Step(number, epoch, value, len(rows), optimizer.lr, ends_epoch)
    finally:
        optimizer.lr = full_rate


def evaluate(model: Module, data: Examples, loss: Loss) -> float:
    """Return the loss on all examples at once, with the model in evaluation mode meanwhile.

    Parameters
    ----------
    model : Module
        Left, with all modules in it, in the mode it was in.
    data : Dataset or pair of arrays
        Inputs (N, ...) and targets (N, ...).
    loss : callable
        As for `fit`.
    """
    x, y = _arrays("evaluate", data)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        return float(_tensor(loss(model(Tensor(x)), y)).item())
    finally:
        for module, mode in modes:
            module.training = mode


@dataclass(frozen=True)
class Step:
    """One update of the weights.

    Attributes
    ----------
    number, epoch : int
        Counted from 0; `number` goes on through all epochs.
    loss : float
        Loss of the batch before the update.
    size : int
        Number of examples in the batch.
    learning_rate : float
        Rate that the update used.
    ends_epoch : bool
        Whether every example has now been seen once more.
    """

    number: int
    epoch: int
    loss: float
    size: int
    learning_rate: float
    ends_epoch: bool


@dataclass(frozen=True, eq=False)
class History:
    """What was measured in training, one entry for each completed epoch.

    Attributes
    ----------
    train_loss : ndarray, (E,)
        Mean loss of an epoch's examples, each measured just before the step that used it.
    validation_loss : ndarray, (E,) or (0,)
        Loss on the validation examples after the epoch; empty without them.
    learning_rate : ndarray, (E,)
        Rate of the epoch's last step.
    interrupted : bool
        Whether the reader stopped the training.
    """

    train_loss: Array
    validation_loss: Array
    learning_rate: Array
    interrupted: bool = False


class _Log:
    """Collects, epoch by epoch, what becomes a `History`."""

    def __init__(self) -> None:
        self.train_loss: list[float] = []
        self.validation_loss: list[float] = []
        self.learning_rate: list[float] = []
        self.interrupted = False

    def add(self, epoch: list[Step], validation_loss: float | None) -> None:
        sizes = [step.size for step in epoch]
        self.train_loss.append(float(np.average([step.loss for step in epoch], weights=sizes)))
        self.learning_rate.append(epoch[-1].learning_rate)
        if validation_loss is not None:
            self.validation_loss.append(validation_loss)

    def history(self) -> History:
        return History(
            np.array(self.train_loss),
            np.array(self.validation_loss),
            np.array(self.learning_rate),
            self.interrupted,
        )


class _Best:
    """Remembers the weights with the lowest validation loss, and how long ago that was."""

    def __init__(self, model: Module, patience: int | None, validation: Examples | None) -> None:
        if patience is not None and (validation is None or not _is_count(patience, 1)):
            examples = "no" if validation is None else "some"
            raise ArgumentError(
                "fit",
                got=f"early_stopping={patience} with {examples} validation examples",
                wanted="a patience of at least 1 epoch and validation examples to watch",
                remedy="split the data first: train, validation = data.split(0.8, rng=rng)",
            )
        self.model, self.patience = model, patience
        self.loss, self.epochs_since = np.inf, 0
        self.state: dict[str, Array] | None = None

    def is_out_of_patience(self, loss: float) -> bool:
        if self.patience is None:
            return False
        self.epochs_since += 1
        if loss < self.loss:
            self.loss, self.epochs_since, self.state = loss, 0, self.model.state_dict()
        return self.epochs_since >= self.patience

    def restore(self) -> None:
        if self.state is not None:
            self.model.load_state_dict(self.state)


def _batches(
    examples: int, epochs: int, batch_size: int, rng: np.random.Generator
) -> Iterator[tuple[int, Array, bool]]:
    """Yield epoch, rows and whether these are the last rows of the epoch; shuffled in each."""
    for epoch in range(epochs):
        order = rng.permutation(examples)
        for start in range(0, examples, batch_size):
            yield epoch, order[start : start + batch_size], start + batch_size >= examples


def _by_epoch(updates: Iterable[Step]) -> Iterator[list[Step]]:
    epoch: list[Step] = []
    for step in updates:
        epoch.append(step)
        if step.ends_epoch:
            yield epoch
            epoch = []


def _shown(epochs: Iterator[list[Step]], total: int, progress: bool) -> Iterable[list[Step]]:
    if not progress:
        return epochs
    # Imported here, because it brings widgets along in a notebook.
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    bar: Any = tqdm(epochs, total=total, unit="epoch")
    return _with_loss(bar)


def _with_loss(bar: Any) -> Iterator[list[Step]]:
    with bar:
        for epoch in bar:
            bar.set_postfix(loss=f"{epoch[-1].loss:.3g}", refresh=False)
            yield epoch


def _arrays(operation: str, examples: Examples) -> tuple[Array, Array]:
    pair = (examples.x, examples.y) if isinstance(examples, Dataset) else examples
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise KindError(
            operation,
            got=f"examples of type {type(pair).__name__}",
            wanted="a Dataset or a pair of arrays",
            remedy="pass inputs and targets together: (x, y)",
        )
    x, y = (numbers(operation, array) for array in pair)
    if not x.ndim or x.shape[:1] != y.shape[:1] or not len(x):
        raise ShapeError(
            operation,
            got=f"inputs {x.shape} and targets {y.shape}",
            wanted="as many targets as inputs, and at least one",
            remedy="give one row of each for every example",
        )
    return x, y


def _require_kinds(
    operation: str, model: object, loss: object, optimizer: object, schedule: object
) -> None:
    # An optimizer of the reader's own need not be one of ours.
    steps_by_itself = all(hasattr(optimizer, part) for part in ("lr", "step", "zero_grad"))
    for name, value, fits, example in (
        ("model", model, isinstance(model, Module), "nn.Linear(2, 1, rng=rng)"),
        ("loss", loss, callable(loss), "F.mse_loss"),
        ("optimizer", optimizer, steps_by_itself, "optim.SGD(model.parameters(), lr=0.1)"),
        ("schedule", schedule, schedule is None or callable(schedule), "optim.constant(0.5)"),
    ):
        if not fits:
            raise KindError(
                operation,
                got=f"{name}={value!r}",
                wanted=f"a {name}",
                remedy=f"pass one such as {example}, without quotes",
            )


def _require_counts(operation: str, epochs: int, batch_size: int) -> None:
    if not (_is_count(epochs, 0) and _is_count(batch_size, 1)):
        raise ArgumentError(
            operation,
            got=f"epochs={epochs!r} and batch_size={batch_size!r}",
            wanted="whole numbers: at least 0 epochs and batches of at least 1",
            remedy="start with epochs=10, batch_size=32",
        )


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int | np.integer) and bool(value >= least)


def _tensor(loss: object) -> Tensor:
    if isinstance(loss, Tensor):
        return loss
    raise KindError(
        "loss",
        got=f"a result of type {type(loss).__name__}",
        wanted="a Tensor of one number",
        remedy="return the mean as a tensor, computed without .data and .item()",
    )


def _finite(loss: float, epoch: int, number: int, rate: float) -> float:
    if not np.isfinite(loss):
        raise DivergenceError(
            "steps",
            got=f"a loss of {loss} at step {number} (epoch {epoch}) with learning rate {rate:g}",
            wanted="a finite number",
            remedy="try a rate ten times smaller, and look for nan or very large inputs",
        )
    return loss
