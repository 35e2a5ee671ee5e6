"""Layers against PyTorch's: names, shapes, starting values, outputs and gradients."""

import numpy as np
import pytest

from nnbook import Tensor, nn, optim

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install -e '.[torch]'")


class TorchResidual(torch.nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def our_model(rng):
    return nn.Sequential(
        nn.Embedding(7, 4, rng=rng),
        nn.Flatten(),
        nn.Linear(12, 6, rng=rng),
        nn.BatchNorm1d(6),
        nn.LeakyReLU(0.2),
        nn.Residual(nn.LayerNorm(6), nn.Linear(6, 6, bias=False, rng=rng), nn.GELU()),
        nn.Identity(),
        nn.Sequential(nn.BatchNorm1d(6, eps=1e-3, momentum=0.3), nn.SiLU(), nn.Tanh()),
        nn.Dropout(0.0, rng=rng),
        nn.GELU("tanh"),
        nn.Linear(6, 5, rng=rng),
        nn.Softmax(),
    )


def their_model():
    return torch.nn.Sequential(
        torch.nn.Embedding(7, 4),
        torch.nn.Flatten(),
        torch.nn.Linear(12, 6),
        torch.nn.BatchNorm1d(6),
        torch.nn.LeakyReLU(0.2),
        TorchResidual(torch.nn.LayerNorm(6), torch.nn.Linear(6, 6, bias=False), torch.nn.GELU()),
        torch.nn.Identity(),
        torch.nn.Sequential(
            torch.nn.BatchNorm1d(6, eps=1e-3, momentum=0.3), torch.nn.SiLU(), torch.nn.Tanh()
        ),
        torch.nn.Dropout(0.0),
        torch.nn.GELU("tanh"),
        torch.nn.Linear(6, 5),
        torch.nn.Softmax(dim=-1),
    ).double()


@pytest.fixture
def pair():
    """Return our model and PyTorch's with the same weights."""
    ours, theirs = our_model(np.random.default_rng(0)), their_model()
    generator = torch.Generator().manual_seed(0)
    for name, tensor in theirs.state_dict().items():
        if tensor.is_floating_point():
            noise = torch.rand(tensor.shape, generator=generator, dtype=torch.float64)
            tensor.copy_(noise + (0.5 if "var" in name else -0.3))
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def batch(seed, size=9):
    return np.random.default_rng(seed).integers(0, 7, (size, 3))


def test_names_order_and_shapes_of_the_state_are_pytorchs(pair):
    ours, theirs = (model.state_dict() for model in pair)
    assert list(ours) == list(theirs)
    assert [ours[name].shape for name in ours] == [tuple(theirs[name].shape) for name in ours]
    kinds = [str(theirs[name].numpy().dtype) for name in ours]
    assert [str(array.dtype) for array in ours.values()] == kinds


def test_names_of_parameters_buffers_and_modules_are_pytorchs(pair):
    for which in ("named_parameters", "named_buffers", "named_modules", "named_children"):
        ours, theirs = ([name for name, _ in getattr(model, which)()] for model in pair)
        assert ours == theirs


def test_own_parameters_come_before_those_of_layers_whatever_the_order_of_attributes():
    def make(kit, linear):
        class Model(kit.Module):
            def __init__(self):
                super().__init__()
                self.first = linear()
                self.count = kit.Buffer(torch.zeros(1) if kit is torch.nn else np.zeros(1))
                self.tied = self.first
                self.scale = kit.Parameter(torch.ones(1) if kit is torch.nn else np.ones(1))

        return Model()

    ours = make(nn, lambda: nn.Linear(2, 2, rng=np.random.default_rng(0)))
    theirs = make(torch.nn, lambda: torch.nn.Linear(2, 2))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for which in ("named_parameters", "named_buffers", "named_modules"):
        names = [[name for name, _ in getattr(model, which)()] for model in (ours, theirs)]
        assert names[0] == names[1]


@pytest.mark.parametrize("training", [True, False])
def test_loaded_weights_give_pytorchs_outputs_and_gradients(pair, training):
    ours, theirs = (model.train(training) for model in pair)
    g = np.random.default_rng(1).normal(size=(9, 5))
    our_out, their_out = ours(batch(0)), theirs(torch.tensor(batch(0)))
    np.testing.assert_allclose(our_out.data, their_out.detach(), rtol=1e-10, atol=1e-10)
    our_out.backward(g)
    their_out.backward(torch.tensor(g))
    gradients = {name: parameter.grad for name, parameter in theirs.named_parameters()}
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(
            parameter.grad, gradients[name], rtol=1e-10, atol=1e-10, err_msg=name
        )


def test_running_statistics_are_pytorchs_after_several_batches(pair):
    ours, theirs = pair
    for seed, size in enumerate([9, 4, 2]):
        ours(batch(seed, size))
        theirs(torch.tensor(batch(seed, size)))
    expected = dict(theirs.named_buffers())
    for name, buffer in ours.named_buffers():
        np.testing.assert_allclose(buffer.data, expected[name], rtol=1e-10, err_msg=name)
    assert ours[3].num_batches_tracked.item() == 3
    ours.eval()
    theirs.eval()
    out = theirs(torch.tensor(batch(8))).detach()
    np.testing.assert_allclose(ours(batch(8)).data, out, rtol=1e-10, atol=1e-10)


def test_training_both_goes_the_same_way(pair):
    ours, theirs = pair
    targets = np.random.default_rng(3).integers(0, 5, 9)
    our_optimizer = optim.SGD(ours.parameters(), lr=0.1, momentum=0.9)
    their_optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for seed in range(20):
        our_loss = nn.functional.cross_entropy(ours(batch(seed)), targets)
        their_loss = torch.nn.functional.cross_entropy(
            theirs(torch.tensor(batch(seed))), torch.tensor(targets)
        )
        for loss, optimizer in [(our_loss, our_optimizer), (their_loss, their_optimizer)]:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        np.testing.assert_allclose(our_loss.item(), their_loss.item(), rtol=1e-9)


def test_the_state_loads_into_pytorch(pair):
    ours, theirs = pair
    ours(batch(5))
    state = {name: torch.tensor(array) for name, array in ours.state_dict().items()}
    theirs.load_state_dict(state)
    ours.eval()
    theirs.eval()
    out = theirs(torch.tensor(batch(6))).detach()
    np.testing.assert_allclose(ours(batch(6)).data, out, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda rng: nn.Linear(64, 1000, rng=rng), lambda: torch.nn.Linear(64, 1000)),
        (lambda rng: nn.Embedding(400, 100, rng=rng), lambda: torch.nn.Embedding(400, 100)),
        (lambda rng: nn.LayerNorm((3, 4)), lambda: torch.nn.LayerNorm((3, 4))),
        (lambda rng: nn.BatchNorm1d(3), lambda: torch.nn.BatchNorm1d(3)),
    ],
)
def test_starting_values_have_pytorchs_moments(ours, theirs):
    torch.manual_seed(0)
    expected = theirs().state_dict()
    for name, array in ours(np.random.default_rng(0)).state_dict().items():
        other = expected[name].double().numpy()
        # Five standard errors of a mean of that many entries, of each of the first moments.
        for power in (1, 2, 4):
            spread = (other**power).std() * np.sqrt(2 / other.size)
            assert abs((array**power).mean() - (other**power).mean()) <= 5 * spread
        assert abs(np.abs(array).max() - np.abs(other).max()) <= other.std()


@pytest.mark.parametrize(("start", "end"), [(1, -1), (0, -1), (1, 2), (-2, -1), (2, 2)])
def test_flatten_is_pytorchs(start, end):
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    theirs = torch.nn.Flatten(start, end)(torch.tensor(x))
    np.testing.assert_array_equal(nn.Flatten(start, end)(Tensor(x)).data, theirs)


def test_layer_norm_over_several_axes_is_pytorchs():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    theirs = torch.nn.LayerNorm((3, 4), eps=0.1).double()(torch.tensor(x)).detach()
    np.testing.assert_allclose(nn.LayerNorm((3, 4), eps=0.1)(x).data, theirs, atol=1e-12)


def test_batch_norm_of_sequences_is_pytorchs():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    theirs = torch.nn.BatchNorm1d(3).double()(torch.tensor(x)).detach()
    np.testing.assert_allclose(nn.BatchNorm1d(3)(x).data, theirs, atol=1e-12)
