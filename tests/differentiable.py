"""Which operations of nnbook are differentiable: found in the sources, so that none is missed."""

import ast
import inspect
import pkgutil
from importlib import import_module
from types import ModuleType

from nnbook import tensor
from nnbook.nn import functional

# They return tensors, but compute nothing.
NO_OPERATIONS = {"Tensor.detach", "Tensor.T", "Tensor.__iter__", "as_tensor"}
REFLECTED = ("add", "sub", "mul", "truediv", "pow", "matmul")
MODULES = [
    import_module(f"{functional.__name__}.{module.name}")
    for module in pkgutil.iter_modules(functional.__path__)
]


def differentiable_operations() -> set[str]:
    """Find every public operation: a method or function that is annotated to return tensors.

    Operations built from others count too, so that a mean or a loss cannot be forgotten.
    """
    names = {f"Tensor.{name}" for name in _returning_tensors(tensor.Tensor, tensor)}
    names |= _returning_tensors(tensor, tensor)
    for module in MODULES:
        names |= {f"functional.{name}" for name in _returning_tensors(module, module)}
    reflected = {f"Tensor.__r{name}__" for name in REFLECTED}
    return names - reflected - NO_OPERATIONS


def operations_calling_from_op() -> set[str]:
    """Name the public functions whose source calls `_from_op`, whatever they are annotated with."""
    called = set().union(*(_calling_from_op(module) for module in (tensor, *MODULES)))
    public = {name for name in called if not name.startswith("_") or name.endswith("__")}
    return public - NO_OPERATIONS


def _calling_from_op(module: ModuleType) -> set[str]:
    functions = [n for n in ast.walk(ast.parse(inspect.getsource(module))) if _is_function(n)]
    return {function.name for function in functions if "_from_op(" in ast.unparse(function)}


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name != "_from_op"


def _returning_tensors(place: object, home: ModuleType) -> set[str]:
    functions = {n: f for n, f in vars(place).items() if inspect.isfunction(f)}
    return {
        name
        for name, function in functions.items()
        if "Tensor" in str(function.__annotations__.get("return"))
        and (not name.startswith("_") or name.endswith("__"))
        and function.__module__ == home.__name__
    }
