"""Importing nnbook is cheap, and says what is missing."""

import subprocess
import sys

import pytest

import nnbook

HEAVY = {"matplotlib", "ipywidgets", "anywidget", "sklearn", "tqdm", "scipy", "IPython"}
HEAVY |= {"pooch", "requests", "torch"}


def run(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def loaded_after(code: str) -> set[str]:
    result = run(f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})")
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import nnbook",
        "from nnbook import Tensor, check_gradient, datasets, fit, nn, optim",
        "from nnbook.nn import functional as F",
    ],
)
def test_no_heavy_package_is_loaded(code):
    assert not loaded_after(code) & HEAVY


def test_the_test_sees_a_heavy_package():
    code = "from nnbook import datasets; datasets.iris()"
    assert "sklearn" in loaded_after(code) & HEAVY


def test_the_house_import_lines_work():
    code = (
        "from nnbook import Tensor, check, check_gradient, datasets, fit, hint, live, nn, optim\n"
        "from nnbook import plot, solution\nfrom nnbook.nn import functional as F"
    )
    result = run(code)
    assert result.returncode == 0, result.stderr


def test_public_names_are_listed_and_unknown_ones_refused():
    assert set(nnbook.__all__) <= set(dir(nnbook))
    with pytest.raises(AttributeError, match="no attribute 'tensr'"):
        nnbook.tensr  # noqa: B018


def test_missing_numpy_is_one_sentence():
    result = run("import sys; sys.modules['numpy'] = None; import nnbook")
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: nnbook needs the package 'numpy', which is not installed")
    assert "make book" in last


def test_missing_plotting_library_is_named_when_it_is_needed():
    result = run("import sys; sys.modules['matplotlib'] = None; from nnbook import plot")
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: nnbook.plot needs the package 'matplotlib")
    assert "python -m pip install -r requirements.txt" in last


def test_old_python_is_refused_with_what_to_install():
    with pytest.raises(
        ImportError, match=r"Python 3\.11 or newer and this is Python 3\.9: install"
    ):
        nnbook._refuse_unfit((3, 9), True)
    nnbook._refuse_unfit((3, 11), True)
