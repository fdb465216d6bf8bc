"""Lists of persons that name only some members of households: the insured, pupils, the disabled."""

from relapse_risk.ingest.cells import compact
from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.layout import TableMapping
from relapse_risk.ingest.sources import Sheet

__all__ = ["names_some"]

# Columns by which a list of persons says whose household they are of, and so that it goes through households.
_OF_HOUSEHOLD = ("household_id", "head_id_number", "relation")


def names_some(sheet: Sheet, layout: TableMapping, aliases: Aliases) -> bool:
    """Return whether a list of persons names only some members of households, so that who is absent has not left.

    Its name says so; or it says of nobody whose household he is of, so that their number alone finds them, and not that
    it is of members as such.

    Examples
    --------
    >>> from relapse_risk.ingest.layout import understand
    >>> from relapse_risk.policy import read_policy
    >>> aliases = Aliases.of(read_policy().aliases)
    >>> rows = [["姓名", "身份证号", "年度", "参保状态"], ["某甲", "533399196001010035", "2025", "已参保"]]
    >>> sheet = Sheet(source="村.xlsx", name="城乡医保", rows=rows, alone=False)
    >>> names_some(sheet, understand(sheet, aliases).layouts[0], aliases)
    True
    """
    if layout.table != "members":
        return False
    name = compact(sheet.name) + (compact(sheet.source.rpartition(".")[0]) if sheet.alone else "")
    if any(word in name for word in aliases.names.all_members):
        return False
    if any(word in name for word in aliases.names.some_members):
        return True
    return not {*_OF_HOUSEHOLD} & {*layout.columns} and not any(word in name for word in aliases.names.of_members)
