"""Optimizers, schedules and clipping beside PyTorch's, step by step in float64."""

import itertools
import warnings

import numpy as np
import pytest

from nnbook import Tensor, optim

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install -e '.[torch]'")

STEPS = 50


def combinations(**choices):
    """List every combination of options, each given as a value that is not the default."""
    options = [
        [{}, *({name: value} for value in values)]
        for name, values in (
            (name, np.atleast_1d(value).tolist()) for name, value in choices.items()
        )
    ]
    return [
        {name: value for part in parts for name, value in part.items()}
        for parts in itertools.product(*options)
    ]


def nested(options):
    """Give `betas` as a pair, which `combinations` takes for two choices of beta 2."""
    beta2 = options.pop("betas", None)
    return options if beta2 is None else {**options, "betas": (0.5, beta2)}


ADAM = {"lr": 0.05, "betas": [0.8, 0.0], "eps": [0.1, 1e-3], "weight_decay": 0.3, "amsgrad": True}
OPTIONS = {
    "SGD": [
        options
        for options in combinations(lr=0.05, momentum=[0.5, 0.9], nesterov=True, weight_decay=0.3)
        if options.get("momentum") or not options.get("nesterov")
    ],
    "Adagrad": combinations(
        lr=0.05, lr_decay=0.1, weight_decay=0.3, initial_accumulator_value=0.5, eps=[0.1, 1e-3]
    ),
    "RMSprop": combinations(
        lr=0.05, alpha=0.5, eps=[0.1, 1e-3], weight_decay=0.3, momentum=0.9, centered=True
    ),
    "Adam": [nested(options) for options in combinations(**ADAM)],
    "AdamW": [nested(options) for options in combinations(**ADAM)],
}
CASES = [
    pytest.param(name, options, id=f"{name}({', '.join(f'{k}={v}' for k, v in options.items())})")
    for name, choices in OPTIONS.items()
    for options in choices
]


def gradients(weights, step):
    """A nonlinear function of all weights together, so that an error in one spreads to all.

    It is never near 0, where Adam would divide rounding by rounding, and too flat for chaos,
    in which rounding alone would part the two paths.
    """
    total = sum(float(w.sum()) for w in weights)
    return [np.sin(w + np.tanh(total) + step) + 1.3 for w in weights]


def start():
    rng = np.random.default_rng(3)
    return [rng.normal(size=shape) for shape in [(3, 2), (4,), ()]]


def our_path(name, options, skipped=(), rates=None):
    params = [Tensor(w, requires_grad=True) for w in start()]
    optimizer = getattr(optim, name)(params, **options)
    for step in range(STEPS):
        for i, g in enumerate(gradients([p.data for p in params], step)):
            params[i].grad = None if (step, i) in skipped else np.asarray(g)
        if rates:
            optimizer.lr = rates(step)
        optimizer.step()
        yield [p.data for p in params]


def torchs_path(name, options, skipped=(), rates=None):
    params = [torch.nn.Parameter(torch.tensor(w)) for w in start()]
    optimizer = getattr(torch.optim, name)(params, **options)
    for step in range(STEPS):
        for i, g in enumerate(gradients([p.detach().numpy() for p in params], step)):
            params[i].grad = None if (step, i) in skipped else torch.tensor(g)
        if rates:
            optimizer.param_groups[0]["lr"] = rates(step)
        optimizer.step()
        yield [p.detach().numpy().copy() for p in params]


def assert_same_paths(ours, theirs):
    for our, their in zip(ours, theirs, strict=True):
        for a, b in zip(our, their, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_fifty_steps_are_pytorchs(name, options):
    assert_same_paths(our_path(name, options), torchs_path(name, options))


EVERYTHING = {
    "SGD": {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    "Adagrad": {"lr": 0.05, "lr_decay": 0.1, "weight_decay": 0.1},
    "RMSprop": {"lr": 0.05, "weight_decay": 0.1, "momentum": 0.9, "centered": True},
    "Adam": {"lr": 0.05, "weight_decay": 0.1, "amsgrad": True},
    "AdamW": {"lr": 0.05, "weight_decay": 0.1},
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_rate_changed_midway_is_used_as_pytorch_uses_it(name):
    case = name, EVERYTHING[name], (), lambda step: 0.05 if step < 25 else 0.002
    assert_same_paths(our_path(*case), torchs_path(*case))


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_parameter_that_skips_steps_keeps_its_own_count(name):
    skipped = {(step, 1) for step in (0, 1, 7, 20, 21, 22)} | {(40, 0), (40, 2)}
    case = name, EVERYTHING[name], skipped
    assert_same_paths(our_path(*case), torchs_path(*case))


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_defaults_are_pytorchs(name):
    ours = getattr(optim, name)([Tensor(1.0, requires_grad=True)])
    theirs = getattr(torch.optim, name)([torch.nn.Parameter(torch.tensor(1.0))]).defaults
    shared = {key: value for key, value in theirs.items() if hasattr(ours, key)}
    assert {key: getattr(ours, key) for key in shared} == shared
    assert {"lr", "weight_decay"} <= set(shared)


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_what_adam_remembers_is_what_pytorch_remembers(name):
    ours, theirs = Tensor([1.0], requires_grad=True), torch.nn.Parameter(torch.tensor([1.0]))
    theirs.data = theirs.data.double()
    optimizers = (
        getattr(optim, name)([ours], amsgrad=True),
        getattr(torch.optim, name)([theirs], amsgrad=True),
    )
    for g in (3.0, 0.5, -2.0):
        ours.grad, theirs.grad = np.array([g]), torch.tensor([g], dtype=torch.float64)
        for optimizer in optimizers:
            optimizer.step()
    state = optimizers[1].state[theirs]
    for key, other in [("m", "exp_avg"), ("v", "exp_avg_sq"), ("v_max", "max_exp_avg_sq")]:
        kept = optimizers[0].state[key][0]
        np.testing.assert_allclose(kept, state[other].numpy(), rtol=1e-14)


# ------------------------------------------------------------------------- schedules

lr_scheduler = torch.optim.lr_scheduler
FULL = 0.4
SCHEDULES = {
    "StepLR": (
        optim.step_decay(7, 0.3),
        lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.3),
        60,
    ),
    "ExponentialLR": (
        optim.exponential(0.9),
        lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
        60,
    ),
    # PyTorch's cosine rises again after T_max; ours stays at the floor.
    "CosineAnnealingLR": (
        optim.cosine(40, floor=0.1),
        lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=40, eta_min=0.1 * FULL),
        41,
    ),
    "LinearLR": (
        optim.linear(30, 0.25, 0.75),
        lambda o: lr_scheduler.LinearLR(o, 0.25, 0.75, total_iters=30),
        60,
    ),
    "warmup": (
        optim.warmup(10),
        lambda o: lr_scheduler.LinearLR(o, start_factor=1 / 10, total_iters=9),
        60,
    ),
    "ConstantLR": (
        optim.constant(0.5).then(optim.constant(), after=5),
        lambda o: lr_scheduler.ConstantLR(o, factor=0.5, total_iters=5),
        20,
    ),
    "SequentialLR": (
        optim.warmup(10).then(optim.cosine(30)),
        lambda o: lr_scheduler.SequentialLR(
            o,
            [
                lr_scheduler.LinearLR(o, start_factor=1 / 10, total_iters=9),
                lr_scheduler.CosineAnnealingLR(o, T_max=30),
            ],
            milestones=[10],
        ),
        41,
    ),
    "ChainedScheduler": (
        optim.exponential(0.9) * optim.step_decay(4, 0.5),
        lambda o: lr_scheduler.ChainedScheduler(
            [lr_scheduler.ExponentialLR(o, 0.9), lr_scheduler.StepLR(o, 4, 0.5)]
        ),
        60,
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_gives_pytorchs_rates(name):
    ours, scheduler_of, steps = SCHEDULES[name]
    np.testing.assert_allclose(
        [FULL * ours(step) for step in range(steps)],
        list(torchs_rates(scheduler_of, steps)),
        rtol=1e-12,
        atol=1e-15,
    )


def torchs_rates(scheduler_of, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=FULL)
    scheduler = scheduler_of(optimizer)
    for _ in range(steps):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        with warnings.catch_warnings():
            # SequentialLR calls its parts with an epoch, which PyTorch itself deprecates.
            warnings.filterwarnings("ignore", message="The epoch parameter")
            scheduler.step()


# -------------------------------------------------------------------------- clipping


def both(dtype):
    rng = np.random.default_rng(5)
    ours = [
        Tensor(np.zeros(shape, dtype), requires_grad=True) for shape in [(3, 4), (5,), (), (2,)]
    ]
    theirs = [torch.nn.Parameter(torch.tensor(p.data)) for p in ours]
    for p, q in zip(ours[:-1], theirs[:-1], strict=True):  # the last has no gradient
        p.grad = np.asarray(rng.normal(size=p.shape), dtype)
        q.grad = torch.tensor(p.grad)
    return ours, theirs


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("max_norm", [1e-3, 0.5, 3.0, 100.0])
def test_clipping_by_norm_is_pytorchs(max_norm, dtype, rtol):
    ours, theirs = both(dtype)
    norm = optim.clip_grad_norm(ours, max_norm)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm)
    np.testing.assert_allclose(norm, expected.item(), rtol=rtol)
    assert_same_gradients(ours, theirs, rtol)


def test_clipping_at_the_very_norm_is_pytorchs():
    ours, theirs = both(np.float64)
    norm = optim.clip_grad_norm(ours, 1e9)
    optim.clip_grad_norm(ours, norm)
    torch.nn.utils.clip_grad_norm_(theirs, norm)
    assert_same_gradients(ours, theirs, 1e-14)


def test_clipping_by_value_is_pytorchs():
    ours, theirs = both(np.float64)
    optim.clip_grad_value(ours, 0.5)
    torch.nn.utils.clip_grad_value_(theirs, 0.5)
    assert_same_gradients(ours, theirs, 0)


def assert_same_gradients(ours, theirs, rtol):
    for p, q in zip(ours[:-1], theirs[:-1], strict=True):
        assert p.grad.dtype == p.dtype
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=rtol)
    assert ours[-1].grad is None
