"""The sample exports with every header reworded: what is read, what is proposed, and which planted faults are found.

Usage: python experiments/reworded.py [--data DIR] [--accept 0.8] [--list]

Three inputs are made, each with a seed of its own: the two counties' workbooks, and the lists of departments. A header
is taken apart by ``parts.toml`` and each part that has synonyms there is drawn anew among them; what comes out must be
no header that ``aliases.toml`` lists for any table; where no synonym gives such a one, a word that changes nothing is
put before or behind it. A workbook uses one new wording for each old one. Cells, titles, names of sheets and
of files stay as they are. Each is audited thrice: as the samples are, reworded, and reworded with proposals accepted.

A planted cell of an unknown wording is *rightly understood* if the wording is a word of the field and is read, by an
accepted proposal, as the code that this word means (`MEANT`): whoever accepts has answered what the audit would ask, so
that the fault is closed without being found. Both figures are printed. A planted wording that means nothing (待定, X),
and one that is read as anything else, stays missed.
"""

import argparse
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

import relapse_risk as rr
from audit import PLACE, SHARED, judged, placed, print_table, read_planted
from relapse_risk.audit import run_audit
from relapse_risk.ingest import HeaderMatcher, propose_source
from relapse_risk.ingest.headers import Aliases, heading_of
from relapse_risk.policy import Policy, WordingPartsFile, read_model, read_policy

PARTS = read_model(WordingPartsFile, "parts")
ALIASES = Aliases.of(read_policy().aliases)
SAID = HeaderMatcher(ALIASES, PARTS).vocabulary.parts
LISTED = {heading for known in ALIASES.headers.values() for heading in known} | ALIASES.ignored
BEFORE, BEHIND = ("当前", "最新", "具体"), ("情况", "信息", "名称")
DRAWS = 60
SHARED_STRINGS = "xl/sharedStrings.xml"  # titles and headers: the samples' cells stand in the sheets themselves
MEANT = {"labour_capability": ("labour_capacity", "weak")}  # planted column: where 半劳力 is read, and what it means
WORKBOOKS = {"registry": ("532311_防返贫监测信息导出.xlsx", "532313_防返贫监测信息导出.xlsx"), "departments": ()}


def pieces(heading: str) -> Iterator[str]:
    """Yield a header in pieces, the longest known part first; what is between stands as it is."""
    words = sorted(SAID, key=len, reverse=True)
    end = 0
    for match in re.finditer("|".join(map(re.escape, words)), heading):
        yield heading[end : match.start()]
        yield match[0]
        end = match.end()
    yield heading[end:]


def synonyms(piece: str) -> list[str]:
    said = SAID.get(piece)
    return [word for word, same in SAID.items() if same == said and same] if said else [piece]


def reworded(header: str, draw: random.Random) -> str:
    """Return another wording of a header that is listed nowhere."""
    name, opening, unit = heading_of(header).removesuffix(")").partition("(")
    unit = f"({unit})" if opening and unit in ALIASES.units else ""
    base = name if unit else heading_of(header)
    for attempt in range(2 * DRAWS):
        made = "".join(draw.choice(synonyms(piece)) for piece in pieces(base))
        if attempt >= DRAWS:
            made = draw.choice(BEFORE) + made if draw.random() < 0.5 else made + draw.choice(BEHIND)
        if made not in LISTED and made != base:
            return made + unit
    raise ValueError(header)


def reword_workbook(source: Path, target: Path, draw: random.Random) -> dict[str, str]:
    """Copy a workbook with its headers reworded; all that stands in shared strings and is understood is a header."""
    new: dict[str, str] = {}

    def replaced(found: re.Match[str]) -> str:
        text = found[1]
        known = any(ALIASES.understood(text, table) for table in ALIASES.headers) or ALIASES.is_ignored(text)
        if not known:
            return found[0]
        new.setdefault(text, reworded(text, draw))
        return f"<t>{new[text]}</t>"

    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in read.infolist():
            content = read.read(entry)
            if entry.filename == SHARED_STRINGS:
                content = re.sub(r"<t>([^<]*)</t>", replaced, content.decode()).encode()
            written.writestr(entry, content)
    return new


def reword_lists(source: Path, target: Path, draw: random.Random) -> dict[str, str]:
    """Copy a folder of lists with their first lines reworded."""
    new: dict[str, str] = {}
    for file in sorted(source.glob("*.csv")):
        head, _, rest = file.read_bytes().partition(b"\r\n")
        headers = head.decode("gb18030").split(",")
        for header in headers:
            new.setdefault(header, reworded(header, draw))
        line = ",".join(new[header] for header in headers)
        (target / file.name).write_bytes(line.encode("gb18030") + b"\r\n" + rest)
    return new


def made(data: Path, folder: Path) -> dict[str, tuple[str, Path, Path, dict[str, str]]]:
    """Return each input by name: its dialect, where it is as it was and reworded, and the rewordings."""
    found = {}
    for seed, name in enumerate((*WORKBOOKS["registry"], "departments"), start=1):
        draw, target, before = random.Random(seed), folder / "new" / str(seed), folder / "old" / str(seed)
        target.mkdir(parents=True)
        before.mkdir(parents=True)
        if name == "departments":
            shutil.copytree(data / name, before, dirs_exist_ok=True)
            found[name] = ("departments", before, target, reword_lists(data / name, target, draw))
        else:
            shutil.copy(data / "registry" / name, before)
            new = reword_workbook(data / "registry" / name, target / name, draw)
            found[name] = ("registry", before, target, new)
    return found


@dataclass(frozen=True, kw_only=True)
class Recall:
    """How many faults were planted, found and rightly understood, and how many alarms are false."""

    planted: int
    found: int = 0
    understood: int = 0
    false: int = 0


def recall(folder: Path, dialect: str, planted: pl.DataFrame, policy: Policy | None) -> Recall:
    """Judge the audit of a folder; nothing is found where all stops."""
    own = planted.filter(pl.col("dialect") == dialect, pl.col("source").is_in([path.name for path in folder.iterdir()]))
    try:
        intake = rr.read_records(folder, policy=policy)
        found = placed(run_audit(intake).findings, dialect)
    except rr.InputError as error:
        print(f"    {folder}: {error}")
        return Recall(planted=own.filter("by_rules").unique([*PLACE, "kind"]).height)
    faults, verdicts = judged(found, own)
    false = verdicts.filter(pl.col("verdict") == "false alarm")
    if false.height:
        print(
            f"    {folder.name}: {dict(false.group_by('source', 'sheet', 'column', 'rule').len().rows_by_key('rule'))}"
        )
    missed = faults.filter(~pl.col("found"))
    if missed.height:
        print(f"    {folder.name}: {missed.group_by('kind', 'source', 'sheet', 'column').len().rows()}")
    understood = rightly_understood(missed, intake.rows["members"], dialect)
    return Recall(planted=faults.height, found=faults["found"].sum(), understood=understood, false=false.height)


def rightly_understood(missed: pl.DataFrame, members: pl.DataFrame, dialect: str) -> int:
    """Return how many missed cells of an unknown wording are read as what the wording means."""
    place = {"source": "_source", "sheet": "_sheet", "row": "_row"}
    count = 0
    for planted, (column, code) in MEANT.items():
        read = members.filter(pl.col(column) == code).select(**{name: pl.col(own) for name, own in place.items()})
        cells = missed.filter(kind="unknown_category", column=planted)
        count += cells.join(placed(read, dialect), on=PLACE, how="semi").height
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--accept", type=float, default=0.8)
    parser.add_argument("--list", action="store_true", help="print every header, its new wording and what became of it")
    options = parser.parse_args()
    planted = read_planted(options.data)
    with TemporaryDirectory() as folder:
        tables = [
            tell(name, entry, planted, options.accept, print if options.list else None)
            for name, entry in made(options.data, Path(folder)).items()
        ]
    print_table(pl.concat(tables))


def tell(
    name: str,
    entry: tuple[str, Path, Path, dict[str, str]],
    planted: pl.DataFrame,
    least: float,
    say: Callable[[str], None] | None,
) -> pl.DataFrame:
    dialect, before, after, new = entry
    policy = read_policy()
    proposals = propose_source(after, policy=policy).from_confidence(least)
    proposed = {one.header: one for sheet in proposals.sheets for one in sheet.headers}
    read = {old for old, word in new.items() if any(ALIASES.understood(word, table) for table in ALIASES.headers)}
    for old, word in new.items() if say else ():
        one = proposed.get(word)
        said = "read" if old in read else f"{one.table}.{one.column} {one.confidence} {one.why}" if one else "unknown"
        say(f"    {old} -> {word}: {said}")
    was = recall(before, dialect, planted, policy)
    unasked = recall(after, dialect, planted, policy)
    accepted = recall(after, dialect, planted, proposals.accepted_into(policy))
    return pl.DataFrame(
        {
            "input": name,
            "headers": len(new),
            "read by their parts": len(read),
            "proposed": len({one for one in proposed if one not in read}),
            "planted": was.planted,
            "recall as it was": was.found / was.planted,
            "reworded, nothing accepted": unasked.found / was.planted,
            "reworded, proposals accepted": accepted.found / was.planted,
            "found or rightly understood": (accepted.found + accepted.understood) / was.planted,
            "false alarms": accepted.false,
        }
    )


if __name__ == "__main__":
    main()
