"""What faults and the demo come in by, a normal run has no way to."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import logwatch.pipeline
from logwatch.pipeline.errors import EnvelopeRefusedError

from .conftest import House
from .workers import ROOT


def _imports(path: Path) -> Iterable[tuple[str, bool]]:
    """Yield what a module imports, by the last part of its name, and whether inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        node
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
    }
    hints = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if node in hints:
            continue
        if isinstance(node, ast.ImportFrom):
            for name in (node.module or "", *(alias.name for alias in node.names)):
                yield name.rpartition(".")[2], node in inside
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.rpartition(".")[2], node in inside


def _importers(module: str) -> dict[str, bool]:
    """Return the modules of pipeline and command line that import `module`, and whether only inside functions."""
    root = Path(logwatch.pipeline.__file__).parent
    files = [*root.rglob("*.py"), *(root.parent / "cli").glob("*.py")]
    found: dict[str, bool] = {}
    for path in files:
        for name, inside in _imports(path):
            if name == module:
                key = str(path.relative_to(root.parent))
                found[key] = found.get(key, True) and inside
    return found


def test_the_side_door_of_the_queues_is_opened_by_faults_alone_and_only_when_one_is_asked_for() -> None:
    assert _importers("side_door") == {"pipeline/faults.py": True}


def test_faults_and_demo_are_imported_by_nothing_that_a_normal_run_executes() -> None:
    assert _importers("faults") == {
        "pipeline/house.py": True,
        "cli/pipeline.py": True,
        "pipeline/demo/incident.py": False,
    }
    assert _importers("demo") == {"cli/demo.py": True}


@pytest.mark.slow
def test_a_normal_run_imports_neither_faults_nor_side_door(tmp_path: Path) -> None:
    code = (
        "import io, sys\n"
        "from logwatch.pipeline import orders\n"
        "from logwatch.pipeline.engine.worker import WorkerSettings\n"
        "from logwatch.pipeline.house import build_worker, open_door\n"
        "from logwatch.pipeline.settings import Settings\n"
        f"settings = Settings('sqlite:///{tmp_path}/pipeline.db', '{tmp_path}/images')\n"
        "with open_door(settings, stream=io.StringIO()) as door:\n"
        "    build_worker(door, settings, WorkerSettings())\n"
        "loaded = [name for name in sys.modules if name.startswith('logwatch.pipeline.')]\n"
        "doors = [name for name in loaded if 'fault' in name or 'side_door' in name or '.demo' in name]\n"
        "assert len(loaded) > 30, loaded\n"
        "sys.exit(f'imported: {doors}' if doors else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_door_refuses_what_the_faults_push_through_the_side_door(sqlite_house: House) -> None:
    house = sqlite_house
    body = {"purchaseOrderId": "po_1", "merchantId": "m1", "workflowId": "wf_1"}
    with house.door.transaction() as transaction, pytest.raises(EnvelopeRefusedError):
        house.door.add_job(transaction, body)
    assert house.waiting() == []
    assert "Refused to queue a job: Unknown workflow stage: undefined" in house.log
