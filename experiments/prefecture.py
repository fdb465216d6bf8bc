"""A prefecture, month after month: visits within the capacity, what visits find, what becomes of alerts.

Usage: python experiments/prefecture.py [--households N] [--months N] [--seed S] [--keep DIR] [--tell]

An invented register (`rr.synthesise`) is known month by month as its entries were recorded. A model is trained on what
was known at the end of 2017; then the whole cycle is run for each month from January 2018 on: monitor (score, plan
within the capacity, ledger, visit workbook, bulletin), visits filled into the workbook as written and read back, and
clearing step by step: on the 20th the village reviews what visitors proposed (one in ten is sent back) and puts it on
public notice, on the 26th the town checks (one in twenty is sent back).

Visitors are simulated: every household to be visited is visited within the deadline and by the 19th, except for one in
twenty where nobody is met; what they find follows the truth (who falls back within twelve months), with errors.
Measures are taken for those found in difficulty; three months later the risk is gone for those who do not fall, and is
recorded as gone. Households that the register calls relapsed, or that fell in the year before, are so recorded.

A visit changes what is recorded: of those who fall, two in five are found out by themselves, before any visits too; the
others only once somebody visits them after their fall, a fortnight later.

Afterwards the script reports on the folder `--keep` (with `--tell`, on one that is there): the visits of every month by
kind, who waited, relapses found by each kind and by the order of the model, of the policy rule and a random one at the
same visits a month, the state of every alert, proposals to clear relapsed households, and the figures of random visits.
"""

import argparse
import json
import sys
import time
from bisect import bisect_right
from calendar import monthrange
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl

import relapse_risk as rr
from relapse_risk.cycle import MonthRun, enter_visits, monitor
from relapse_risk.cycle.earlier_months import earlier_outcomes
from relapse_risk.monitoring import Ledger, open_ledger, unpack
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView

CHUXIONG = 88_693
FIRST = date(2018, 1, 31)
LEARNED = ("2015-12-31", "2016-12-31")
KNOWN_BY = "2017-12-31"
ABSENT, WRONG = 0.05, 0.01
FOUND_UNVISITED, ENTERED_AFTER = 0.4, 14
"""Share of those who fall that are found out without a visit; days until what a visit found is in the register."""
NO_VISITS = pl.DataFrame(schema={"household_id": pl.String, "on": pl.Date})
SEEN_IF_FALLS, SEEN_IF_NOT = 0.7, 0.15
"""Chance of being found in difficulty of a household that will fall within twelve months, and of one that will not."""
SUMMARY = "summary.json"
RESTS = 365
"""Days during which a visited household is not visited again."""
STABLE = 0.5
"""Share of those found well that are proposed for clearing; for the others the visitor records no such risk."""
LAST_VISIT, MEETING, CHECK = 19, 20, 26
"""Days after the month's end: of the last visit, of the village's meeting, of the town's check."""
VILLAGE_REFUSES, TOWN_REFUSES = 0.1, 0.05


def month_ends(first: date, months: int) -> list[date]:
    """Return the last days of consecutive months."""
    found = []
    for step in range(months):
        year, month = divmod(first.year * 12 + first.month - 1 + step, 12)
        found.append(date(year, month + 1, monthrange(year, month + 1)[1]))
    return found


class Register:
    """What the register holds: of relapses that nobody found out by himself, those that a visit found."""

    def __init__(self, records: rr.Records, seed: int) -> None:
        self._records = records
        self._relapses = records.tables["relapses"].with_row_index("event")
        found = np.random.default_rng(seed + 1).random(self._relapses.height) < FOUND_UNVISITED
        self._relapses = self._relapses.with_columns(pl.Series("by_itself", found))

    def known(self, visits: pl.DataFrame) -> rr.Records:
        """Return the records, given household_id and on of every visit so far."""
        later = self._relapses.join(visits.select("household_id", "on"), on="household_id")
        later = later.filter(pl.col("on") >= pl.col("relapsed_on")).group_by("event").agg(pl.col("on").min())
        entered = pl.col("on") + pl.duration(days=ENTERED_AFTER)
        recorded = (
            self._relapses.join(later, on="event", how="left", maintain_order="left")
            .filter(pl.col("by_itself") | pl.col("on").is_not_null())
            .with_columns(
                recorded_on=pl.when("by_itself")
                .then("recorded_on")
                .otherwise(pl.max_horizontal("recorded_on", entered))
            )
        )
        columns = self._records.tables["relapses"].columns
        return replace(self._records, tables={**self._records.tables, "relapses": recorded.select(columns)})


def visits_in(ledger: Ledger) -> pl.DataFrame:
    """Return household_id and on of every visit in a ledger."""
    return ledger.history().filter(pl.col("kind") == "visited", ~pl.col("withdrawn")).select("household_id", "on")


class Visitors:
    """People who visit and write down what they find."""

    def __init__(self, falls: pl.DataFrame, seed: int) -> None:
        self._falls = {
            household: sorted(days) for household, days in falls.group_by("household_id").agg("relapsed_on").iter_rows()
        }
        self._random = np.random.default_rng(seed)
        self._helped: dict[str, date] = {}
        visits = read_policy().mechanism.visits
        self._headers = {column.en: name for name, column in visits.columns.items()}
        self._words = {code: finding.en for code, finding in visits.findings.items()}

    def falls_within(self, household: str, day: date, days: int = 365) -> bool:
        """Return whether a household falls back within so many days after a day."""
        return any(day < fall <= day + timedelta(days=days) for fall in self._falls.get(household, ()))

    def fill_in(self, path: Path, month: date, relapsed: set[str]) -> int:
        """Fill in a visit workbook, given the households that the register calls relapsed; return how many lines."""
        self._relapsed = relapsed
        book = openpyxl.load_workbook(path)
        filled = 0
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                filled += self._fill_sheet(sheet, month)
        book.save(path)
        return filled

    def _fill_sheet(self, sheet: openpyxl.worksheet.worksheet.Worksheet, month: date) -> int:
        headers = next((row for row in sheet.iter_rows(max_row=8) if "Household" in [cell.value for cell in row]), None)
        if headers is None:
            return 0
        place = {self._headers[cell.value]: cell.column for cell in headers if cell.value in self._headers}
        if "measures" not in place:
            return 0  # those who wait have a sheet too, and nobody goes to them
        filled = 0
        for row in range(headers[0].row + 1, sheet.max_row + 1):
            household = sheet.cell(row, place["household_id"]).value
            if household is None:
                continue
            suggested = sheet.cell(row, place["measures"]).value
            day = month + timedelta(days=self._days(sheet.cell(row, place["deadline"]).value, month))
            written = self._found(household, day, suggested)
            for name, value in written.items():
                sheet.cell(row, place[name]).value = value
            filled += bool(written)
        return filled

    def _days(self, deadline: date | None, month: date) -> int:
        """Return after how many days a visit takes place: within the deadline, or the first week if it is past."""
        left = LAST_VISIT if deadline is None else (getattr(deadline, "date", lambda: deadline)() - month).days
        return int(self._random.integers(1, 1 + (min(left, LAST_VISIT) if left > 0 else 7)))

    def _found(self, household: str, day: date, suggested: str | None) -> dict[str, object]:
        if self._random.random() < ABSENT:
            return {}
        entered: dict[str, object] = {"visited_on": day, "by": "visitor"}
        if self._random.random() < WRONG:
            return entered | {"finding": self._words["wrong_record"], "remark": "house"}
        falls, fell = self.falls_within(household, day), self.falls_within(household, day - timedelta(days=365))
        if fell or household in self._relapsed:
            return entered | {"finding": self._words["relapsed"]}
        if household in self._helped and not falls and day - self._helped[household] > timedelta(days=90):
            return entered | {"finding": self._words["risk_gone"]}
        if self._random.random() < (SEEN_IF_FALLS if falls else SEEN_IF_NOT):
            self._helped.setdefault(household, day)
            taken = {"measure": suggested.split("\n")[0]} if suggested else {}
            return entered | {"finding": self._words["difficult"]} | taken
        if self._random.random() < STABLE:
            return entered | {"finding": self._words["stable"]}
        return entered | {"finding": self._words["no_risk"], "remark": "doing well"}

    def clear(self, ledger: Ledger, month: date) -> Counter[str]:
        """Take the steps of clearing that are due: review and notice by the village, check by the town."""
        meeting, check = month + timedelta(days=MEETING), month + timedelta(days=CHECK)
        proposed = ledger.alerts().filter(state="proposed")["alert_id"]
        passed, back = self._split(proposed, VILLAGE_REFUSES)
        steps = [*_acts(passed, "reviewed", meeting, "village"), *_acts(passed, "published", meeting, "village")]
        done = _record(ledger, [*steps, *_acts(back, "returned", meeting, "village")])
        due = ledger.alerts().filter(pl.col("next_step") == "checked", pl.col("next_from") <= check)["alert_id"]
        passed, back = self._split(due, TOWN_REFUSES)
        return done + _record(
            ledger, [*_acts(passed, "checked", check, "town"), *_acts(back, "returned", check, "town")]
        )

    def _split(self, alerts: pl.Series, share: float) -> tuple[list[int], list[int]]:
        refused = self._random.random(alerts.len()) < share
        return alerts.filter(pl.Series(~refused)).to_list(), alerts.filter(pl.Series(refused)).to_list()


def _acts(alerts: list[int], kind: str, on: date, by: str) -> list[dict[str, object]]:
    return [{"alert_id": alert, "kind": kind, "on": on, "by": by, "note": "not enough"} for alert in alerts]


def _record(ledger: Ledger, acts: list[dict[str, object]]) -> Counter[str]:
    """Record acts and count those that were done, by kind, and the refused ones."""
    if not acts:
        return Counter()
    answers = ledger.act(pl.DataFrame(acts))
    refused = answers.filter(outcome="refused")["rule"].to_list()
    return Counter(answers.filter(outcome="done")["kind"].to_list()) + Counter(f"refused: {rule}" for rule in refused)


def run_month(
    records: rr.Records, bundle: rr.Bundle, ledger: Ledger, visitors: Visitors, day: date, out: Path
) -> tuple[MonthRun, dict[str, float], Counter[str]]:
    """Run a month through the whole cycle; return it, the seconds of each step, and the acts that were done."""
    clock = [time.perf_counter()]
    month = monitor(records, bundle, ledger, as_of=day, lang="en")
    clock.append(time.perf_counter())
    month.write(out)
    (out / SUMMARY).write_text(json.dumps(month.summary))
    clock.append(time.perf_counter())
    relapsed = set(month.roster.frame.filter(exclusion_reason="relapsed")["household_id"])
    visitors.fill_in(out / "visits.xlsx", day, relapsed)
    clock.append(time.perf_counter())
    entered = enter_visits(out / "visits.xlsx", ledger, today=day + timedelta(days=40))
    clock.append(time.perf_counter())
    counts = entered.counts
    assert counts["read"] == counts["kept"] + counts["refused"] + counts["not_filled"], counts
    steps = dict(zip(("monitor", "write", "fill in", "read back"), np.diff(clock), strict=True))
    acts = Counter({"acts": counts["acts_done"], "refused rows and acts": counts["refused"] + counts["acts_refused"]})
    return month, steps, acts + visitors.clear(ledger, day)


def found_by(order: list[pl.DataFrame], capacities: list[int], days: list[date], visitors: Visitors) -> tuple[int, int]:
    """Return visits and relapses found, by a list that each month visits the first so many not visited for a year.

    A relapse counts once: one that comes within twelve months after a visit to the household.
    """
    visited: dict[str, date] = {}
    visits, found = 0, set()
    for ranked, capacity, day in zip(order, capacities, days, strict=True):
        rested = [
            household
            for household in ranked["household_id"]
            if household not in visited or day - visited[household] >= timedelta(days=RESTS)
        ][:capacity]
        visits += len(rested)
        for household in rested:
            visited[household] = day
            if visitors.falls_within(household, day):
                found.add((household, day))
    return visits, len(found)


def ranked(scores: pl.DataFrame, salt: str) -> pl.DataFrame:
    """Return households at risk, the highest probability first, ties by hash."""
    return scores.filter(population="at_risk").sort(
        -pl.col("probability"), pl.col("household_id").hash(hash(salt) % 97)
    )


def run_months(
    register: Register, bundle: rr.Bundle, ledger: Ledger, visitors: Visitors, days: list[date], keep: Path
) -> None:
    """Run every month through the whole cycle and print a line of each."""
    ledger_path = keep / "ledger.db"
    heads = ("month", "monitor", "write", "read back", "at risk", "opened", "reopened", "proposed by run", "ledger MB")
    print("\n| " + " | ".join(heads) + " |\n" + "| --- " * len(heads) + "|")
    for day in days:
        records = register.known(visits_in(ledger))
        month, steps, acts = run_month(records, bundle, ledger, visitors, day, keep / str(day))
        account, size = month.account, ledger_path.stat().st_size / 1e6
        cells = [
            day,
            *(f"{steps[name]:.0f} s" for name in ("monitor", "write", "read back")),
            month.roster.summary["at_risk"],
            *(account.opened, account.reopened, account.proposed),
            f"{size:.1f}",
        ]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        print(f"  {day}: {dict(acts)}, {steps['fill in']:.0f} s to fill in", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=CHUXIONG)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("prefecture"))
    parser.add_argument("--tell", action="store_true")
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    population = rr.synthesise(households=asked.households, seed=asked.seed)
    register = Register(rr.read_records(population.tables).records, asked.seed)
    bundle = trained(register.known(NO_VISITS), asked.keep / "model.rrb")
    visitors = Visitors(population.truth["relapses"], asked.seed)
    if not asked.tell:
        (asked.keep / "ledger.db").unlink(missing_ok=True)
        days = month_ends(FIRST, asked.months)
        run_months(register, bundle, open_ledger(asked.keep / "ledger.db"), visitors, days, asked.keep)
    ledger = open_ledger(asked.keep / "ledger.db", make=False)
    records = register.known(visits_in(ledger))
    plans = {day: pl.read_parquet(asked.keep / str(day) / "plan.parquet") for day in ledger.months()}
    tell_plans(ledger, plans, asked.keep)
    tell_relapsed(ledger, asked.keep)
    tell_alerts(ledger, ledger.months()[-1])
    tell_weighted(records, bundle, ledger, visitors)
    tell_found(records, ledger, visitors)
    tell_kinds(ledger, plans, visitors)


def trained(records: rr.Records, path: Path) -> rr.Bundle:
    """Return the bundle kept in a file, or train it and keep it."""
    if not path.exists():
        rr.train(records, as_of=LEARNED, horizon=12, known_by=KNOWN_BY).save(path)
    return rr.read_bundle(path)


def tell_plans(ledger: Ledger, plans: dict[date, pl.DataFrame], keep: Path) -> None:
    """Print the visits of every month against its capacity, and who waited: demanded = visited + in hand + waiting."""
    kinds = ("model", "rule", "revisit", "endline", "random")
    heads = ("month", "capacity", "demanded", "visits", *kinds, "in hand", "waiting", *kinds[:4], "longest", "closed")
    print("\n| " + " | ".join((*heads, "open")) + " |\n" + "| --- " * (len(heads) + 1) + "|")
    shares, days = [], list(plans)
    for day, until in zip(days, [*days[1:], date.max], strict=True):
        plan, counts = plans[day], Counter(plans[day].select("state", "demanded_for").rows())
        by_state = Counter(plan["state"].to_list())
        capacity = json.loads((keep / str(day) / SUMMARY).read_text())["scores"]["plan"]["capacity"]
        alerts = ledger.alerts(min(until - timedelta(days=1), days[-1] + timedelta(days=40)))
        closed = alerts.filter(pl.col("closed_on").is_between(day, until, closed="left")).height
        months = round((day - plan["waiting_since"].min()).days / 30.4) if by_state["waiting"] else "-"
        cells = [day, capacity, plan.height, by_state["visit"], *(counts["visit", kind] for kind in kinds)]
        cells += [by_state["in_hand"], by_state["waiting"], *(counts["waiting", kind] for kind in kinds[:4]), months]
        print("| " + " | ".join(map(str, [*cells, closed, int(alerts["open"].sum())])) + " |")
        assert plan.height == sum(by_state.values())
        shares.append(by_state["visit"] / capacity)
    print(f"\nVisits over capacity: {max(shares):.3f} in the fullest month, {np.mean(shares):.3f} on average.")


def tell_relapsed(ledger: Ledger, keep: Path) -> None:
    """Print how many proposals to clear were made, and how many of households that were relapsed that day."""
    days, proposed = ledger.months(), ledger.history().filter(kind="proposed").select("household_id", "on", "month")
    wrong, relapsed = Counter(), set()
    for day in days:
        risk = pl.read_parquet(keep / str(day) / "risk.parquet", columns=["household_id", "exclusion_reason"])
        fallen = set(risk.filter(exclusion_reason="relapsed")["household_id"])
        relapsed |= fallen
        for household, on, month in proposed.rows():
            if household in fallen and bisect_right(days, on) - 1 == days.index(day):
                wrong["people" if month is None else "run"] += 1
    by_run = proposed["month"].count()
    print(
        f"\nProposed for clearing: {by_run} by the run, {proposed.height - by_run} after visits. Households relapsed in"
    )
    print(
        f"some month: {len(relapsed)}; proposed while relapsed: {wrong['run']} by the run, {wrong['people']} by people."
    )


def tell_alerts(ledger: Ledger, last: date) -> None:
    """Print what became of every alert."""
    alerts = ledger.alerts()
    print(f"\n{alerts.height} alerts, {ledger.history().height} entries, state after the last visits of {last}:\n")
    print("| state | alerts | overdue |\n| --- | --- | --- |")
    by_state = alerts.group_by("state").agg(pl.len(), pl.col("overdue").sum()).sort("len", descending=True)
    for row in by_state.iter_rows():
        print("| " + " | ".join(map(str, row)) + " |")
    closed = alerts.filter(~pl.col("open"))
    days = (closed["closed_on"] - closed["opened_on"]).dt.total_days()
    print(f"\nClosed after a median of {days.median():.0f} days; {alerts['open'].mean():.1%} are open.")
    age = (pl.lit(last) - pl.col("opened_on")).dt.total_days() // 91
    ages = alerts.group_by(quarters=age).agg(pl.len(), open=pl.col("open").sum(), states=pl.col("state").filter("open"))
    print("\n| quarters since (re)opening | alerts | still open | as |\n| --- | --- | --- | --- |")
    for quarters, count, still, states in ages.sort("quarters").iter_rows():
        standing = ", ".join(f"{state} {number}" for state, number in Counter(states).most_common())
        print(f"| {quarters} | {count} | {still} | {standing} |")
    print("\n| level | areas | clear | open alerts |\n| --- | --- | --- | --- |")
    for level in ("group", "village", "town", "county", "prefecture"):
        areas = ledger.clearing(level)
        print(f"| {level} | {areas.height} | {areas['clear'].sum()} | {areas['open'].sum()} |")


def tell_found(records: rr.Records, ledger: Ledger, visitors: Visitors) -> None:
    """Print visits per relapse found by the model, the policy rule and a random order, at the same visits a month."""
    days, ours, rule, chance = ledger.months(), [], [], []
    for day in days:
        scores = unpack(ledger.scores(day))
        ours.append(ranked(scores, "ours"))
        rule.append(ranked(by_rule(records, scores, day), f"rule {day}"))
        chance.append(scores.filter(population="at_risk").sample(fraction=1.0, shuffle=True, seed=days.index(day)))
    fresh = first_visits(ledger)
    print(f"\nVisits to households not visited in the twelve months before, by month: {fresh}\n")
    print("| order | visits | relapses found | visits per relapse found |\n| --- | --- | --- | --- |")
    for name, order in (("ours, by risk", ours), ("policy rule", rule), ("at random", chance)):
        visits, found = found_by(order, fresh, days, visitors)
        print(f"| {name} | {visits} | {found} | {visits / found:.1f} |", flush=True)


def tell_kinds(ledger: Ledger, plans: dict[date, pl.DataFrame], visitors: Visitors) -> None:
    """Print, by kind, the visits planned, those made, and relapses that come within twelve months after.

    Of the visits made, only the first in twelve months count for relapses, as in the comparison of orders.
    """
    days, last = list(plans), {}
    planned, made, first, found = (Counter() for _ in range(4))
    kinds = {day: dict(plan.select("household_id", "demanded_for").rows()) for day, plan in plans.items()}
    for plan in plans.values():
        planned.update(plan.filter(state="visit")["demanded_for"].to_list())
    visits = ledger.history().filter(kind="visited").select("household_id", "on").sort("on")
    for household, on in visits.iter_rows():
        kind = kinds[days[bisect_right(days, on) - 1]].get(household, "-")
        made[kind] += 1
        if household not in last or (on - last[household]).days >= RESTS:
            first[kind] += 1
            found[kind] += visitors.falls_within(household, on)
            last[household] = on
    print("\n| demanded for | visits planned | made | first in a year | of these fall | visits per relapse found |")
    print("| --- " * 6 + "|")
    for kind in ("model", "rule", "revisit", "endline", "random"):
        each = f"{first[kind] / found[kind]:.1f}" if found[kind] else "-"
        print(f"| {kind} | {planned[kind]} | {made[kind]} | {first[kind]} | {found[kind]} | {each} |")
    total = [sum(count.values()) for count in (planned, made, first, found)]
    print(f"| all | {' | '.join(map(str, total))} | {total[2] / max(total[3], 1):.1f} |")


def by_rule(records: rr.Records, scores: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the scores with the probabilities of the policy rule instead."""
    plain = rr.rule_bundle()
    table = plain.completed(rr.build_features(records, day))
    risk = plain.model.predict_proba(plain.require(table))[:, 1]
    ruled = table.frame.select("household_id", pl.Series("probability", risk))
    return scores.drop("probability").join(ruled, on="household_id")


def first_visits(ledger: Ledger) -> list[int]:
    """Return, by month, how many households were visited that had not been visited in the twelve months before."""
    visits, days = ledger.history().filter(kind="visited").select("household_id", "on").sort("on"), ledger.months()
    last: dict[str, date] = {}
    fresh = [0] * len(days)
    for household, on in visits.iter_rows():
        if household not in last or (on - last[household]).days >= RESTS:
            fresh[bisect_right(days, on) - 1] += 1
            last[household] = on
    return fresh


def tell_weighted(records: rr.Records, bundle: rr.Bundle, ledger: Ledger, visitors: Visitors) -> None:
    """Print what became of the months whose horizon is over: naively, by the visits drawn at random, and in truth."""
    realised = earlier_outcomes(AsOfView.of(records, ledger.months()[-1]), bundle, ledger)
    if realised is None:
        return
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=250, float_precision=4):
        columns = ["as_of", "known", "relapses", "predicted", "observed", "slope", "missed_share", "wrong_share"]
        print(realised.months.select(columns))
        print(realised.weighted)
    followed = realised.weighted.filter(pl.col("as_of").is_not_null(), pl.col("months") > 0)["as_of"]
    rows = realised.rows.filter(pl.col("as_of").is_in(followed.implode()), pl.col("relapsed").is_not_null())
    fell = [visitors.falls_within(*key) for key in rows.select("household_id", "as_of").iter_rows()]
    listed = pl.col("listed_for").is_in(["model", "rule"]).fill_null(False)
    true = rows.with_columns(pl.Series("fell", fell, dtype=pl.Boolean))
    share, rate = true.filter("fell").select(listed.mean()).item(), true.filter(~listed)["fell"].mean()
    print(f"In truth, of the months followed to the end: recall {share}, rate outside the list {rate}")


if __name__ == "__main__":
    main()
