"""What `fakegemini check --explain` prints of the rules."""

from __future__ import annotations

from ..wording import count_of, did_you_mean
from . import checker as _  # noqa: F401  (its imports fill the table of rules)
from .findings import Kind
from .rules.registry import GRADES, OF_THE_SCHEMA, RULES, Evidence, Rule
from .support.answer_kinds import DIMENSIONS
from .support.rule_support import support_of

ALL_RULES = "all"
"""The word that asks for every rule."""


def sorted_rules() -> list[Rule]:
    """Return every rule, sorted by name."""
    return [RULES[name] for name in sorted(RULES)]


def explain_rule(name: str) -> str:
    """Say what a rule says, its kind, its evidence with dates, and an example of a finding.

    `all` lists every rule with its sentence. Raises `LookupError` for an unknown rule, with the
    nearest name.
    """
    rules = {row.name: row for row in sorted_rules()}
    if name == ALL_RULES:
        width = max(map(len, rules))
        return "\n".join(f"{row.name:<{width}}  {row.sentence}" for row in rules.values())
    if name not in rules:
        hint = did_you_mean(name, rules, f"; `--explain {ALL_RULES}` lists them")
        raise LookupError(f"there is no rule called {name!r}{hint}")
    row = rules[name]
    lines = [f"{name}: {row.sentence}", "", f"Kind: {row.kind_in_words}"]
    lines += [f"Evidence: {_spell(evidence)}" for evidence in row.evidence]
    lines += spell_support(row)
    if row.recordings_only:
        lines.append("Checked: in recordings only, not by the guard of the fixture")
    return "\n".join([*lines, f"Example: {row.example}"])


def spell_support(row: Rule) -> list[str]:
    """Say how many genuine exchanges support a rule, of which kinds, and where it is only drift."""
    support = support_of(row)
    exchanges = count_of(support.exchanges, "genuine exchange")
    against = count_of(support.contradictions, "contradiction")
    lines = [f"Support: {exchanges} ({row.bears_on}), {against}"]
    for dimension in DIMENSIONS:
        kinds = support.spell_kinds(dimension)
        if kinds:
            lines.append(f"  {dimension}: {kinds}")
    if row.recorded_elsewhere:
        lines.append(f"  recorded by others: {', '.join(sorted(row.recorded_elsewhere))}")
    if row.scope and row.kind is Kind.VIOLATION:
        lines.append(f"Drift outside of that: for another {', '.join(row.scope)}")
    return lines


def _spell(evidence: Evidence) -> str:
    """Write an evidence with its grade in words."""
    if evidence is OF_THE_SCHEMA:
        return "of the schema that is broken, as its finding says; see schemas/README.md"
    return f"{evidence} ({GRADES[evidence.grade]})"
