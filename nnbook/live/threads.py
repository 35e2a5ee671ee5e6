"""One thread for the products of small arrays."""

import functools
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


def one_thread() -> Any:
    """Return a context in which BLAS uses one thread.

    The products of a live figure and of the networks in this book are so small that further
    threads mostly wait for one another, and waiting they spin: where anything else runs, a
    training took three to ten times the work of one thread.
    """
    return _pools().limit(limits=1, user_api="blas")


@functools.cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()
