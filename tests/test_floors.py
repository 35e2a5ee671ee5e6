"""A file of nnbook imports only from a lower floor, or from inside its own package."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "nnbook"

# From the ground up. A package stands for all its files; the tower and the roof come last.
FLOORS = [
    {"errors", "folders"},
    {"arrays"},
    {"datasets", "progress"},
    {"environment"},
    {"graph"},
    {"tensor"},
    {"gradcheck", "nn", "optim"},
    {"training"},
    {"estimator"},
    {"plot"},
    {"live"},
    {"notebooks"},
    {"adding", "marks", "sections"},
    {"glossary"},
    {"__main__"},
]
# A picture is drawn from arrays: it knows nothing of how they were learned.
SHUT = {"plot": {"graph", "tensor", "gradcheck", "nn", "optim", "training", "estimator"}}
TOWER = {"exercises": {"errors", "progress", "tensor"}}


def home(path: Path, package: Path = PACKAGE) -> str:
    """Name the file or package directly under nnbook that a file belongs to."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def imported(tree: ast.AST, parts: tuple[str, ...]) -> set[str]:
    """Name the files and packages directly under nnbook that a file imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parts[: len(parts) - node.level] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            names.update(f"{module}.{alias.name}" for alias in node.names)
    split = [name.split(".") for name in names]
    return {name[1] for name in split if name[0] == "nnbook" and len(name) > 1}


def allowed(name: str) -> set[str]:
    """Name what a file or package may import."""
    if name in TOWER:
        return TOWER[name] | {name}
    level = next(i for i, floor in enumerate(FLOORS) if name in floor)
    above = set(TOWER) if name in {"__main__", "adding", "marks", "notebooks"} else set()
    return set().union(*FLOORS[:level], above, {name}) - SHUT.get(name, set())


def violations(package: Path) -> list[str]:
    """List every import that goes up, or sideways into another file of the same floor."""
    found = []
    for path in sorted(package.rglob("*.py")):
        name = home(path, package)
        if path == package / "__init__.py":
            continue
        parts = ("nnbook", *path.relative_to(package).with_suffix("").parts)
        wrong = imported(ast.parse(path.read_text(encoding="utf-8")), parts) - allowed(name)
        found += [f"{path.relative_to(package).as_posix()} imports {other}" for other in wrong]
    return found


def test_every_file_has_a_floor():
    files = {home(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert files <= set().union(*FLOORS, TOWER)


def test_imports_only_go_down():
    assert violations(PACKAGE) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("tensor.py", "from nnbook import nn"),
        ("tensor.py", "import nnbook.optim"),
        ("tensor.py", "from .nn import functional"),
        ("plot/planes.py", "from nnbook.live import controls"),
        ("plot/planes.py", "from nnbook.tensor import Tensor"),
        ("plot/planes.py", "from ..live.controls import slider"),
        ("exercises/checking.py", "from nnbook import plot"),
        ("optim.py", "def f():\n    from nnbook.nn.module import Module"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, path, line):
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(line, encoding="utf-8")
    assert [found.split()[0] for found in violations(tmp_path)] == [path]


def test_an_import_from_a_lower_floor_or_the_own_package_is_fine(tmp_path):
    (tmp_path / "nn").mkdir()
    lines = "from nnbook.tensor import Tensor\nfrom . import module\nfrom nnbook.nn import layers"
    (tmp_path / "nn" / "layers.py").write_text(lines, encoding="utf-8")
    assert violations(tmp_path) == []
