"""The demo is built through the verbs of the pages: it writes to no table, by itself or by the parts that verbs are made of."""

import ast
import importlib
import re
from pathlib import Path

from piccolo.table import Table

import fairs
from tests.architecture.call_graph import Graph, read_tree
from tests.architecture.test_reached import unreached, verbs

FOLDER = Path(fairs.__file__).parent / "demo"
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|ALTER|COPY|MERGE)\b", re.IGNORECASE)
STATEMENTS = {
    "DELETE FROM pgqueuer WHERE entrypoint LIKE 'matching.encode%'": "texts are encoded all at once: the queued ones are done",
}
"""Statements of the demo that write → why no verb does it."""
PARTS = {
    "fairs.accounts.services:grant": "invite, and accept",
    "fairs.accounts.services:create_account": "sign up, join by an invitation, or use a mailed link",
    "fairs.organisations.services:create_organisation": "an employer registers with its first account",
    "fairs.organisations.services:add_member": "invite a colleague",
    "fairs.accounts.tokens:issue_token": "an integration's token is a verb of its own; a scanner is added with a link",
}
"""What verbs are made of → what the demo does instead."""
ALLOWED = {("fairs.demo.accounts", "fairs.accounts.tokens:issue_token")}  # the integration's token


def _texts(tree: ast.AST) -> list[str]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_it_has_no_tables() -> None:
    found = []
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("tables"):
                module = importlib.import_module(node.module or "")
                objects = [(item.name, getattr(module, item.name, None)) for item in node.names]
                found += [
                    (path.name, name) for name, what in objects if isinstance(what, type) and issubclass(what, Table)
                ]
            elif isinstance(node, ast.Import):
                found += [(path.name, item.name) for item in node.names if item.name.endswith(".tables")]
            if isinstance(node, ast.ImportFrom):
                found += [(path.name, item.name) for item in node.names if item.name == "tables"]
    assert found == []


def test_it_runs_no_statement_that_writes_but_the_named() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.rglob("*.py")]
    assert {text for tree in trees for text in _texts(tree) if WRITES.match(text)} == set(STATEMENTS)


def test_it_calls_verbs_to_which_a_way_leads_and_no_part_of_one() -> None:
    tree = read_tree(FOLDER.parent)
    graph = Graph(tree)
    called = {
        (name, reference)
        for name, module in tree.items()
        if name.startswith("fairs.demo.")
        for node in module.nodes
        for reference in graph.references(f"{name}:{node}")
    }
    product = {name: module for name, module in tree.items() if not name.startswith("fairs.demo")}
    used = {reference for _, reference in called} & verbs(product.values())
    assert len(used) > 30
    assert used & unreached(product) == set()
    assert {(name, reference) for name, reference in called if reference in PARTS} == ALLOWED
