"""What the tests of several files share, and what has to be installed where it is required."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import jupyter_page
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent


# How long an example takes says more about the machine than about the code.
settings.register_profile("book", deadline=None)
settings.load_profile("book")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to skip the tests that need PyTorch or nbgrader where they are required."""
    for package in ("torch", "nbgrader"):
        required = os.environ.get(f"NNBOOK_REQUIRE_{package.upper()}")
        if required and not importlib.util.find_spec(package):
            raise pytest.UsageError(f"{package} is not installed: pip install -e '.[{package}]'")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the whole book."""
    return ROOT


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Start a browser; without one, skip in words, or fail where one is required."""
    if jupyter_page.find_browser() is None:
        give_up = pytest.fail if os.environ.get("NNBOOK_REQUIRE_BROWSER") else pytest.skip
        give_up(jupyter_page.INSTALL_BROWSER)
    with jupyter_page.open_browser() as started:
        yield started
