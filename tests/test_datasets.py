"""Data sets: frozen, of the promised shapes, and with the properties that the book builds on."""

import dataclasses
import math
import tracemalloc
from pydoc_data import topics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

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
    "digits": (datasets.digits, (1797, 64), (1797,), 10),
    "breast_cancer": (datasets.breast_cancer, (569, 30), (569,), 2),
    "wine": (datasets.wine, (178, 13), (178,), 3),
    "diabetes": (datasets.diabetes, (442, 10), (442, 1), 0),
    "sine": (lambda: datasets.sine(rng=np.random.default_rng(0)), (100, 1), (100, 1), 0),
    "circles": (lambda: datasets.circles(rng=np.random.default_rng(0)), (200, 2), (200,), 2),
    "spirals": (lambda: datasets.spirals(rng=np.random.default_rng(0)), (300, 2), (300,), 2),
}
NEED_A_GENERATOR = (datasets.moons, datasets.sine, datasets.circles, datasets.spirals)


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


@pytest.mark.parametrize(
    ("given_as", "kept_as"),
    [("float32", "float32"), ("float64", "float64"), ("float16", "float64"), ("int8", "float64")],
)
def test_float32_is_kept_and_everything_else_is_float64(given_as, kept_as):
    data = Dataset(np.ones((4, 2), given_as), [0, 1, 0, 1], ("a", "b"), ("p", "q"), "made up")
    assert data.x.dtype == kept_as
    chosen = data.select(features=["a"], classes=["q"])
    first, _ = data.split(0.5, rng=np.random.default_rng(0))
    assert chosen.x.dtype == first.x.dtype == kept_as


def test_an_array_that_is_given_away_is_not_copied():
    x = np.ones((2, 3))
    x.flags.writeable = False
    assert np.shares_memory(Dataset(x, [0, 1], ("a", "b", "c"), (), "made up").x, x)


def test_a_read_only_view_of_an_array_that_can_change_is_copied():
    x = np.zeros((2, 3))
    view = x.view()
    view.flags.writeable = False
    data = Dataset(view, [0, 1], ("a", "b", "c"), (), "made up")
    x[:] = 1
    assert not data.x.any()


image_sets = st_np.array_shapes(min_dims=2, max_dims=4, max_side=4).flatmap(
    lambda shape: st_np.arrays(st.sampled_from([np.float32, np.float64]), shape)
)


@given(image_sets, st.sampled_from("CF"))
def test_images_are_the_rows_of_x_without_a_copy(images, order):
    rows = np.asarray(images.reshape(len(images), -1), order=order)
    names = tuple(map(str, range(rows.shape[1])))
    shape = images.shape[1:]
    data = Dataset(rows, np.zeros(len(rows), int), names, ("p",), "made up", image_shape=shape)
    np.testing.assert_array_equal(data.images, images)
    assert np.shares_memory(data.images, data.x)
    assert not data.images.flags.writeable


def test_a_split_holds_each_image_once_more_and_not_twice(rng):
    x = np.zeros((1000, 400), np.float32)
    data = Dataset(x, np.zeros(1000, int), tuple(map(str, range(400))), ("p",), "made up")
    tracemalloc.start()
    try:
        parts = data.split(0.9, rng=rng)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(part.x.nbytes for part in parts) == x.nbytes
    assert peak < 1.5 * x.nbytes


def test_images_go_along_with_their_rows_and_end_with_their_columns(rng):
    digits = datasets.digits()
    for part in (*digits.split(0.5, rng=rng), digits.select(classes=["3", "8"])):
        assert part.images.shape == (len(part), 8, 8)
    assert digits.select(features=range(8)).image_shape == ()
    assert "64 features in images (8, 8), classes 0, 1" in repr(digits)


def test_images_that_are_none_are_refused(small):
    with pytest.raises(ShapeError, match=r"images: got rows of 2 features .*; use x, or make"):
        small.images  # noqa: B018
    with pytest.raises(ShapeError, match=r"Dataset: got image_shape \(2, 2\) and x \(6, 2\)"):
        dataclasses.replace(small, image_shape=(2, 2))


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


def test_digits_are_counts_of_sixteen_divided_by_sixteen():
    digits = datasets.digits()
    counts = 16 * digits.x
    assert np.array_equal(counts, counts.round())
    assert (digits.x.min(), digits.x.max()) == (0, 1)
    assert digits.class_names == tuple("0123456789")
    # A nought has paper in its middle, and a one has ink there.
    middle = digits.images[:, 3:5, 3:5].mean(axis=(1, 2))
    assert middle[digits.y == 0].mean() < 0.2 < 0.7 < middle[digits.y == 1].mean()


def test_breast_cancer_and_wine_are_counted_as_published():
    cancer, wine = datasets.breast_cancer(), datasets.wine()
    assert cancer.class_names == ("malignant", "benign")
    assert np.bincount(cancer.y).tolist() == [212, 357]
    assert np.bincount(wine.y).tolist() == [59, 71, 48]
    assert "alcohol" in wine.feature_names
    assert wine.x[:, wine.feature_names.index("alcohol")].mean() == pytest.approx(13.0, abs=0.01)


def test_diabetes_is_scaled_as_it_says():
    diabetes = datasets.diabetes()
    np.testing.assert_allclose(diabetes.x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((diabetes.x**2).sum(axis=0), 1, rtol=1e-12)
    assert (diabetes.y.min(), diabetes.y.max()) == (25, 346)
    assert diabetes.feature_names[2] == "bmi"


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


@pytest.mark.parametrize("make", NEED_A_GENERATOR)
def test_what_is_made_repeats_with_the_generator_and_needs_one(make):
    one, two, other = (make(rng=np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.x, two.x)
    np.testing.assert_array_equal(one.y, two.y)
    assert not np.array_equal(one.x, other.x)
    with pytest.raises(KindError, match=f"{make.__name__}: got no rng"):
        make()
    with pytest.raises(KindError, match=f"{make.__name__}: got rng=0"):
        make(rng=0)


@pytest.mark.parametrize(
    ("make", "wrong", "message"),
    [
        (datasets.sine, {"n": 0}, "sine: got n=0, wanted a whole number of points, at least 1"),
        (datasets.moons, {"n": 1}, "moons: got n=1, wanted .* at least 2"),
        (datasets.circles, {"n": -1}, "circles: got n=-1"),
        (datasets.spirals, {"n": 2, "arms": 3}, "spirals: got n=2, wanted .* at least 3"),
        (datasets.spirals, {"arms": 0}, "spirals: got arms=0, wanted at least one arm"),
        (datasets.moons, {"noise": -0.1}, "got noise=-0.1, wanted .* at least 0"),
        (datasets.sine, {"noise": math.nan}, "sine: got noise=nan"),
        (datasets.circles, {"factor": 1.0}, "circles: got factor=1.0, .* between 0 and 1; use"),
        (datasets.circles, {"factor": math.nan}, "circles: got factor=nan"),
    ],
)
def test_what_cannot_be_made_is_said(make, wrong, message, rng):
    with pytest.raises(ArgumentError, match=message):
        make(**wrong, rng=rng)


def test_sine_without_noise_lies_on_the_curve(rng):
    data = datasets.sine(50, noise=0, rng=rng)
    expected = [[math.sin(2 * math.pi * x)] for x in data.x[:, 0]]
    np.testing.assert_allclose(data.y, expected, rtol=0, atol=1e-15)
    assert data.x.min() >= 0
    assert data.x.max() < 1


def test_sine_noise_is_normal_with_the_given_deviation():
    data = datasets.sine(4000, noise=0.3, rng=np.random.default_rng(1))
    off = data.y - np.sin(2 * np.pi * data.x)
    assert off.std() == pytest.approx(0.3, rel=0.05)
    assert (abs(off) < 0.3).mean() == pytest.approx(0.683, abs=0.02)
    assert np.histogram(data.x, bins=4, range=(0, 1))[0].min() > 900


def test_circles_without_noise_have_their_radii_and_different_points(rng):
    data = datasets.circles(101, noise=0, factor=0.25, rng=rng)
    np.testing.assert_allclose(np.hypot(*data.x.T), np.array([1, 0.25])[data.y], rtol=1e-12)
    assert np.bincount(data.y).tolist() == [50, 51]
    assert data.class_names == ("outer", "inner")
    assert len(np.unique(data.x.round(9), axis=0)) == 101
    np.testing.assert_allclose(data.x[data.y == 0].mean(axis=0), 0, atol=1e-12)
    assert len(set(data.y[:10])) == 2
    assert not datasets.separable(data.x, data.y)


@pytest.mark.parametrize("arms", [1, 2, 3, 5])
def test_spiral_arms_wind_once_and_are_turned_copies_of_each_other(arms, rng):
    data = datasets.spirals(40 * arms, arms, noise=0, rng=rng)
    assert np.bincount(data.y).tolist() == [40] * arms
    assert data.class_names == tuple(f"arm {i + 1}" for i in range(arms))
    radii = np.hypot(*data.x.T)
    turns = (radii - 0.1) / 0.9 + data.y / arms
    points = np.exp(2j * np.pi * turns) * radii
    np.testing.assert_allclose(data.x, np.stack([points.real, points.imag], axis=1), atol=1e-12)
    assert radii.min() == pytest.approx(0.1)
    assert 0.97 < radii.max() < 1


def test_spirals_deal_what_is_left_over_to_the_first_arms(rng):
    assert np.bincount(datasets.spirals(11, 3, rng=rng).y).tolist() == [4, 4, 3]


def test_noise_of_circles_and_spirals_has_the_given_deviation():
    quiet, noisy = (
        [make(4000, noise=noise, rng=np.random.default_rng(2)) for noise in (0, 0.1)]
        for make in (datasets.circles, datasets.spirals)
    )
    for still, moved in (quiet, noisy):
        assert (moved.x - still.x).std() == pytest.approx(0.1, rel=0.05)


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


def test_python_docs_are_all_topics_of_help_in_the_order_of_their_names():
    text, rest = datasets.python_docs(), datasets.python_docs() + "\n\n"
    for name in sorted(topics.topics):
        topic = topics.topics[name].strip()
        assert rest.startswith(topic + "\n\n")
        rest = rest[len(topic) + 2 :]
    assert rest == ""
    assert "assert_stmt" in text
    assert len(text) > 300_000


def test_python_docs_do_not_depend_on_the_order_of_the_table(monkeypatch):
    text = datasets.python_docs()
    monkeypatch.setattr(topics, "topics", dict(reversed(topics.topics.items())))
    assert datasets.python_docs() == text
