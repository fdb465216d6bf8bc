"""Wordings of public lists: how many headers and values are read, proposed, or unknown, and how many wrongly.

Usage: python experiments/wordings.py [--cases DIR] [--list]

Over ``headers.tsv`` (headers of public lists, each with the column it means and the lists it stands in) and
``values.tsv`` (cells of coded columns, each with its code), three times:

- as they stand: with the dictionary as it is;
- one source left out: for each list, with the dictionary less the wordings that stand in this list and in no other, or
  that bear it as their only source in ``aliases.toml``, and with all that stand in others, which teach it. Of values
  no source is known: they are left out a fifth at a time, by a digest of the wording;
- every wording left out: each with the dictionary less this wording alone.

A header is asked for each table its list is of (`LISTS`). It is read rightly if a table reads it as the column, or
as one that says the same (`SAME`), and no table reads it otherwise; proposals likewise. A value without a code has no
place in the contract: it is right to leave it unread, and wrong to read or to propose anything but "says nothing". So
it is with the headers of ``headers_without_place.tsv``, which registers have and the contract has no place for.

The same of two lists that were written down from general knowledge before any of them was tried
(``blind_headers.tsv``, ``blind_values.tsv``): parts were mended by what failed in the first, by nothing of the second.

Then, by the grounds of proposals, how many are right of headers and cells that the dictionary lists and no list of the
cases has, a tenth left out at a time: on these the confidences that ``parts.toml`` states are checked.

Headers and cells are compared by their words alone: in a file what the cells hold, and which columns other headers
stand for already, can only take a proposal away.
"""

import argparse
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from relapse_risk.ingest import HeaderMatcher, ValueMatcher
from relapse_risk.ingest.cells import compact
from relapse_risk.ingest.codes import Codebook
from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.sheet_schema import columns_of
from relapse_risk.policy import (
    AliasesFile,
    CodesFile,
    HeaderAlias,
    ValueParts,
    WordingPartsFile,
    read_model,
    read_policy,
)
from relapse_risk.records import TABLES, Column

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"
WITHOUT_PLACE = Path(__file__).with_name("headers_without_place.tsv")
BLIND = {what: Path(__file__).with_name(f"blind_{what}.tsv") for what in ("headers", "values")}
BLIND_LISTS = ("1", "2", "3")
PARTS = read_model(WordingPartsFile, "parts")
FOLDS, TENTHS = 5, 10
SOURCED, SOURCES = re.compile(r'^"([^"]+)" = [^#\n]*#(.*)$', re.MULTILINE), re.compile(r"\bS\d+\w?\b")

# What each list is of, as its title or its other headers say.
LISTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("S1", "S11f", "S12p", "S18", "S20", "S2m", "S5", "S9"), ("members",)),
    **dict.fromkeys(("S11a", "S12f", "S21", "S6", "S8"), ("households",)),
    **dict.fromkeys(("S3", "S7", "S22"), ("households", "members", "incomes")),
    **dict.fromkeys(("S11c", "S13"), ("assistance",)),
    **dict.fromkeys(("S11d", "S14a", "S14b"), ("disabilities",)),
    "S10": ("households", "incomes"),
    "S11b": ("monitoring",),
    "S11e": ("employment",),
    "S16": ("members", "incomes", "monitoring"),
    "S17": ("households", "monitoring"),
    "S19": ("members", "incomes"),
    "S2": ("households", "incomes", "monitoring"),
    "S29": ("illness",),
    "S30": ("loans",),
    "S4": ("households", "monitoring"),
}
# Columns of the contract that say the same of what stands under such a header.
SAME: Mapping[str, tuple[str, ...]] = {
    "size": ("household_size",),
    "house_grade": ("dangerous_house",),  # 是否危房户: whether, and not which grade
    "left_on": ("died_on", "removed_on"),  # 死亡时间, 人员减少时间
    "work_region": ("region",),
    "kind": ("medical_category",),  # 医疗类别
    "occurred_on": ("settled_on",),  # 结算日期
}
NEGATION = "困难"  # 饮水困难: yes means no
OUTCOMES = ("read", "read wrongly", "proposed", "proposed wrongly", "unknown")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A wording of a list, and what it means."""

    wording: str
    meaning: str
    where: tuple[str, ...]  # the lists of a header, the topic of a value


Judge = Callable[[Wording, str, frozenset[str]], str]
"""The outcome of a wording, where it stands, when some wordings are left out of the dictionary."""


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def headers_of(cases: Path) -> list[Wording]:
    return [
        Wording(wording=row["header"], meaning=row["column"], where=tuple(row["lists"].split(",")))
        for row in rows_of(cases / "headers.tsv")
    ]


def values_of(cases: Path) -> list[Wording]:
    return [
        Wording(wording=row["value"], meaning=row["code"], where=(row["topic"],))
        for row in rows_of(cases / "values.tsv")
    ]


def blind_lists_of(number: str) -> Iterator[tuple[str, list[Wording]]]:
    """Yield the headers and the values of a list that was written down unseen: of a place, and of none."""
    for what, (place, wording, meaning) in {
        "headers": ("table", "header", "column"),
        "values": ("topic", "value", "code"),
    }.items():
        rows = [row for row in rows_of(BLIND[what]) if row["list"] == number]
        found = [Wording(wording=row[wording], meaning=row[meaning], where=(row[place],)) for row in rows]
        yield what, [one for one in found if one.meaning]
        yield f"{what} without a place", [one for one in found if not one.meaning]


def heading(wording: str) -> str:
    return compact(wording).strip("*").lower()


def without(written: Mapping[str, object], left_out: frozenset[str]) -> dict[str, object]:
    return {wording: meaning for wording, meaning in written.items() if heading(wording) not in left_out}


def aliases_without(file: AliasesFile, left_out: frozenset[str]) -> Aliases:
    headers = {table: without(written, left_out) for table, written in file.headers.items()}
    return Aliases.of(file.model_copy(update={"headers": headers}))


def codes_without(file: CodesFile, left_out: frozenset[str]) -> Codebook:
    known = file.dictionaries
    return Codebook.of(file.model_copy(update={topic: without(words, left_out) for topic, words in known.items()}))


def outcome(found: Iterable[str], right: frozenset[str], kind: str) -> str | None:
    said = set(found)
    return None if not said else kind if said <= right else f"{kind} wrongly"


def with_wordings_of_others(file: AliasesFile, headers: list[Wording]) -> AliasesFile:
    """Return a dictionary that has every header of the lists, in every table of its list that has the column.

    What stands in one list alone is left out again where this list is asked.
    """
    known = Aliases.of(file)
    more: dict[str, dict[str, HeaderAlias]] = {}
    for one in headers:
        for table in dict.fromkeys(table for where in one.where for table in LISTS[where]):
            names = [name for name in (one.meaning, *SAME.get(one.meaning, ())) if name in columns_of(table)]
            if names and known.understood(one.wording, table) is None:
                more.setdefault(table, {})[one.wording] = HeaderAlias(column=names[0], negated=NEGATION in one.wording)
    together = {table: {**file.headers.get(table, {}), **more.get(table, {})} for table in {*file.headers, *more}}
    return file.model_copy(update={"headers": together})


def header_judge(file: AliasesFile) -> Judge:
    known: dict[frozenset[str], HeaderMatcher] = {}

    def judge(one: Wording, where: str, left_out: frozenset[str]) -> str:
        if left_out not in known:
            known[left_out] = HeaderMatcher(aliases_without(file, left_out), PARTS)
        aliases, tables = known[left_out].aliases, LISTS.get(where, (where,))
        right = frozenset({one.meaning, *SAME.get(one.meaning, ())})
        read = [alias.column for table in tables if (alias := aliases.understood(one.wording, table))]
        if aliases.is_ignored(one.wording):
            return "unknown"
        proposed = [found.alias.column for found in known[left_out].of_tables(heading(one.wording), tables)]
        return outcome(read, right, "read") or outcome(proposed, right, "proposed") or "unknown"

    return judge


def value_judge(file: CodesFile) -> Judge:
    known: dict[frozenset[str], Codebook] = {}

    def judge(one: Wording, topic: str, left_out: frozenset[str]) -> str:
        codebook = known.setdefault(left_out, codes_without(file, left_out))
        table, name, column = column_of(topic, codebook)
        reader = codebook.reader(table, name, column, {})
        if compact(one.wording).lower() in reader.blanks:
            return "read" if one.meaning == "" else "read wrongly"
        read = reader.read(one.wording)
        if read.rule is not None:
            found = ValueMatcher.of(codebook, table, name, column, PARTS).best(compact(one.wording).lower())
            said = set() if found is None else {str(found.code)}
            return outcome(said, frozenset({one.meaning}), "proposed") or "unknown"
        if not one.meaning and read.value is None:
            return "unknown"
        return "read" if read.value == (one.meaning or None) or str(read.value) == one.meaning else "read wrongly"

    return judge


def column_of(topic: str, codebook: Codebook) -> tuple[str, str, Column]:
    """Return a column whose cells are read by the dictionary of a topic."""
    columns = [(table.name, name, column) for table in TABLES.values() for name, column in table.columns.items()]
    if topic == "flag":
        return next(one for one in columns if one[1] == "relocated")
    return next(one for one in columns if topic in (one[1], codebook.topic_of.get(f"{one[0]}.{one[1]}")))


def tell_grounds(headers: list[Wording], values: list[Wording]) -> None:
    """Print how many proposals are right by their grounds, on wordings of the dictionary that no list has."""
    policy = read_policy()
    known = {heading(one.wording) for one in (*headers, *values)}
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for tenth in range(TENTHS):
        found = [*headers_by_grounds(policy.aliases, known, tenth), *values_by_grounds(policy.codes, known, tenth)]
        for grounds, is_right in found:
            (right if is_right else wrong)[grounds] += 1
    print("\n| grounds | stated confidence | proposed | right |\n| --- | --- | --- | --- |")
    for grounds in right | wrong:
        n = right[grounds] + wrong[grounds]
        stated, share = getattr(PARTS.confidence, grounds), right[grounds] / n
        print(f"| {grounds} | {stated} | {n} | {right[grounds]} ({share:.3f}) |")


def headers_by_grounds(file: AliasesFile, known: set[str], tenth: int) -> Iterator[tuple[str, bool]]:
    listed = Aliases.of(file).headers
    own = {word for words in listed.values() for word in words if word not in known and not word.isascii()}
    left_out = frozenset(word for word in own if part_of(word, TENTHS) == tenth)
    matcher = HeaderMatcher(aliases_without(file, left_out), PARTS)
    for table, words in listed.items():
        for word in left_out & words.keys():
            if (found := matcher.best(word, table)) is not None:
                yield found.grounds, found.alias.column == words[word].column


def values_by_grounds(file: CodesFile, known: set[str], tenth: int) -> Iterator[tuple[str, bool]]:
    codebook = Codebook.of(file)
    for topic in sorted({*codebook.topics} - {"illness_kind_of_disease"}):
        words = codebook.topics[topic]
        own = [word for word in words if word not in known and not word.isascii() and words[word] != ""]
        left_out = {word for word in own if part_of(word, TENTHS) == tenth}
        kept = {word: code for word, code in words.items() if word not in left_out}
        matcher = ValueMatcher(topic, kept, codebook.parts.get(topic, ValueParts()), PARTS)
        for word in left_out:
            if (found := matcher.best(word)) is not None:
                yield found.grounds, found.code == words[word]


def part_of(word: str, parts: int) -> int:
    return int(blake2b(heading(word).encode(), digest_size=4).hexdigest(), 16) % parts


def as_they_stand(wordings: Iterable[Wording]) -> Iterator[tuple[Wording, str, frozenset[str]]]:
    yield from ((one, where, frozenset()) for one in wordings for where in one.where)


def one_source_left_out(wordings: list[Wording]) -> Iterator[tuple[Wording, str, frozenset[str]]]:
    for source in dict.fromkeys(where for one in wordings for where in one.where):
        own = frozenset(heading(one.wording) for one in wordings if one.where == (source,)) | wordings_of(source)
        yield from ((one, source, own) for one in wordings if source in one.where)


def wordings_of(source: str) -> frozenset[str]:
    """Return the wordings that bear a list as their only source in our aliases file."""
    text = (files("relapse_risk.policy") / "data" / "aliases.toml").read_text(encoding="utf-8")
    found = {heading(line[1]): SOURCES.findall(line[2]) for line in SOURCED.finditer(text)}
    return frozenset(word for word, sources in found.items() if sources == [source])


def a_fifth_left_out(wordings: list[Wording]) -> Iterator[tuple[Wording, str, frozenset[str]]]:
    folds = {one: part_of(one.wording, FOLDS) for one in wordings}
    for fold in range(FOLDS):
        own = frozenset(heading(one.wording) for one in wordings if folds[one] == fold)
        yield from ((one, one.where[0], own) for one in wordings if folds[one] == fold)


def every_wording_left_out(wordings: Iterable[Wording]) -> Iterator[tuple[Wording, str, frozenset[str]]]:
    yield from ((one, where, frozenset({heading(one.wording)})) for one in wordings for where in one.where)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--list", action="store_true", help="print every wording that is not read rightly")
    parser.add_argument("--blind", nargs="*", default=BLIND_LISTS, help="which of the lists written down unseen")
    options = parser.parse_args()
    policy = read_policy()
    headers, values = headers_of(options.cases), values_of(options.cases)
    placeless = [Wording(wording=row["header"], meaning="", where=(row["tables"],)) for row in rows_of(WITHOUT_PLACE)]
    of_headers, of_values = header_judge(policy.aliases), value_judge(policy.codes)
    print(f"| what | left out of the dictionary | asked | {' | '.join(OUTCOMES)} |\n|{' --- |' * (len(OUTCOMES) + 3)}")
    tell("headers", "nothing", of_headers, as_they_stand(headers), options.list)
    taught = header_judge(with_wordings_of_others(policy.aliases, headers))
    tell("headers", "one source", taught, one_source_left_out(headers), options.list)
    tell("headers", "each wording", of_headers, every_wording_left_out(headers), options.list)
    tell("headers without a place", "nothing", of_headers, as_they_stand(placeless), options.list)
    coded = [one for one in values if one.meaning]
    tell("values", "nothing", of_values, as_they_stand(coded), options.list)
    tell("values", "a fifth", of_values, a_fifth_left_out(coded), options.list)
    tell("values", "each wording", of_values, every_wording_left_out(coded), options.list)
    tell(
        "values without a code",
        "each",
        of_values,
        every_wording_left_out([one for one in values if not one.meaning]),
        options.list,
    )
    for number in options.blind:
        for what, wordings in blind_lists_of(number):
            judge = of_headers if what.startswith("headers") else of_values
            tell(f"{what} of list {number}", "nothing", judge, as_they_stand(wordings), options.list)
    tell_grounds(headers, values)


def tell(
    what: str, left_out: str, judge: Judge, asked: Iterable[tuple[Wording, str, frozenset[str]]], listed: bool
) -> None:
    found = [(judge(one, where, without), one, where) for one, where, without in asked]
    counts = Counter(verdict for verdict, *_ in found)
    shares = [f"{counts[name]} ({counts[name] / len(found):.3f})" for name in OUTCOMES]
    print(f"| {what} | {left_out} | {len(found)} | {' | '.join(shares)} |")
    for verdict, one, where in sorted(found, key=lambda entry: entry[0]):
        if listed and verdict != "read":
            print(f"    {verdict}: {where} {one.wording} ({one.meaning or 'no place'})")


if __name__ == "__main__":
    main()
