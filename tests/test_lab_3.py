"""Lab 3 without PyTorch: what its cells do then cannot be seen in the stored outputs."""

import json
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

LAB = Path(__file__).parents[1] / "chapters" / "lab_3_regularisation.ipynb"


class WithoutTorch:
    """Finds nothing that belongs to PyTorch, as if it were not installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}")
        return None


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [WithoutTorch(), *sys.meta_path])
    for name in [name for name in sys.modules if name.partition(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("no_torch")
def test_without_pytorch_the_lab_says_so_once_and_how_to_get_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(_cell("torch-import"), {})
    said = capsys.readouterr().out
    assert said.count("PyTorch is not installed") == 1
    assert "python -m pip install torch" in said


def test_no_cell_uses_torch_outside_a_branch_that_needs_it() -> None:
    users = [cell for cell in _cells() if "torch." in cell["source"]]
    assert len(users) >= 3
    for cell in users[1:]:
        before, _, after = cell["source"].partition("if torch is not None:\n")
        assert "torch." not in before, cell["id"]
        assert all(line.startswith("    ") for line in after.splitlines() if "torch." in line)


def _cell(name: str) -> str:
    (source,) = (cell["source"] for cell in _cells() if cell["id"] == name)
    return str(source)


def _cells() -> list[dict[str, str]]:
    cells = json.loads(LAB.read_text(encoding="utf-8"))["cells"]
    return [
        {"id": cell["id"], "source": "".join(cell["source"])}
        for cell in cells
        if cell["cell_type"] == "code"
    ]
