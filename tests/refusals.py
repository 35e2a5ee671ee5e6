"""What every wrong use has to be met with."""

from collections.abc import Callable, Sequence

import pytest


def assert_refused(call: Callable[[], object], kind: type[Exception], parts: Sequence[str]) -> None:
    """Demand an error of exactly this type, and in its message all of the parts."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert [part for part in parts if part not in str(caught.value)] == []
