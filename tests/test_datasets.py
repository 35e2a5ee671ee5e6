"""Data sets: frozen, of the promised shapes, and with the properties that the book builds on."""

import dataclasses

import numpy as np
import pytest

from nnbook import datasets, nn
from nnbook.datasets import Dataset
from nnbook.errors import ArgumentError, KindError, ShapeError, UnknownNameError

LOADERS = {
    "iris": (datasets.iris, (150, 4), (150,), 3),
    "line": (datasets.line, (100, 1), (100, 1), 0),
    "xor": (datasets.xor, (4, 2), (4,), 2),
    "five_points": (datasets.five_points, (5, 2), (5, 1), 0),
    "moons": (lambda: datasets.moons(rng=np.random.default_rng(0)), (200, 2), (200,), 2),
    "spam_messages": (datasets.spam_messages, (24, 88), (24,), 2),
}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def small():
    x = np.arange(12.0).reshape(6, 2)
    return Dataset(x, [0, 1, 2, 0, 1, 2], ("a", "b"), ("p", "q", "r"), "made up", tuple("uvwxyz"))


@pytest.mark.parametrize("name", LOADERS)
def test_shapes_kinds_and_names(name):
    load, x_shape, y_shape, classes = LOADERS[name]
    data = load()
    assert (data.x.shape, data.y.shape, data.x.dtype) == (x_shape, y_shape, np.dtype(float))
    assert len(data.class_names) == classes
    assert data.y.dtype.kind == ("i" if classes else "f")
    if classes:
        assert np.unique(data.y).tolist() == list(range(classes))
    assert data.source in repr(data)
    with pytest.raises(ValueError, match="read-only"):
        data.x[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        data.y[0] = 1


def test_a_data_set_is_frozen_and_does_not_follow_its_arrays(small):
    x = np.zeros((1, 1))
    data = Dataset(x, [0], ("a",), (), "made up")
    x[0] = 1
    assert data.x[0, 0] == 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        small.x = x


def test_repr_says_what_it_is(small):
    assert repr(small) == "Dataset(6 examples, 2 features, classes p, q, r; made up)"
    assert repr(datasets.line(3)) == "Dataset(3 examples, 1 feature; y = x for 0 to 2)"


@pytest.mark.parametrize(
    ("x", "y", "names"),
    [([[1.0]], [1, 2], ("a",)), ([[1.0]], [1], ("a", "b")), ([1.0], [1], ("a",))],
)
def test_parts_that_do_not_agree_are_refused(x, y, names):
    with pytest.raises(ShapeError, match=r"Dataset: got x .* wanted x \(N, D\), N targets"):
        Dataset(x, y, names, (), "made up")


def test_split_deals_every_example_once_and_at_random(small, rng):
    first, second = small.split(0.67, rng=rng)
    assert (len(first), len(second)) == (4, 2)
    rows = np.concatenate([first.x, second.x])
    assert sorted(rows.tolist()) == small.x.tolist()
    assert rows.tolist() != small.x.tolist()
    for part in (first, second):
        places = (part.x[:, 0] // 2).astype(int)
        assert part.y.tolist() == small.y[places].tolist()
        assert part.texts == tuple(small.texts[i] for i in places)


@pytest.mark.parametrize("fraction", [0.0, 1.0, 1.5, -0.5, 0.01])
def test_split_refuses_an_empty_side(small, rng, fraction):
    with pytest.raises(ArgumentError, match="at least one example on each side"):
        small.split(fraction, rng=rng)


def test_split_without_a_generator_says_what_to_pass(small):
    with pytest.raises(KindError, match=r"split: got no rng.*pass rng=np\.random"):
        small.split(0.5)


def test_select_by_name_and_by_position(small):
    chosen = small.select(features=["b"], classes=["r", "p"])
    assert chosen.x.tolist() == [[1], [5], [7], [11]]
    assert chosen.y.tolist() == [1, 0, 1, 0]
    assert (chosen.feature_names, chosen.class_names) == (("b",), ("r", "p"))
    assert chosen.texts == ("u", "w", "x", "z")
    same = small.select(features=[1], classes=[2, 0])
    np.testing.assert_array_equal(same.x, chosen.x)
    np.testing.assert_array_equal(same.y, chosen.y)


@pytest.mark.parametrize("wrong", ["P", 3, -1])
def test_select_names_what_there_is(small, wrong):
    with pytest.raises(UnknownNameError, match="wanted one of 'p', 'q', 'r'"):
        small.select(classes=[wrong])


def test_iris_setosa_is_separable_and_versicolor_from_virginica_is_not():
    iris = datasets.iris()
    setosa = nn.perceptron_rule(iris.x, (iris.y == 0).astype(int), epochs=100)
    assert setosa.settled
    pair = iris.select(classes=["versicolor", "virginica"])
    assert not nn.perceptron_rule(pair.x, pair.y, epochs=300).settled


def test_separable_agrees_with_what_the_rule_finds():
    iris, spam, xor = datasets.iris(), datasets.spam_messages(), datasets.xor()
    pair = iris.select(classes=["versicolor", "virginica"])
    assert datasets.separable(iris.x, iris.y == 0)
    assert datasets.separable(spam.x, spam.y)
    assert not datasets.separable(pair.x, pair.y)
    assert not datasets.separable(xor.x, xor.y)
    assert datasets.separable(xor.x[:3], xor.y[:3])


@pytest.mark.parametrize(("x", "y"), [(np.ones(3), np.ones(3)), (np.ones((3, 1)), np.ones((3, 1)))])
def test_separable_names_shapes_that_do_not_fit(x, y):
    with pytest.raises(ShapeError, match=r"separable: got x .* wanted x \(N, D\) and y \(N,\)"):
        datasets.separable(x, y)


def test_iris_is_fishers():
    iris = datasets.iris()
    assert iris.feature_names[2:] == ("petal length", "petal width")
    np.testing.assert_allclose(iris.x.mean(axis=0), [5.8433, 3.0573, 3.758, 1.1993], atol=1e-4)


def test_five_points_are_those_of_the_worked_example():
    data = datasets.five_points()
    assert data.x.tolist() == [[0.5, 1.0], [1.5, 0.5], [0.0, 1.0], [1.0, 1.5], [1.0, 0.0]]
    assert data.y[:, 0].tolist() == [1.5, 2.0, 1.0, 2.5, 1.0]


def test_line_and_xor():
    assert datasets.line(3).x.tolist() == datasets.line(3).y.tolist() == [[0], [1], [2]]
    xor = datasets.xor()
    assert (xor.x[:, 0] != xor.x[:, 1]).tolist() == xor.y.astype(bool).tolist()


def test_moons_without_noise_lie_on_their_circles(rng):
    moons = datasets.moons(101, noise=0, rng=rng)
    centers = np.array([[0, 0], [1, 0.5]])[moons.y]
    np.testing.assert_allclose(np.hypot(*(moons.x - centers).T), 1, rtol=1e-12)
    assert np.bincount(moons.y).tolist() == [50, 51]
    assert (np.sign(moons.x[:, 1] - centers[:, 1]) * (1 - 2 * moons.y) >= -1e-12).all()
    assert len(set(moons.y[:10])) == 2


def test_moons_noise_is_normal_with_the_given_deviation():
    noisy = datasets.moons(4000, noise=0.2, rng=np.random.default_rng(1))
    centers = np.array([[0, 0], [1, 0.5]])[noisy.y]
    off = np.hypot(*(noisy.x - centers).T) - 1
    # Across the circle the noise has deviation 0.2 (curvature adds under a tenth of it).
    assert 0.19 < off.std() < 0.22


def test_moons_repeat_with_the_generator_and_need_one():
    one, two = (datasets.moons(rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one.x, two.x)
    with pytest.raises(KindError, match="moons: got no rng"):
        datasets.moons()


def test_spam_is_half_of_the_messages_and_separable():
    data = datasets.spam_messages()
    assert np.bincount(data.y).tolist() == [12, 12]
    assert {"prize", "free", "winner", "meeting", "scheduled", "the"} <= set(data.feature_names)
    assert nn.perceptron_rule(data.x, data.y, epochs=100).settled


def test_spam_counts_belong_to_their_texts():
    data = datasets.spam_messages()
    row = next(i for i, text in enumerate(data.texts) if text.startswith("Free prize, free"))
    counts = dict(zip(data.feature_names, data.x[row], strict=True))
    assert (counts["free"], counts["prize"], counts["meeting"]) == (2, 1, 0)
    assert data.x.sum(axis=1).tolist() == [len(datasets.words(text)) for text in data.texts]


def test_words_and_bag_of_words():
    assert datasets.words("Don't stop:  NOW! 'Really'? ...") == ["don't", "stop", "now", "really"]
    bags = datasets.bag_of_words(["the dog bites the man", "the man bites the dog"], ["the", "cat"])
    assert bags.tolist() == [[2, 0], [2, 0]]
