"""Where nnbook keeps files of its own.

Everything lies in the folder that the environment variable ``NNBOOK_HOME`` names; without it, in
the platform's own folders for programs.
"""

import os
from pathlib import Path


def data() -> Path:
    """Return the folder for what must not be lost: the reader's progress."""
    return _home() or _platform_data()


def cache() -> Path:
    """Return the folder for what can be fetched again: data sets."""
    return _home() or _platform_cache()


def _home() -> Path | None:
    home = os.environ.get("NNBOOK_HOME")
    return Path(home) if home else None


def _platform_data() -> Path:
    from platformdirs import user_data_path

    return user_data_path("nnbook", appauthor=False)


def _platform_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("nnbook", appauthor=False)
