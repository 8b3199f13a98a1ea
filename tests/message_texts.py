"""The texts that errors are raised with, read from the source: every literal that a message may hold.

A text with holes, such as f"a file called {name}", is given as its template, "a file called {}".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import cepsim

PACKAGE = Path(cepsim.__file__).parent
PARTS = ("field", "found", "expected", "remedy")
#: Errors raised with a whole sentence.
SENTENCES = ("UsageError", "CepsimError", "StoreError", "CheckFailed", "EngineError", "Unsound")
#: Calls that carry the texts of an error under other names than the errors themselves: parameters in order.
CARRIERS = {"Broken": ("path", "found", "expected", "remedy"), "Words": ("found",)}
#: Parameters that are a part of an error under another name.
ALIASES = {"name": "field"}


def message_texts() -> dict[str, set[str]]:
    """Templates by part of a message: field, found, expected, remedy, and whole sentences."""
    texts: dict[str, set[str]] = {part: set() for part in (*PARTS, "sentence")}
    modules = [_Module(path) for path in sorted(PACKAGE.rglob("*.py"))]
    carriers = dict(CARRIERS)
    everywhere = {name: function for module in modules for name, function in module.functions.items()}
    for module in modules:
        carriers |= module.carriers()
        module.functions = everywhere | module.functions
    for module in modules:
        for part, template in module.texts(carriers):
            is_told = any(letter.isalpha() for letter in template.replace("{}", ""))
            if is_told and (part != "field" or " " in template):
                texts[part].add(template)
    return texts


class _Module:
    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions: dict[str, ast.FunctionDef] = {}
        self.constants: dict[str, ast.expr] = {}
        self.within: dict[ast.AST, ast.FunctionDef] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node
                # inner functions come later in the walk: the innermost one stays
                self.within |= dict.fromkeys(ast.walk(node), node)
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                    self.constants[ast.unparse(target)] = statement.value

    def carriers(self) -> dict[str, tuple[str, ...]]:
        """Functions that are given texts of an error: their parameters."""
        found = {}
        for name, function in self.functions.items():
            parameters = tuple(arg.arg for arg in function.args.args if arg.arg != "self")
            if "expected" in parameters and not name.startswith("__"):
                found[name] = tuple(
                    ALIASES.get(parameter, parameter) if index == 0 else parameter
                    for index, parameter in enumerate(parameters)
                )
        return found

    def texts(self, carriers: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
        for call in (node for node in ast.walk(self.tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func).rpartition(".")[2]
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            if name in carriers:
                given |= dict(zip(carriers[name], call.args, strict=False))
            elif name in SENTENCES and call.args:
                given = {"sentence": call.args[0]}
            elif "expected" not in given:
                continue
            for part in (*PARTS, "sentence"):
                for template in self._templates(given.get(part), self.within.get(call)):
                    yield part, template

    def _templates(self, value: ast.expr | None, scope: ast.FunctionDef | None) -> list[str]:
        """The texts that an expression may be; "{}" for what is only known when it runs."""
        match value:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                choices = [
                    self._templates(part, scope) if isinstance(part, ast.Constant) else ["{}"]
                    for part in parts
                ]
                return ["".join(chosen) for chosen in product(*choices)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                both = product(self._templates(left, scope), self._templates(right, scope))
                return ["".join(chosen) for chosen in both]
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._templates(body, scope), *self._templates(orelse, scope)]
            case ast.BoolOp(values=values):
                return [text for inner in values for text in self._templates(inner, scope)]
            case ast.Dict(values=values):
                return [text for inner in values for text in self._templates(inner, scope)]
            case ast.Name(id=name):
                return self._assigned(name, scope)
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                rank = (
                    index.value if isinstance(index, ast.Constant) and isinstance(index.value, int) else None
                )
                return self._assigned(name, scope, rank)
            case ast.Call(func=ast.Name(id="Words"), args=[inner]):
                return self._templates(inner, scope)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get")):
                return self._assigned(name, scope)
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                return self._returned(self.functions[name], None)
        return ["{}"]

    def _assigned(self, name: str, scope: ast.FunctionDef | None, rank: int | None = None) -> list[str]:
        """What a name may hold: what the function around gives it, else the module."""
        values: list[str] = []
        for node in ast.walk(scope) if scope is not None else ():
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    values += self._bound(target, node.value, name, scope, rank)
            elif isinstance(node, ast.NamedExpr) and node.target.id == name:
                values += self._templates(node.value, scope)
        if not values and name in self.constants:
            values = self._templates(self.constants[name], None)
        return values or ["{}"]

    def _bound(
        self, target: ast.expr, value: ast.expr, name: str, scope: ast.FunctionDef | None, rank: int | None
    ) -> list[str]:
        if isinstance(target, ast.Name) and target.id == name:
            return self._element(value, scope, rank)
        if isinstance(target, ast.Tuple):
            for position, inner in enumerate(target.elts):
                if isinstance(inner, ast.Name) and inner.id == name:
                    return self._element(value, scope, position)
        return []

    def _element(self, value: ast.expr, scope: ast.FunctionDef | None, rank: int | None) -> list[str]:
        if rank is None:
            return self._templates(value, scope)
        if isinstance(value, ast.Tuple):
            return self._templates(value.elts[rank], scope)
        if isinstance(value, ast.Name):
            return self._assigned(value.id, scope, rank)
        if isinstance(value, ast.Call) and ast.unparse(value.func) in self.functions:
            return self._returned(self.functions[ast.unparse(value.func)], rank)
        return []

    def _returned(self, function: ast.FunctionDef, rank: int | None) -> list[str]:
        return [
            text
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and node.value is not None
            for text in self._element(node.value, function, rank)
        ]
