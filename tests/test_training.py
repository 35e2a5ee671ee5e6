"""The loop: it is the loop written by hand, it can be owned and interrupted, and it says why."""

import dataclasses

import numpy as np
import pytest

from nnbook import Tensor, datasets, fit, nn, optim, training
from nnbook.errors import ArgumentError, DivergenceError, KindError, ShapeError
from nnbook.nn import functional as F  # noqa: N812


def seeded(seed=0):
    return np.random.default_rng(seed)


def bce(outputs, labels):
    return F.binary_cross_entropy_with_logits(outputs, labels[:, np.newaxis])


@pytest.fixture
def model():
    return nn.Sequential(nn.Linear(2, 8, rng=seeded()), nn.Tanh(), nn.Linear(8, 1, rng=seeded(1)))


@pytest.fixture
def sgd(model):
    return optim.SGD(model.parameters(), lr=0.5)


@pytest.fixture
def moons():
    return datasets.moons(50, rng=seeded())


def test_fit_is_the_loop_written_by_hand(model, moons):
    by_hand = nn.Sequential(
        nn.Linear(2, 8, rng=seeded()), nn.Tanh(), nn.Linear(8, 1, rng=seeded(1))
    )
    optimizer, rng, losses = optim.SGD(by_hand.parameters(), lr=0.5), seeded(2), []
    for _ in range(3):
        order, total = rng.permutation(50), 0.0
        for rows in (order[:20], order[20:40], order[40:]):
            optimizer.zero_grad()
            loss = bce(by_hand(Tensor(moons.x[rows])), moons.y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / 50)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    options = {"epochs": 3, "batch_size": 20, "rng": seeded(2), "progress": False}
    history = fit(model, moons, bce, optimizer, **options)
    np.testing.assert_allclose(history.train_loss, losses, rtol=1e-13)
    for name, array in by_hand.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name], array)
    assert history.learning_rate.tolist() == [0.5, 0.5, 0.5]
    assert (history.validation_loss.shape, history.interrupted) == ((0,), False)


def test_the_worked_example_of_the_book():
    """A linear 2-3-4-1 network on the five points: the numbers of chapter 5, worked by hand."""
    arrays = {
        "0.weight": [[0.2, -0.1], [0.4, 0.3], [-0.5, 0.2]],
        "0.bias": [0.1, -0.2, 0.0],
        "1.weight": [[0.3, -0.2, 0.1], [-0.1, 0.5, 0.2], [0.4, -0.3, 0.6], [-0.2, 0.1, -0.4]],
        "1.bias": [0.0, 0.1, -0.1, 0.2],
        "2.weight": [[0.2, -0.3, 0.5, -0.1]],
        "2.bias": [0.05],
    }
    sizes = [(2, 3), (3, 4), (4, 1)]
    model = nn.Sequential(*(nn.Linear(*size, rng=seeded()) for size in sizes))
    model.load_state_dict(arrays)
    half = {"loss": lambda outputs, targets: F.mse_loss(outputs, targets) * 0.5}
    sgd = optim.SGD(model.parameters(), lr=0.01)
    step = next(training.steps(model, datasets.five_points(), **half, optimizer=sgd, rng=seeded()))
    np.testing.assert_allclose(step.loss, 1.8336197, atol=1e-12)
    np.testing.assert_allclose(model[2].bias.grad, [-1.7922], atol=1e-12)
    after = training.evaluate(model, datasets.five_points(), **half)
    np.testing.assert_allclose(after, 1.751865, atol=5e-7)


def test_the_moons_are_learned(model, moons):
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    fit(model, moons, bce, optimizer, epochs=60, rng=seeded(), progress=False)
    assert ((model(moons.x).numpy()[:, 0] > 0) == moons.y).mean() >= 0.98


def test_a_pair_of_arrays_will_do_and_validation_is_the_loss_after_the_epoch(model, sgd):
    x, y = seeded().normal(size=(10, 2)), np.ones((10, 1))
    options = {"validation": (x, y), "epochs": 2, "rng": seeded(), "progress": False}
    history = fit(model, (x, y), F.mse_loss, sgd, **options)
    assert history.validation_loss[-1] == F.mse_loss(model(x), y).item()
    assert history.validation_loss.shape == (2,)


def test_history_is_frozen_arrays(model, sgd, moons):
    history = fit(model, moons, bce, sgd, epochs=1, rng=seeded(), progress=False)
    assert isinstance(history.train_loss, np.ndarray)
    with pytest.raises(dataclasses.FrozenInstanceError):
        history.train_loss = None


def test_no_epoch_is_an_empty_history(model, sgd, moons):
    history = fit(model, moons, bce, sgd, epochs=0, rng=seeded(), progress=False)
    assert history.train_loss.shape == (0,)


def test_steps_is_owned_by_the_caller(model, sgd, moons):
    sizes = []
    for step in training.steps(model, moons, bce, sgd, epochs=2, batch_size=20, rng=seeded()):
        sizes.append(step.size)
        if step.number == 4:
            break
    assert sizes == [20, 20, 10, 20, 20]
    assert (step.epoch, step.ends_epoch, step.learning_rate) == (1, False, 0.5)


def test_every_example_is_seen_once_an_epoch(model, sgd):
    x = np.arange(14.0).reshape(7, 2)
    seen = []

    def loss(outputs, targets):
        seen.extend(targets[:, 0])
        return F.mse_loss(outputs * 0, targets * 0)

    for step in training.steps(
        model, (x, x[:, :1]), loss, sgd, epochs=2, batch_size=3, rng=seeded()
    ):
        assert step.ends_epoch == (len(seen) % 7 == 0)
    assert sorted(seen[:7]) == sorted(seen[7:]) == x[:, 0].tolist()
    assert seen[:7] != seen[7:]


def test_a_schedule_multiplies_the_rate_by_step_and_gives_it_back(model, sgd, moons):
    halving = {"schedule": lambda step: 0.5**step, "batch_size": 25, "rng": seeded()}
    history = fit(model, moons, bce, sgd, epochs=2, progress=False, **halving)
    assert history.learning_rate.tolist() == [0.25, 0.0625]
    assert sgd.lr == 0.5
    updates = training.steps(model, moons, bce, sgd, **halving)
    assert [next(updates).learning_rate for _ in range(2)] == [0.5, 0.25]
    updates.close()
    assert sgd.lr == 0.5


class Memory(nn.Module):
    """Outputs one number, the parameter, for every example."""

    def __init__(self):
        self.value = nn.Parameter([4.0])

    def forward(self, x):
        return self.value * np.ones((len(x), 1))


def test_early_stopping_waits_and_goes_back_to_the_best_weights():
    # Steps of 1 lead 4 → 3 → 2 → 1 → 0 → -1; the validation target 2 is met after two epochs.
    model = Memory()
    one = np.zeros((1, 1))
    history = fit(
        model,
        (one, one),
        lambda outputs, targets: (outputs - targets).sum(),
        optim.SGD(model.parameters(), lr=1),
        epochs=50,
        validation=(one, one + 2),
        early_stopping=3,
        rng=seeded(),
        progress=False,
    )
    assert len(history.train_loss) == 50  # a loss that falls for ever never stops
    model = Memory()

    def by_distance(outputs, targets):
        distance = (outputs - targets).abs().sum()
        return distance if targets[0, 0] == 2 else (outputs - targets).sum()

    history = fit(
        model,
        (one, one),
        by_distance,
        optim.SGD(model.parameters(), lr=1),
        epochs=50,
        validation=(one, one + 2),
        early_stopping=3,
        rng=seeded(),
        progress=False,
    )
    assert history.validation_loss.tolist() == [1, 0, 1, 2, 3]
    assert model.value.data.tolist() == [2]


def test_an_interrupt_keeps_what_was_learned(model, sgd, moons):
    calls = []

    def loss(outputs, targets):
        calls.append(0)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return bce(outputs, targets)

    start = model.state_dict()
    options = {"epochs": 9, "batch_size": 25, "rng": seeded(), "progress": False}
    history = fit(model, moons, loss, sgd, schedule=lambda step: 0.5, **options)
    assert history.interrupted
    assert history.train_loss.shape == (2,)
    assert (model.state_dict()["0.weight"] != start["0.weight"]).any()
    assert sgd.lr == 0.5


def test_the_model_is_evaluated_in_evaluation_mode_and_trained_in_training_mode(model, sgd, moons):
    modes = []

    def loss(outputs, targets):
        modes.append((model.training, len(targets)))
        return bce(outputs, targets)

    model.eval()
    options = {"validation": moons, "epochs": 2, "batch_size": 25, "progress": False}
    fit(model, moons, loss, sgd, rng=seeded(), **options)
    assert modes == 2 * [(True, 25), (True, 25), (False, 50)]
    assert model.training
    model.eval()
    training.evaluate(model, moons, bce)
    assert not model.training


def test_a_loss_that_is_not_finite_stops_before_it_spoils_the_weights(model, sgd, moons):
    def loss(outputs, targets):
        return bce(outputs, targets) * np.nan

    start = model.state_dict()
    with pytest.raises(DivergenceError) as caught:
        fit(model, moons, loss, sgd, epochs=1, rng=seeded(), progress=False)
    assert "a loss of nan at step 0 (epoch 0) with learning rate 0.5" in str(caught.value)
    assert "ten times smaller" in caught.value.remedy
    assert all((model.state_dict()[name] == start[name]).all() for name in start)


def test_progress_goes_to_stderr_or_nowhere(model, sgd, moons, capsys):
    fit(model, moons, bce, sgd, epochs=2, rng=seeded(), progress=False)
    assert capsys.readouterr() == ("", "")
    fit(model, moons, bce, sgd, epochs=2, rng=seeded(), progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "2/2" in err
    assert "loss=" in err


WRONG_USES = {
    "no rng": ({"rng": None}, KindError, ["no rng", "pass rng=np.random.default_rng(0)"]),
    "epochs": ({"epochs": -1}, ArgumentError, ["epochs=-1", "at least 0 epochs"]),
    "batch": ({"batch_size": 0}, ArgumentError, ["batch_size=0", "batch_size=32"]),
    "watch": ({"early_stopping": 3}, ArgumentError, ["with no validation", "data.split"]),
    "lengths": ({"train": (np.ones((3, 2)), np.ones(2))}, ShapeError, ["(3, 2)", "(2,)"]),
    "empty": ({"train": (np.ones((0, 2)), np.ones(0))}, ShapeError, ["at least one"]),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_says_what_to_do(use, model, sgd, moons):
    changed, kind, parts = WRONG_USES[use]
    options = {"train": moons, "epochs": 1, "rng": seeded(), "progress": False, **changed}
    with pytest.raises(kind) as caught:
        fit(model, loss=bce, optimizer=sgd, **options)
    assert [part for part in parts if part not in str(caught.value)] == []


def test_patience_has_to_be_positive(model, sgd, moons):
    options = {"validation": moons, "early_stopping": 0, "rng": seeded(), "progress": False}
    with pytest.raises(ArgumentError, match="early_stopping=0"):
        fit(model, moons, bce, sgd, epochs=1, **options)


def test_evaluation_leaves_every_module_in_its_mode(moons):
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.BatchNorm1d(3), nn.Linear(3, 1, rng=rng))
    model[1].eval()
    modes = [module.training for module in model.modules()]
    training.evaluate(model, (moons.x, moons.y.reshape(-1, 1)), nn.functional.mse_loss)
    assert [module.training for module in model.modules()] == modes
    assert model[1].num_batches_tracked.item() == 0
