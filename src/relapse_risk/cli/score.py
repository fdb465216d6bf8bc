"""Score every household and write the list that fits the capacity."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from relapse_risk.alerts import Costs, Level
from relapse_risk.bundle import Bundle, read_bundle, rule_bundle
from relapse_risk.cli.capacity import capacity_of, capacity_options, capacity_told
from relapse_risk.cli.commands import file_option, option, policy_options, source_argument, verb
from relapse_risk.cli.keys import read_key
from relapse_risk.cli.out import out_folder
from relapse_risk.cli.outputs import write_run
from relapse_risk.cli.session import Session, account_of, session, tell_intake
from relapse_risk.errors import InputError
from relapse_risk.ingest import Intake, read_records
from relapse_risk.policy import Policy, read_policy
from relapse_risk.records import VISIT_LEVELS
from relapse_risk.reports import remark_text
from relapse_risk.scoring import Roster, score

__all__ = ["command", "policy_over", "tell_scores", "write_scores"]

AREAS = VISIT_LEVELS[::-1]


def command(lang: str) -> click.Command:
    """Return the command in a language."""
    return verb(
        "score",
        lang,
        run,
        [
            source_argument(lang),
            file_option(lang, "--bundle", "FILE.rrb"),
            option(lang, "--rule", is_flag=True),
            option(lang, "--as-of", metavar="DATE", required=True),
            file_option(lang, "--out", "DIR", required=True),
            *capacity_options(lang),
            option(lang, "--split-by", metavar="|".join(AREAS), type=click.Choice(AREAS)),
            option(lang, "--carry", metavar="COLUMNS", default=""),
            file_option(lang, "--key-file", "FILE"),
            *policy_options(lang),
            option(lang, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    source: Path,
    bundle: Path | None,
    rule: bool,
    as_of: str,
    out: Path,
    capacity: int | Path | None,
    capacity_per: Level | None,
    min_per_village: int,
    costs: Costs | None,
    split_by: str | None,
    carry: str,
    key_file: Path | None,
    overwrite: bool,
    **files: Path | None,
) -> None:
    """Read records and a bundle, or take the rule alone; score, write the folder."""
    if (bundle is None) == (not rule):
        raise InputError("score_by_what")
    columns = [name.strip() for name in carry.split(",") if name.strip()]
    table = capacity if isinstance(capacity, Path) else None
    inputs = (source, bundle, key_file, table, *files.values())
    with (
        out_folder(out, verb="score", overwrite=overwrite, inputs=inputs) as folder,
        session(lang, quiet, out) as told,
    ):
        key = read_key(key_file)
        policy = read_policy(**files)
        model = rule_bundle(policy=policy) if bundle is None else read_bundle(bundle)
        intake = read_records(source, policy=policy, carry=columns, key=key, progress=told.bars)
        roster = score(
            intake.records,
            model,
            as_of=as_of,
            capacity=capacity_of(policy, capacity, capacity_per, min_per_village, costs),
            key=key,
            split_by=split_by,
            policy=policy_over(model, policy, files),
            lang=lang,
            progress=told.bars,
        )
        options = {
            "as_of": as_of,
            **capacity_told(capacity, capacity_per, min_per_village, costs),
            "split_by": split_by,
            "carry": columns,
            "rule": rule,
            "lang": lang,
        }
        account = {"verb": "score", "options": options, **account_of(intake, source)}
        write_scores(told, roster, intake, folder, account)
    tell_intake(told, intake)
    tell_scores(told, roster, out)


def write_scores(told: Session, roster: Roster, intake: Intake, folder: Path, account: dict[str, Any]) -> None:
    """Write everything a roster is handed on in, and the account of the run."""
    told.bars("write", 0.0)
    roster.write(folder, lang=told.lang, carried=intake.carried, accounts=intake.accounts)
    intake.rejected.write_parquet(folder / "rejected.parquet")
    told.bars.close()
    write_run(folder, {**account, "scores": roster.summary}, told.bars.seconds)


def tell_scores(told: Session, roster: Roster, out: Path) -> None:
    """Say how many were scored and listed, what a reader must know, and where everything is."""
    counts = roster.summary
    listed = {"risk": counts["listed_by_risk"], "rule": counts["listed_by_rule"]}
    told.say("scored", as_of=counts["as_of"], scored=counts["at_risk"], **listed)
    for remark in roster.remarks:
        told.tell("  " + remark_text(remark, told.lang))
    told.say("written", what=told.word("what_roster"), path=out / "roster.xlsx")
    told.say("written", what=told.word("what_report"), path=out / "report.html")
    told.say("written", what=told.word("what_folder"), path=out)


def policy_over(bundle: Bundle, policy: Policy, files: dict[str, Path | None]) -> Policy:
    """Return the bundle's own lines and thresholds, but for those that a user's file replaces."""
    own = {name: getattr(bundle, name) for name in ("lines", "thresholds") if files[name] is None}
    return replace(policy, **own)
