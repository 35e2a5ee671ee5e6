"""`Tensor`: every operation against NumPy and finite differences, and every wrong use in words."""

import numpy as np
import pytest
from differentiable import differentiable_operations, operations_calling_from_op
from functional_cases import FUNCTIONAL_CASES
from gradient_cases import TENSOR_CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from network_cases import NETWORK_CASES
from refusals import assert_refused

from nnbook import Tensor, check_gradient, tensor
from nnbook.errors import ArgumentError, GradientError, KindError, ShapeError

GRADIENT_CASES = TENSOR_CASES | FUNCTIONAL_CASES | NETWORK_CASES
CASES = [
    pytest.param(f, arrays, id=f"{name}-{i}")
    for name, cases in GRADIENT_CASES.items()
    for i, (f, arrays) in enumerate(cases)
]
numbers = st.floats(-3, 3, width=32).map(float)


# ---- gradients


@pytest.mark.parametrize(("f", "arrays"), CASES)
def test_gradient(f, arrays):
    check_gradient(f, *arrays)


def test_every_differentiable_operation_has_cases():
    assert set(GRADIENT_CASES) == differentiable_operations()


def test_introspection_misses_no_operation():
    names = {name.split(".")[-1] for name in differentiable_operations()}
    called = operations_calling_from_op()
    assert called <= names
    assert {"__mul__", "einsum", "linear"} <= called


def float_arrays(shape, elements=numbers):
    return hnp.arrays(np.float64, shape, elements=elements)


@given(st.data())
@settings(max_examples=60)
def test_broadcasting_agrees_with_numpy_and_differences(data):
    pair = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=0)
    shapes = data.draw(pair).input_shapes
    a, b = (data.draw(float_arrays(shape)) for shape in shapes)
    np.testing.assert_array_equal((Tensor(a) * b + a).numpy(), a * b + a)
    check_gradient(lambda x, y: x * y - y, a, b)


@given(st.data())
@settings(max_examples=60)
def test_indexing_agrees_with_numpy_and_differences(data):
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    basic = hnp.basic_indices(shape, allow_newaxis=True)
    fancy = hnp.integer_array_indices(shape)
    index = data.draw(st.one_of(basic, fancy))
    a = data.draw(float_arrays(shape))
    np.testing.assert_array_equal(Tensor(a)[index].numpy(), a[index])
    check_gradient(lambda x: x[index], a)


@given(st.data())
@settings(max_examples=60)
def test_reductions_agree_with_numpy_and_differences(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3))
    axis = data.draw(st.none() | hnp.valid_tuple_axes(len(shape), min_size=1))
    keepdims = data.draw(st.booleans())
    name = data.draw(st.sampled_from(["sum", "mean", "var", "max", "min"]))
    # Distinct entries, since a maximum has a kink where two are equal.
    a = np.random.default_rng(data.draw(st.integers(0, 99))).permutation(np.arange(np.prod(shape)))
    a = (a / 4).reshape(shape)
    ours = getattr(Tensor(a), name)(axis, keepdims)
    theirs = getattr(a, name)(axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-14, atol=1e-14)
    assert ours.shape == np.shape(theirs)
    check_gradient(lambda x: getattr(x, name)(axis, keepdims), a)


def test_repeated_indices_add_up():
    x = Tensor(np.zeros(3), requires_grad=True)
    x[[0, 0, 2]].sum().backward()
    assert x.grad.tolist() == [2, 0, 1]


def test_equal_winners_share_the_gradient():
    x = Tensor([1.0, 3.0, 3.0], requires_grad=True)
    x.max().backward()
    assert x.grad.tolist() == [0, 0.5, 0.5]
    a, b = Tensor([1.0, 2.0], requires_grad=True), Tensor([1.0, 0.0], requires_grad=True)
    tensor.maximum(a, b).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([0.5, 1], [0.5, 0])


# ---- values


@pytest.mark.parametrize("wrap", [float, int, np.float64, np.array, lambda n: [n, n]])
def test_numbers_and_arrays_on_either_side(wrap):
    x, other = Tensor([1.0, 2.0]), wrap(3)
    for ours, theirs in [
        (x + other, [4, 5]),
        (other + x, [4, 5]),
        (x - other, [-2, -1]),
        (other - x, [2, 1]),
        (x * other, [3, 6]),
        (other * x, [3, 6]),
        (x / other, [1 / 3, 2 / 3]),
        (other / x, [3, 1.5]),
        (x**other, [1, 8]),
        (other**x, [3, 9]),
    ]:
        assert isinstance(ours, Tensor)
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-15)


def test_matrix_product_with_an_array_on_the_left():
    product = np.array([[1.0, 2.0]]) @ Tensor([3.0, 4.0])
    assert isinstance(product, Tensor)
    assert product.numpy().tolist() == [11]


def test_single_precision_stays_single():
    x = Tensor(np.array([0.5, -2], np.float32), requires_grad=True)
    y = (2.0 * x + 1 - x / 3.0) ** 2 + x.sigmoid().relu() + x.tanh().abs() * 0.5
    y = tensor.where([True, False], y, 0.0) + tensor.maximum(0.0, x).mean() + x.var() + x.max()
    y.sum().backward()
    assert (y.dtype, x.grad.dtype) == (np.float32, np.float32)


def test_whole_numbers_stay_whole():
    assert Tensor([1, 2]).dtype == np.dtype(int)
    assert (Tensor([1, 2]) * 0.5).numpy().tolist() == [0.5, 1.0]


def test_sigmoid_is_exact_at_both_ends():
    ends = Tensor([-800.0, -40.0, 0.0, 40.0, 800.0]).sigmoid().numpy()
    np.testing.assert_allclose(ends, [0, np.exp(-40.0), 0.5, 1, 1], rtol=1e-15)


def test_einsum_agrees_with_numpy():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    ours = tensor.einsum("ij, jk -> ki", a, b).numpy()
    np.testing.assert_array_equal(ours, np.einsum("ij,jk->ki", a, b))


def test_attributes():
    x = Tensor([[1.0, 2.0, 3.0]])
    assert (x.shape, x.ndim, x.size, x.dtype) == ((1, 3), 2, 3, np.dtype(float))
    assert (x.T.shape, x.grad, x.requires_grad) == ((3, 1), None, False)
    assert Tensor(2.5).item() == 2.5
    assert repr(Tensor([1.0], requires_grad=True)) == "Tensor([1.], requires_grad=True)"


def test_iteration_goes_through_rows():
    assert [row.numpy().tolist() for row in Tensor([[1.0, 2.0], [3.0, 4.0]])] == [[1, 2], [3, 4]]


def test_what_python_asks_of_a_number_or_a_sequence():
    assert (len(Tensor([1.0, 2.0])), float(Tensor([2.5]))) == (2, 2.5)
    assert (bool(Tensor(0.0)), bool(Tensor(2.0))) == (False, True)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Tensor([1.0, 2.0]))


def test_the_data_are_a_copy_and_so_is_numpy():
    array = np.zeros(2)
    x = Tensor(array)
    array[0] = 1
    x.numpy()[1] = 1
    assert x.data.tolist() == [0, 0]


def test_detach_shares_data_and_leaves_the_graph():
    x = Tensor([1.0], requires_grad=True)
    y = (x * 2).detach()
    assert not (y * 3).requires_grad
    assert x.detach().data is x.data


def test_numpy_takes_a_constant_but_not_a_gradient():
    np.testing.assert_array_equal(np.asarray(Tensor([1.0, 2.0])), [1, 2])


# ---- wrong uses

x23 = Tensor(np.ones((2, 3)), requires_grad=True)
WRONG_USES = {
    "add shapes": (lambda: x23 + np.ones(2), ShapeError, ["+", "(2, 3) and (2,)", "line up"]),
    "pow shapes": (lambda: x23 ** np.ones(2), ShapeError, ["**", "(2, 3) and (2,)", "reshape"]),
    "matmul shapes": (lambda: x23 @ x23, ShapeError, ["@", "(2, 3) and (2, 3)", "inner", ".T"]),
    "matmul number": (lambda: x23 @ 2, ShapeError, ["@", "(2, 3) and ()", "(..., k, m)"]),
    "reshape": (lambda: x23.reshape(4, 2), ShapeError, ["reshape", "(4, 2)", "6", "-1"]),
    "broadcast_to": (lambda: x23.broadcast_to((2, 2)), ShapeError, ["broadcast_to", "(2, 2)"]),
    "concatenate": (lambda: tensor.concatenate([x23, x23.T]), ShapeError, ["(2, 3), (3, 2)"]),
    "concatenate none": (lambda: tensor.concatenate([]), ShapeError, ["at least one array"]),
    "where": (lambda: tensor.where(True, x23, np.ones(2)), ShapeError, ["where", "(2,)"]),
    "einsum letters": (lambda: tensor.einsum("ii->i", x23), ArgumentError, ["'ii->i'", "letter"]),
    "einsum arrow": (lambda: tensor.einsum("ij", x23), ArgumentError, ["arrow"]),
    "einsum count": (lambda: tensor.einsum("ij,jk->ik", x23), ArgumentError, ["1 operands"]),
    "einsum lengths": (
        lambda: tensor.einsum("ij,jk->ik", x23, x23),
        ShapeError,
        ["(2, 3), (2, 3)", "one length for every letter"],
    ),
    "item": (lambda: x23.item(), ShapeError, ["item", "(2, 3)", ".mean()"]),
    "mean of nothing": (lambda: Tensor(np.ones((0, 3))).mean(0), ShapeError, ["mean", "(0, 3)"]),
    "max of nothing": (lambda: Tensor([]).max(), ShapeError, ["max", "(0,)", "batch"]),
    "var of nothing": (lambda: Tensor([]).var(), ShapeError, ["(0,)", "at least one"]),
    "whole numbers": (lambda: Tensor([1], True), KindError, ["int64", "floating", "1.0"]),
    "truth values": (lambda: Tensor([True], True), KindError, ["bool", "floating"]),
    "words": (lambda: Tensor(["a"]), KindError, ["dtype <U1", "real numbers"]),
    "complex": (lambda: Tensor([1j]), KindError, ["complex128", "real numbers"]),
    "add words": (lambda: x23 + "a", KindError, ["dtype <U1", "real numbers"]),
    "ragged": (lambda: Tensor([[1], [1, 2]]), ShapeError, ["different lengths", "pad"]),
    "float": (lambda: float(x23), ShapeError, ["item", "(2, 3)", "a single entry"]),
    "asarray": (lambda: np.asarray(x23), KindError, ["np.asarray", ".numpy() or .detach()"]),
    "backward of many": (lambda: (x23 * 2).backward(), GradientError, ["(2, 3)", ".mean()"]),
    "backward of constants": (
        lambda: Tensor(1.0).backward(),
        GradientError,
        ["backward", "nothing", "requires_grad=True"],
    ),
    "gradient's shape": (
        lambda: (x23 * 2).backward(np.ones(3)),
        ShapeError,
        ["gradient of shape (3,)", "(2, 3)", "reshape"],
    ),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_says_what_to_do(use):
    assert_refused(*WRONG_USES[use])


def test_numpy_functions_refuse_tensors_rather_than_lose_gradients():
    for function in (np.exp, np.add.reduce, lambda x: np.maximum(x, 0), lambda x: np.ones(3) < x):
        with pytest.raises(KindError, match=r"np\.\w+: got a tensor of shape \(2, 3\)"):
            function(x23)


def test_a_comparison_with_an_array_is_refused_and_not_false():
    for compare in (lambda: Tensor([1.0]) == np.ones(1), lambda: np.ones(1) == Tensor([1.0])):
        with pytest.raises(KindError, match=r"np\.equal: .* take the array x\.data"):
            compare()


def test_numpys_names_of_the_operators_keep_the_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True)
    (np.multiply(x, 3.0) + np.subtract(np.ones(2), x)).sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_reductions_over_nothing_that_make_sense():
    empty = Tensor(np.ones((0, 3)))
    assert empty.sum().item() == 0
    assert empty.max(axis=1).shape == (0,)
    assert empty.mean(axis=1).shape == (0,)


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: tensor.maximum(x, 0.5),
        lambda x: tensor.einsum("ij,j->i", x, np.ones(2, np.float32)),
        lambda x: x * np.float64(2) / np.sqrt(2),
        lambda x: x.max(axis=0) + x.min(),
        lambda x: tensor.where([True, False], x, 0.0).clip(0, 1) ** 2,
    ],
)
def test_single_precision_survives_on_both_ways(operation):
    seen = []
    x = Tensor(np.ones((2, 2), np.float32), requires_grad=True)
    spy = Tensor._from_op(x.data, (x,), lambda g: (seen.append(g.dtype) or g,))
    out = operation(spy)
    out.sum().backward()
    assert (out.dtype, set(seen)) == (np.float32, {np.dtype(np.float32)})


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, bool])
def test_extremes_of_whole_numbers(dtype):
    a = np.array([0, 5, 0, 1]).astype(dtype)
    assert Tensor(a).min().item() == a.min()
    assert Tensor(a).max().item() == a.max()


def test_what_is_not_taken_gets_no_share_of_an_infinite_slope():
    x, y = Tensor([0.0, 4.0], requires_grad=True), Tensor([1.0, 1.0], requires_grad=True)
    with np.errstate(divide="ignore"):
        tensor.where([True, False], x, y).sqrt().sum().backward()
    assert y.grad.tolist() == [0, 0.5]


def test_rows_are_yielded_and_a_single_number_has_none():
    assert [row.data.tolist() for row in Tensor([[1, 2], [3, 4]])] == [[1, 2], [3, 4]]
    with pytest.raises(TypeError):
        sum(Tensor(3.0))


def test_a_power_of_zero_is_flat_everywhere():
    x = Tensor([np.inf, -2.0, 0.0], requires_grad=True)
    (x**0).sum().backward()
    assert x.grad.tolist() == [0, 0, 0]


def test_numpy_functions_with_options_are_refused():
    room = np.zeros(2)
    with pytest.raises(KindError, match=r"np\.add: got a tensor"):
        np.add(np.ones(2), Tensor([1.0, 2.0]), out=room)


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_unusual_precisions_are_refused(dtype):
    with pytest.raises(KindError, match="wanted float32 or float64"):
        Tensor(np.ones(2, dtype))


@pytest.mark.parametrize(
    "choose", [lambda a: tensor.where([True, False], 0, a), lambda a: tensor.maximum(0.5, a)]
)
def test_a_number_follows_the_dtype_of_an_array_too(choose):
    assert choose(np.ones(2, np.float32)).dtype == np.float32
