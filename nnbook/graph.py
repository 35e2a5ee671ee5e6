"""The graph behind a tensor: how a result remembers its parents, and the way back through them.

An operation is a *value* and a *vjp* (vector-Jacobian product). The vjp turns g, the gradient of
the loss with respect to the value, into one gradient for each parent. For a product::

    a, b = self.data, other.data            # the arrays of now, even if data is assigned later
    value = a * b
    lambda g: (g * b, g * a)                # dL/da = g b, and dL/db = g a

`Node._from_op` keeps the two together. `Node.backward` walks from the loss to the leaves; it adds
gradients up and undoes broadcasting, so that no vjp has to. Two rules hold for every vjp: it reads
arrays that were taken before it, never ``self.data``; and it never writes into g, which may be
shared with another parent or be a read-only view.

Source: Baydin et al. (2018), Automatic differentiation in machine learning: a survey, section 3.2.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array, numbers, unbroadcast
from nnbook.errors import GradientError, ShapeError

Vjp: TypeAlias = Callable[[Array], Sequence[Array | None]]


class Node:
    """An array, its gradient, and how it was computed.

    Only leaves keep a gradient: what no operation made, or one on constants alone. It adds up until
    it is cleared, as in PyTorch. A graph needs the arrays it has read until its `backward`:

    - to give `data` a *new* array of the same shape is always safe, and is what optimizers do;
    - a change *inside* a leaf's array is an error in `backward`, which compares bytes;
    - the arrays that operations made for a graph are read-only.
    """

    __slots__ = (
        "__weakref__",
        "_latest_seal",
        "_leaf_seals",
        "_parents",
        "_vjp",
        "data",
        "grad",
        "requires_grad",
    )

    def __init__(self, data: Array, requires_grad: bool = False) -> None:
        self.data = data
        self.grad: Array | None = None
        self.requires_grad = requires_grad
        self._parents: tuple[Node, ...] = ()
        self._vjp: Vjp | None = None  # None marks a leaf
        self._latest_seal: Seal | None = None
        self._leaf_seals: list[tuple[Node, Seal]] = []

    @classmethod
    def _from_op(cls, value: ArrayLike, parents: tuple["Node", ...], vjp: Vjp) -> Self:
        """Keep a value together with the way back to its parents, if any wants a gradient."""
        out = cls.__new__(cls)  # not cls(…), which would copy and check
        Node.__init__(out, np.asarray(value), any(node.requires_grad for node in parents))
        if out.requires_grad:
            out.data.flags.writeable = False
            out._parents, out._vjp = parents, vjp
            leaves = [parent for parent in parents if parent._vjp is None]
            out._leaf_seals = [(leaf, leaf._seal_now()) for leaf in leaves]
        return out

    def backward(self, gradient: ArrayLike | None = None) -> None:
        """Add the gradient of this tensor to the `grad` of every leaf it was computed from.

        Parameters
        ----------
        gradient : array_like, optional
            Gradient of the loss with respect to this tensor, of its shape; 1 for a single number.

        Raises
        ------
        GradientError
            If nothing requires a gradient, if the graph was used before, if an array it needs was
            changed in place, or if `gradient` is missing for more than one number.
        ShapeError
            If `gradient` has another shape than the tensor.
        KindError
            If `gradient` is not an array of numbers.
        """
        pending = {self: self._first_gradient(gradient)}
        order = topological_order(self)
        _refuse_unusable(order)
        while order:
            # From the end, so children before parents; and forgotten, so that the next gradients
            # find free memory.
            node = order.pop()
            total = pending.pop(node, None)  # complete, since every child has been visited
            if total is None:  # the vjp of every child answered None for it
                continue
            if node._vjp is None:
                node._accumulate(total)
                continue
            for parent, share in zip(node._parents, node._vjp(total), strict=True):
                if share is None or not parent.requires_grad:
                    continue
                share = unbroadcast(share, parent.data.shape)
                if parent in pending:  # not +=, which would write into an array that others hold
                    share = pending[parent] + share
                pending[parent] = share
            node._parents, node._vjp, node._leaf_seals = (), _used_up, []

    def _first_gradient(self, gradient: ArrayLike | None) -> Array:
        if not self.requires_grad:
            raise GradientError(
                "backward",
                got="a tensor that depends on nothing with requires_grad=True",
                wanted="the result of a computation with such tensors",
                remedy="make the weights with requires_grad=True",
            )
        if gradient is None and self.data.size != 1:
            raise GradientError(
                "backward",
                got=f"a tensor of shape {self.data.shape} and no gradient",
                wanted="a single number, such as a loss",
                remedy="reduce it with .mean() or .sum(), or pass gradient=",
            )
        first = np.ones_like(self.data) if gradient is None else numbers("backward", gradient)
        if first.shape != self.data.shape:
            raise ShapeError(
                "backward",
                got=f"a gradient of shape {first.shape}",
                wanted=f"the shape of the tensor, {self.data.shape}",
                remedy="reshape the gradient",
            )
        return first

    def _accumulate(self, gradient: Array) -> None:
        if self.grad is None:  # a copy, because `a + b` hands the very same array to a and to b
            self.grad = np.array(gradient, self.data.dtype)
        else:
            self.grad = np.asarray(self.grad + gradient, self.data.dtype)

    def _seal_now(self) -> "Seal":
        """Pair a leaf's array with a copy of its bytes, so that a change in place can be seen.

        NumPy's arrays count no versions, so `backward` compares; bytes, because nan differs from
        itself. All uses of unchanged data share the latest seal. Each result keeps the seals of its
        own leaves, since data may change between one use and the next.
        """
        now, latest = self.data.tobytes(), self._latest_seal
        if latest is None or latest[0] is not self.data or latest[1] != now:
            latest = self._latest_seal = (self.data, now)
        return latest


Seal: TypeAlias = tuple[Array, bytes]


def topological_order(root: Node) -> list[Node]:
    """List what `root` was computed from, parents before children, `root` last.

    Only nodes that require a gradient are listed. A stack of our own takes the place of recursion,
    so that a chain may be a hundred thousand operations long.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack = [(root, False)]
    while stack:
        node, parents_are_listed = stack.pop()
        if parents_are_listed:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._parents if parent.requires_grad)
    return order


def _refuse_unusable(order: Iterable[Node]) -> None:
    """Raise before any gradient is added, so that a refused `backward` changes nothing."""
    seals = {}
    for node in order:
        if node._vjp is None:
            _refuse_whole_numbers(node)
        elif node._vjp is _used_up:
            raise _used_up_error()
        for leaf, seal in node._leaf_seals:
            seals[id(seal)] = seal
            if leaf.data is not seal[0]:
                _refuse_other_shape(leaf, seal[0])
    for array, before in seals.values():
        if array.tobytes() != before:
            raise GradientError(
                "backward",
                got=f"data of shape {array.shape} that were changed in place since they were used",
                wanted="the numbers that the result was computed from",
                remedy="change data after backward(), or assign a new array: t.data = t.data + 1",
            )


def _refuse_whole_numbers(leaf: Node) -> None:
    # Tensor refuses them too, but data and requires_grad may have been assigned since.
    if leaf.data.dtype.kind != "f":
        raise GradientError(
            "backward",
            got=f"a leaf of dtype {leaf.data.dtype} with requires_grad=True",
            wanted="a floating dtype",
            remedy="make it with Tensor(data.astype(float), requires_grad=True)",
        )


def _refuse_other_shape(leaf: Node, used: Array) -> None:
    if leaf.requires_grad and leaf.data.shape != used.shape:
        raise GradientError(
            "backward",
            got=f"a leaf {leaf.data.shape} that was {used.shape} when it was used",
            wanted="new data of the same shape",
            remedy="compute the result again with the new data",
        )


def _used_up(_: Array) -> NoReturn:
    """Stand in for a vjp that has been called; None would make the node look like a leaf."""
    raise _used_up_error()


def _used_up_error() -> GradientError:
    return GradientError(
        "backward",
        got="a graph that an earlier backward() has used up",
        wanted="a graph of its own for each backward()",
        remedy="compute the result again first, or add the losses and call backward() once",
    )
