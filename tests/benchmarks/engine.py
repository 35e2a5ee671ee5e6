"""How long a training step takes, beside PyTorch eager on the CPU with the same weights and data.

    python tests/benchmarks/engine.py [--seconds 2] [--only NAME] [--json FILE]

A step is forward, backward and Adam (AdamW for the GPTs), in float32, on one and on two threads.
Both engines take turns within one run, so that a slow moment meets both; the losses of both are
compared on the way. Needs PyTorch: pip install -e ".[torch]".
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

Step = Callable[[int], float]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
BATCHES = 8
CHARACTERS = 96


@dataclass(frozen=True)
class Measured:
    """One network on one number of threads: milliseconds for a step of each engine."""

    network: str
    parameters: int
    threads: int
    nnbook: float
    pytorch: float
    ratio: float  # median of the rounds' ratios, PyTorch's time over ours


@dataclass(frozen=True)
class Network:
    """What is trained: layer sizes or kind, and the shape of a batch."""

    name: str
    batch: int
    layers: tuple[int, ...] = ()
    length: int = 0
    width: int = 0
    blocks: int = 0

    def data(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Draw batches of inputs and targets."""
        rng = np.random.default_rng(0)
        return [self._batch(rng) for _ in range(BATCHES)]

    def _batch(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        if self.blocks:
            tokens = rng.integers(CHARACTERS, size=(self.batch, self.length + 1))
            return tokens[:, :-1], tokens[:, 1:].reshape(-1)
        if self.name == "LSTM":
            tokens = rng.integers(CHARACTERS, size=(self.batch, self.length))
            return tokens, rng.integers(2, size=self.batch)
        shape = (1, 8, 8) if self.name == "CNN" else self.layers[:1]
        x = rng.standard_normal((self.batch, *shape)).astype(np.float32)
        return x, rng.integers(10 if self.name == "CNN" else self.layers[-1], size=self.batch)


def mlp(batch: int, *layers: int) -> Network:
    return Network(f"MLP {'-'.join(map(str, layers))}, B {batch}", batch, layers)


NETWORKS = [
    mlp(100, 2, 16, 16, 2),
    mlp(32, 64, 64, 32, 10),
    mlp(64, 784, 128, 10),
    mlp(128, 784, 256, 128, 10),
    mlp(256, 784, 512, 512, 10),
    Network("CNN", 32),
    Network("LSTM", 32, length=16, width=32),
    Network("GPT 2x64, T 64, B 16", 16, length=64, width=64, blocks=2),
    Network("GPT 4x128, T 128, B 16", 16, length=128, width=128, blocks=4),
]
SMALL = NETWORKS[1]  # also trained by scikit-learn and, number by number, by a scalar engine


def step_of(
    model: Any, loss_of: Callable[..., Any], optimizer: Any, batches: list[tuple[Any, Any]]
) -> Step:
    """Return the step that both engines take, in the words that they share."""

    def step(number: int) -> float:
        x, y = batches[number % BATCHES]
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


# ---- nnbook


def nnbook_model(network: Network) -> Any:
    from nnbook import nn

    rng = np.random.default_rng(1)
    if network.blocks:
        return gpt_model(network, rng)
    if network.name == "LSTM":
        return lstm_model(network, rng)
    if network.name == "CNN":
        convolutions = [
            [nn.Conv2d(*channels, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2)]
            for channels in ((1, 8), (8, 16))
        ]
        head = [nn.Flatten(), nn.Linear(64, 10, rng=rng)]
        return nn.Sequential(*convolutions[0], *convolutions[1], *head)
    layers: list[nn.Module] = []
    for inputs, outputs in zip(network.layers, network.layers[1:], strict=False):
        layers += [nn.Linear(inputs, outputs, rng=rng), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def lstm_model(network: Network, rng: np.random.Generator) -> Any:
    from nnbook import nn

    class Reader(nn.Module):
        def __init__(self) -> None:
            self.embed = nn.Embedding(CHARACTERS, 16, rng=rng)
            self.lstm = nn.LSTM(16, network.width, batch_first=True, rng=rng)
            self.head = nn.Linear(network.width, 2, rng=rng)

        def forward(self, tokens: Any) -> Any:
            outputs, _ = self.lstm(self.embed(tokens))
            return self.head(outputs[:, -1])

    return Reader()


def gpt_model(network: Network, rng: np.random.Generator) -> Any:
    from nnbook import nn

    class GPT(nn.Module):
        def __init__(self) -> None:
            width = network.width
            self.embed = nn.Embedding(CHARACTERS, width, rng=rng)
            self.positions = nn.Parameter(rng.normal(0, 0.02, (network.length, width)))
            self.blocks = [
                nn.TransformerBlock(width, 4, is_causal=True, rng=rng)
                for _ in range(network.blocks)
            ]
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, CHARACTERS, rng=rng)

        def forward(self, tokens: Any) -> Any:
            x = self.embed(tokens) + self.positions
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x)).reshape(-1, CHARACTERS)

    return GPT()


def nnbook_step(network: Network, model: Any) -> Step:
    from nnbook import Tensor, optim
    from nnbook.nn import functional as F  # noqa: N812

    kind = optim.AdamW if network.blocks else optim.Adam
    optimizer = kind(model.parameters(), lr=1e-3)
    batches = [(Tensor(x) if x.dtype == np.float32 else x, y) for x, y in network.data()]
    return step_of(model, F.cross_entropy, optimizer, batches)


# ---- PyTorch


def pytorch_model(network: Network) -> Any:
    from torch import nn

    if network.blocks:
        return pytorch_gpt(network)
    if network.name == "LSTM":
        return pytorch_lstm(network)
    if network.name == "CNN":
        convolutions = [
            [nn.Conv2d(*channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            for channels in ((1, 8), (8, 16))
        ]
        return nn.Sequential(*convolutions[0], *convolutions[1], nn.Flatten(), nn.Linear(64, 10))
    layers: list[nn.Module] = []
    for inputs, outputs in zip(network.layers, network.layers[1:], strict=False):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def pytorch_lstm(network: Network) -> Any:
    from torch import nn

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(CHARACTERS, 16)
            self.lstm = nn.LSTM(16, network.width, batch_first=True)
            self.head = nn.Linear(network.width, 2)

        def forward(self, tokens: Any) -> Any:
            outputs, _ = self.lstm(self.embed(tokens))
            return self.head(outputs[:, -1])

    return Reader()


def pytorch_gpt(network: Network) -> Any:
    """Write the GPT as PyTorch is fastest: one product for q, k, v, and its fused attention."""
    import torch
    from torch import nn
    from torch.nn import functional as F  # noqa: N812

    width, heads = network.width, 4

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
            self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
            self.out_proj = nn.Linear(width, width)

        def forward(self, x: Any) -> Any:
            batch, length, _ = x.shape
            qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
            split = (t.view(batch, length, heads, -1).transpose(1, 2) for t in qkv.split(width, 2))
            out = F.scaled_dot_product_attention(*split, is_causal=True)
            return self.out_proj(out.transpose(1, 2).reshape(x.shape))

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.self_attn = Attention()
            self.linear1, self.linear2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

        def forward(self, x: Any) -> Any:
            x = x + self.self_attn(self.norm1(x))
            return x + self.linear2(F.gelu(self.linear1(self.norm2(x))))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(CHARACTERS, width)
            self.positions = nn.Parameter(torch.empty(network.length, width))
            self.blocks = nn.ModuleList(Block() for _ in range(network.blocks))
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, CHARACTERS)

        def forward(self, tokens: Any) -> Any:
            x = self.embed(tokens) + self.positions
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x)).reshape(-1, CHARACTERS)

    return GPT()


def pytorch_step(network: Network, model: Any) -> Step:
    import torch
    from torch.nn import functional as F  # noqa: N812

    kind = torch.optim.AdamW if network.blocks else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=1e-3)
    batches = [(torch.tensor(x), torch.tensor(y)) for x, y in network.data()]
    return step_of(model, F.cross_entropy, optimizer, batches)


# ---- scikit-learn and a scalar engine


def sklearn_step(network: Network) -> Step:
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        network.layers[1:-1], alpha=0, batch_size=network.batch, learning_rate_init=1e-3
    )
    classes, batches = np.arange(network.layers[-1]), network.data()

    def step(number: int) -> float:
        model.partial_fit(*batches[number % BATCHES], classes=classes)
        return float(model.loss_)

    return step


def scalar_step(network: Network) -> Step:
    """Train by a graph of single numbers, as small engines written for teaching do."""
    rng, classes = np.random.default_rng(1), network.layers[-1]
    layers = [
        [[Value(w) for w in row] for row in rng.uniform(-1, 1, (outputs, inputs + 1))]
        for inputs, outputs in zip(network.layers, network.layers[1:], strict=False)
    ]
    weights = [w for layer in layers for row in layer for w in row]
    moments = np.zeros((2, len(weights)))
    batches = network.data()

    def forward(x: list[Any]) -> list[Any]:
        for number, layer in enumerate(layers):
            x = [sum((w * a for w, a in zip(row, x, strict=False)), row[-1]) for row in layer]
            x = x if number == len(layers) - 1 else [a.relu() for a in x]
        return x

    def step(number: int) -> float:
        rows, labels = batches[number % BATCHES]
        losses = []
        for row, label in zip(rows.tolist(), labels, strict=True):
            powers = [a.exp() for a in forward(row)]
            losses.append((sum(powers[1:classes], powers[0]) / powers[label]).log())
        loss = sum(losses[1:], losses[0]) * (1 / len(losses))
        for w in weights:
            w.grad = 0.0
        loss.backward()
        gradients = np.array([w.grad for w in weights])
        moments[0] = 0.9 * moments[0] + 0.1 * gradients
        moments[1] = 0.999 * moments[1] + 0.001 * gradients**2
        scale = 1e-3 * math.sqrt(1 - 0.999 ** (number + 1)) / (1 - 0.9 ** (number + 1))
        moves = scale * moments[0] / (np.sqrt(moments[1]) + 1e-8)
        for w, move in zip(weights, moves.tolist(), strict=True):
            w.data -= move
        return float(loss.data)

    return step


class Value:
    """A number that remembers how it was computed."""

    __slots__ = ("data", "grad", "parents", "slopes")

    def __init__(
        self, data: float, parents: tuple[Value, ...] = (), slopes: tuple[float, ...] = ()
    ) -> None:
        self.data, self.grad, self.parents, self.slopes = data, 0.0, parents, slopes

    def __add__(self, other: Value) -> Value:
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    __radd__ = __add__

    def __mul__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data * other.data, (self, other), (other.data, self.data))
        return Value(self.data * other, (self,), (other,))

    def __truediv__(self, other: Value) -> Value:
        slopes = (1 / other.data, -self.data / other.data**2)
        return Value(self.data / other.data, (self, other), slopes)

    def relu(self) -> Value:
        return Value(max(self.data, 0.0), (self,), (float(self.data > 0),))

    def exp(self) -> Value:
        value = math.exp(self.data)
        return Value(value, (self,), (value,))

    def log(self) -> Value:
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def backward(self) -> None:
        order: list[Value] = []
        seen: set[Value] = set()
        stack = [(self, False)]
        while stack:
            value, ready = stack.pop()
            if ready:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                stack.append((value, True))
                stack.extend((parent, False) for parent in value.parents)
        self.grad = 1.0
        for value in reversed(order):
            for parent, slope in zip(value.parents, value.slopes, strict=True):
                parent.grad += slope * value.grad


# ---- measuring


def milliseconds(step: Step, count: int) -> float:
    """Time `count` steps, and return the mean of one."""
    start = time.perf_counter()
    for number in range(count):
        step(number)
    return (time.perf_counter() - start) / count * 1e3


def measure(network: Network, threads: int, seconds: float) -> Measured:
    """Let both engines take turns for about `seconds`, after they have agreed on the losses."""
    import torch

    model, twin = nnbook_model(network).astype(np.float32), pytorch_model(network)
    twin.load_state_dict({name: torch.tensor(a) for name, a in model.state_dict().items()})
    steps = nnbook_step(network, model), pytorch_step(network, twin)
    for number in range(10):
        ours, theirs = (step(number) for step in steps)
        if not math.isclose(ours, theirs, rel_tol=1e-3):
            sys.exit(f"{network.name}: step {number} has a loss of {ours} beside {theirs}")
    count = max(1, math.ceil(seconds * 1e3 / 40 / sum(milliseconds(step, 3) for step in steps)))
    rounds = [tuple(milliseconds(step, count) for step in steps) for _ in range(20)]
    ratio = statistics.median(theirs / ours for ours, theirs in rounds)
    best = [min(times) for times in zip(*rounds, strict=True)]
    parameters = sum(parameter.size for parameter in model.parameters())
    return Measured(network.name, parameters, threads, best[0], best[1], ratio)


def others() -> Iterator[tuple[str, float]]:
    """Time the small network in nnbook, scikit-learn and a scalar engine."""
    model = nnbook_model(SMALL).astype(np.float32)
    for name, step, count in (
        ("nnbook", nnbook_step(SMALL, model), 200),
        ("scikit-learn's MLPClassifier", sklearn_step(SMALL), 100),
        ("one number at a time", scalar_step(SMALL), 1),
    ):
        step(0)
        yield name, min(milliseconds(step, count) for _ in range(5 if count > 1 else 2))


def run(threads: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure in a process of its own, because libraries read their thread counts at the start."""
    command = [sys.executable, __file__, "--worker", str(threads), "--seconds"]
    command += [str(options.seconds), "--only", options.only]
    environment = os.environ | dict.fromkeys(THREADS, str(threads))
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def work(threads: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure all networks in this process."""
    import torch

    warnings.simplefilter("ignore")
    torch.set_num_threads(threads)
    chosen = [network for network in NETWORKS if options.only in network.name]
    measured = []
    for network in chosen:
        print(f"{network.name}, {threads} threads …", file=sys.stderr)
        measured.append(asdict(measure(network, threads, options.seconds)))
    return {"networks": measured, "others": dict(others()) if threads == 1 else {}}


def report(results: list[dict[str, Any]]) -> str:
    """Set the measurements as a table."""
    rows = [Measured(**row) for result in results for row in result["networks"]]
    lines = ["| network | parameters | threads | nnbook ms | PyTorch ms | PyTorch / nnbook |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {row.network} | {row.parameters:,} | {row.threads} | {row.nnbook:.3f} "
        f"| {row.pytorch:.3f} | {row.ratio:.2f} |"
        for row in rows
    ]
    for threads in sorted({row.threads for row in rows}):
        ratios = [row.ratio for row in rows if row.threads == threads]
        mean = statistics.geometric_mean(ratios)
        lines.append(f"\n{threads} threads: geometric mean {mean:.2f}, least {min(ratios):.2f}")
    beside = {name: ms for result in results for name, ms in result["others"].items()}
    lines += [f"\n{SMALL.name}, one thread:"]
    lines += [f"- {name}: {ms:.3f} ms, {ms / beside['nnbook']:.1f}" for name, ms in beside.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure on one and on two threads, print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2, help="for each network")
    parser.add_argument("--only", default="", help="networks with this in their names")
    parser.add_argument("--json", type=Path, help="write the measurements to this file")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(work(options.worker, options)))
        return
    if not importlib.util.find_spec("torch"):
        print(
            "There is nothing to compare with: PyTorch is not installed (pip install -e '.[torch]')"
        )
        return
    results = [run(threads, options) for threads in (1, 2)]
    print(report(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
