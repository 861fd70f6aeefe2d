"""Who refers to whom in a source tree, read without running it: what is reached from given roots.

A node is a top-level function, class or name of a module. An edge is a reference, called or handed on. A reference to
a whole module is one to its HANDLERS: that is how `routes.py` names the pages of a slice. What a local variable hides is
taken for the name of the module, so a function is reached rather too easily than not.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

BODY = "<body>"  # what runs when a module is imported, besides binding names
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Module:
    """A file: its names, what its imports mean, and the syntax of each node."""

    name: str
    aliases: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, list[ast.AST]] = field(default_factory=dict)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """The top-level functions."""
        for parts in self.nodes.values():
            yield from (part for part in parts if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))


def _imports(nodes: Iterable[ast.AST], package: str) -> dict[str, str]:
    """Local name → dotted name of what it means."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {
                (item.asname or item.name.split(".")[0]): item.name if item.asname else item.name.split(".")[0]
                for item in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            parent = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parent, *([node.module] if node.module else [])])
            found |= {(item.asname or item.name): f"{base}.{item.name}" for item in node.names}
    return found


def _bound(statement: ast.stmt) -> list[str]:
    """Names that a top-level statement binds; none for what only runs."""
    if isinstance(statement, Defined):
        return [statement.name]
    targets = (
        statement.targets
        if isinstance(statement, ast.Assign)
        else [statement.target]
        if isinstance(statement, ast.AnnAssign)
        else []
    )
    return [target.id for target in targets if isinstance(target, ast.Name)]


def read_module(text: str, name: str, *, package: bool) -> Module:
    """The nodes of a file."""
    tree = ast.parse(text)
    home = name if package else name.rpartition(".")[0]
    made = Module(name, _imports(tree.body, home))
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        for bound in _bound(statement) or [BODY]:
            made.nodes.setdefault(bound, []).append(statement)
    return made


def read_tree(folder: Path, *, without: Iterable[str] = ()) -> dict[str, Module]:
    """All modules of a package by their dotted name; folders in `without` are left out."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if parts[0] in without:
            continue
        package = parts[-1] == "__init__"
        name = ".".join([folder.name, *(parts[:-1] if package else parts)])
        found[name] = read_module(path.read_text(encoding="utf-8"), name, package=package)
    return found


def _dotted(node: ast.AST) -> list[str]:
    """The parts of a.b.c; nothing for other expressions."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return [*before, node.attr] if before else []
    return []


class Graph:
    """The references between the nodes of a tree."""

    def __init__(self, modules: dict[str, Module]) -> None:
        self.modules = modules

    def _resolve(self, dotted: str, depth: int = 0) -> str | None:
        """The node that a dotted name means, through what packages import for others; a module means its HANDLERS."""
        if dotted in self.modules:
            return f"{dotted}:HANDLERS" if "HANDLERS" in self.modules[dotted].nodes else None
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = self.modules.get(".".join(parts[:cut]))
            if module is None:
                continue
            if parts[cut] in module.nodes:
                return f"{module.name}:{parts[cut]}"
            if parts[cut] in module.aliases and depth < 9:
                return self._resolve(".".join([module.aliases[parts[cut]], *parts[cut + 1 :]]), depth + 1)
            return None
        return None

    def references(self, node: str) -> set[str]:
        """The nodes to which a node refers."""
        name, _, bound = node.partition(":")
        module = self.modules[name]
        found: set[str] = set()
        for part in module.nodes.get(bound, []):
            inner = list(ast.walk(part))
            known = {
                **{own: f"{name}.{own}" for own in module.nodes},
                **module.aliases,
                **_imports(inner, name.rpartition(".")[0]),
            }
            for item in inner:
                parts = _dotted(item) if isinstance(item, ast.Name | ast.Attribute) else []
                if parts and parts[0] in known:
                    target = self._resolve(".".join([known[parts[0]], *parts[1:]]))
                    found |= {target} if target else set()
        return found

    def reached(self, roots: Iterable[str]) -> set[str]:
        """The roots and every node behind them."""
        seen: set[str] = set()
        waiting = list(roots)
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting.extend(self.references(node) - seen)
        return seen
