"""streamlens rules list|show|check."""

import difflib
from typing import Annotated

import typer

from streamlens.cli.options import Lang, Rules
from streamlens.errors import InputError

rules_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="The rules that claims are found by.")


@rules_app.command("list")
def rules_list(rules: Rules = None) -> None:
    """List the rules: id, severity, how many patterns and cases, and the articles behind it.

    **Example:** `streamlens rules list`
    """
    import streamlens
    from streamlens import terminal

    terminal.rule_table(streamlens.load_rules(rules), streamlens.load_law())


@rules_app.command("show")
def rules_show(
    rule: Annotated[str, typer.Argument(help="The id of a rule, such as health.disease.")],
    rules: Rules = None,
    lang: Lang = "zh",
) -> None:
    """Show one rule: what is wrong with saying it, the law, what to say instead, its patterns and cases.

    **Example:** `streamlens rules show health.disease`
    """
    import streamlens
    from streamlens import terminal

    book = streamlens.load_rules(rules)
    found = next((each for each in book.rules if each.id == rule), None)
    if found is None:
        near = difflib.get_close_matches(rule, [each.id for each in book.rules], n=3, cutoff=0.4)
        do = f"did you mean {', '.join(near)}?" if near else "see: streamlens rules list"
        raise InputError(rule, "no such rule", do)
    terminal.rule_page(found, streamlens.load_law(), lang)


@rules_app.command("check")
def rules_check(rules: Rules = None) -> None:
    """Run the cases that stand beside the rules: each sentence must flag what it says it flags, and nothing else.

    Without --rules, so must the cases beside the topics of questions and complaints.

    Do this after every edit of a rule. Exit code 2 if a rule does not load or a case fails.

    **Example:** `streamlens rules check --rules my-rules/`
    """
    import streamlens
    from streamlens import terminal
    from streamlens.config import load_settings
    from streamlens.detect.questions import count_cases
    from streamlens.detect.questions import failing_cases as failing_questions
    from streamlens.detect.topics import load_topics
    from streamlens.script import failing_cases
    from streamlens.shipped import shipped

    book = streamlens.load_rules(rules)
    configs = shipped("configs")
    failures = list(failing_cases(book, load_settings(None)))
    cases = sum(len(rule.cases) for rule in book.rules)
    if rules is None:
        topics = load_topics(configs / "questions", configs / "complaints", book.sets)
        failures += failing_questions(topics)
        cases += count_cases(topics)
    for failure in failures:
        terminal.fail(failure)
    terminal.say(f"{len(book.rules)} rules, {cases} cases, {len(failures)} fail")
    if failures:
        raise typer.Exit(2)
