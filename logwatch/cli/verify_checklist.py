"""`logwatch verify lint` and `schema`: checklists, whoever runs them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from logwatch.cli.settings import configured, read_config, read_rules, ruled
from logwatch.evidence.escape import escape
from logwatch.ruleset.lint.finding import Level
from logwatch.verdict.wording import counted
from logwatch.verify.lint import lint as lint_checklist
from logwatch.verify.load import load_checklist, shipped_checklist
from logwatch.verify.schema import checklist_schema

_PROBLEMS = 2


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@configured
@ruled
def lint(file: Path | None, config_file: Path | None, rule_files: tuple[Path, ...]) -> int:
    """Check a checklist (default: the one that start would take).

    Exits with 2 when an item cannot do what it says; warnings alone exit with 0.
    """
    config = read_config(config_file)
    ruleset = read_rules(rule_files, config)
    path = file or config.verify.checklist or shipped_checklist()
    checklist = load_checklist(path, ruleset)
    findings = lint_checklist(checklist, ruleset, path.parent)
    for finding in findings:
        click.echo(escape(str(finding)))
    errors = sum(finding.level is Level.ERROR for finding in findings)
    numbers = ((len(checklist.items), "item"), (errors, "error"), (len(findings) - errors, "warning"))
    click.echo(", ".join(counted(number, noun) for number, noun in numbers), err=bool(findings))
    return _PROBLEMS if errors else 0


@click.command(short_help="Print the JSON Schema of checklist files.")
def schema() -> None:
    """Print the JSON Schema of checklist files: editors complete and check by it."""
    click.echo(json.dumps(checklist_schema(), indent=2, ensure_ascii=False))
