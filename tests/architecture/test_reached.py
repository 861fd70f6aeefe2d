"""Every verb is reached by a page, a call of the API, a command or a job. The demo and the tests do not count."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

import fairs
from tests.architecture.call_graph import Graph, Module, read_tree

WRITERS = frozenset({"record", "record_all", "record_for"})
ROOTS = frozenset(
    {"fairs.routes", "fairs.wiring", "fairs.personal_data", "fairs.app", "fairs.asgi", "fairs.lifespan", "fairs.cli"}
)


def _is_root(module: str) -> bool:
    """Whether all of a module is a way in: the routes, the tables of the wiring, the commands."""
    return module in ROOTS or module.startswith("fairs.commands.") or module.endswith(".cli")


def _records(node: ast.AST) -> bool:
    return any(
        isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id in WRITERS
        for item in ast.walk(node)
    )


def verbs(modules: Iterable[Module]) -> set[str]:
    """The public functions of each `services.py`, and of each module whose functions write to the audit log."""
    return {
        f"{module.name}:{function.name}"
        for module in modules
        if module.name.endswith(".services") or any(map(_records, module.functions()))
        for function in module.functions()
        if not function.name.startswith("_")
    }


def unreached(tree: dict[str, Module]) -> set[str]:
    """Verbs to which no way leads."""
    roots = {f"{name}:{node}" for name, module in tree.items() if _is_root(name) for node in module.nodes}
    return verbs(tree.values()) - Graph(tree).reached(roots)


def test_every_verb_is_reached() -> None:
    tree = read_tree(Path(fairs.__file__).parent, without=("demo",))
    assert len(verbs(tree.values())) > 150
    assert unreached(tree) == set()


FILES = {
    "fairs/routes.py": "from fairs.fruit import controllers as fruit\nSLICES = [fruit]\n",
    "fairs/wiring.py": "from fairs.fruit import services as s\nJOBS = [s.ripen]\n",
    "fairs/fruit/__init__.py": "from fairs.fruit.picking import pick\n",
    "fairs/fruit/picking.py": "from fairs.audit.services import record\nasync def pick():\n    await record('a.b')\nasync def drop():\n    pass\n",
    "fairs/fruit/controllers.py": (
        "from fairs import fruit\nfrom fairs.fruit import services\n"
        "@post('/')\nasync def page():\n    await fruit.pick()\n    await services.peel()\n"
        "async def forgotten_page():\n    await services.waste()\n"
        "HANDLERS = [page]\n"
    ),
    "fairs/fruit/services.py": (
        "async def peel():\n    from fairs.fruit import helpers as services\n    await services.wash()\n    _slice()\n"
        "def _slice():\n    cut()\n"
        "def cut(): pass\nasync def ripen(): pass\nasync def waste(): pass\nasync def press(): pass\n"
    ),
    "fairs/fruit/helpers.py": "async def wash(): pass\n",
    "fairs/demo/builder.py": "from fairs.fruit import services\nasync def build():\n    await services.press()\n",
}


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "fairs"


def test_the_search_finds_what_only_the_demo_or_a_page_without_route_calls(fake: Path) -> None:
    tree = read_tree(fake, without=("demo",))
    assert verbs(tree.values()) == {
        "fairs.fruit.picking:pick",
        "fairs.fruit.picking:drop",
        *(f"fairs.fruit.services:{name}" for name in ("peel", "cut", "ripen", "waste", "press")),
    }
    assert unreached(tree) == {"fairs.fruit.services:waste", "fairs.fruit.services:press", "fairs.fruit.picking:drop"}
