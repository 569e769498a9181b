"""`logwatch rules`: what is checked, and whether it can be."""

from __future__ import annotations

import json
from pathlib import Path

import click

from logwatch.cli.settings import configured, read_config, read_rules, ruled
from logwatch.errors import UsageError, did_you_mean
from logwatch.evidence.escape import escape
from logwatch.ruleset.load import load_rules
from logwatch.verdict.wording import counted

_PROBLEMS = 2


@click.group()
def rules() -> None:
    """List, show and lint rules; print the schema of rule files."""


@rules.command("list", short_help="List the rules that check would judge by.")
@configured
@ruled
def list_rules(config_file: Path | None, rule_files: tuple[Path, ...]) -> None:
    """List the rules that check would judge by: id, kind, severity, title."""
    ruleset = read_rules(rule_files, read_config(config_file))
    width = max(len(rule.id) for rule in ruleset.rules)
    for rule in ruleset.rules:
        click.echo(f"{rule.id:<{width}}  {rule.kind:<8}  {rule.severity:<8}  {escape(rule.title)}")


@rules.command()
@click.argument("rule_id", metavar="ID")
@configured
@ruled
def show(rule_id: str, config_file: Path | None, rule_files: tuple[Path, ...]) -> None:
    """Show one rule as it stands in its file, and where that is."""
    from logwatch.ruleset.source_text import source_text  # noqa: PLC0415

    ruleset = read_rules(rule_files, read_config(config_file))
    if rule_id not in ruleset.ids:
        hint = did_you_mean(rule_id, ruleset.ids) or "; see: logwatch rules list"
        raise UsageError(f"there is no rule '{rule_id}'{hint}")
    rule = ruleset[rule_id]
    click.echo(f"# {rule.location}")
    click.echo(source_text(rule))


@rules.command(short_help="Check rule files and run their samples.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@configured
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object a finding.")
def lint(paths: tuple[Path, ...], config_file: Path | None, as_json: bool) -> int:
    """Check rule files (default: those that check would judge by) and run their samples.

    Exits with 2 when a rule cannot do what it says; warnings alone exit with 0.
    """
    from logwatch.ruleset.lint.finding import Level  # noqa: PLC0415
    from logwatch.ruleset.lint.run import lint as lint_rules  # noqa: PLC0415

    ruleset = load_rules(paths) if paths else read_rules((), read_config(config_file))
    findings = lint_rules(ruleset)
    errors = sum(finding.level is Level.ERROR for finding in findings)
    if as_json:
        told = [
            {
                "file": finding.location.file,
                "line": finding.location.line,
                "rule": finding.rule,
                "level": finding.level.value,
                "check": finding.check,
                "message": finding.message,
                "remedy": finding.remedy,
            }
            for finding in findings
        ]
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(escape(str(finding)))
        numbers = ((len(ruleset.rules), "rule"), (errors, "error"), (len(findings) - errors, "warning"))
        click.echo(", ".join(counted(n, noun) for n, noun in numbers), err=bool(findings))
    return _PROBLEMS if errors else 0


@rules.command()
@click.option(
    "--of",
    "subject",
    type=click.Choice(["rules", "config", "report"]),
    default="rules",
    show_default=True,
    help="Of rule files, of logwatch.yml, or of check's JSON output.",
)
def schema(subject: str) -> None:
    """Print a JSON Schema: editors complete and check by it."""
    if subject == "rules":
        from logwatch.ruleset.schema import json_schema  # noqa: PLC0415

        found = json_schema()
    elif subject == "config":
        from logwatch.config import config_schema  # noqa: PLC0415

        found = config_schema()
    else:
        from logwatch.reports.json_schema import report_schema  # noqa: PLC0415

        found = report_schema()
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))
