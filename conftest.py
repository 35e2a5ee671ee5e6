"""For every test, also of the notebooks: the reader's progress is never touched."""

import os
import tempfile
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests, their workers and their kernels a progress folder of their own."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        config.add_cleanup(folder.cleanup)
        os.environ["NNBOOK_HOME"] = str(Path(folder.name))
