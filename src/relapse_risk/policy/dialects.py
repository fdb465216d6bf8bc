"""How the invented register is written in each dialect: what ``dialects.toml`` holds."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from relapse_risk.policy.model import Entries, PolicyModel

__all__ = ["DialectColumn", "DialectsFile", "RegistryDialect", "WordingByDialect"]

Texts = Entries[str]


class DialectColumn(PolicyModel):
    """What is under a header; a text is the column alone.

    Attributes
    ----------
    column : str
        The column of the view.
    form : str
        How a list writes days: ``iso``, ``slash`` or ``compact``.
    words : tuple of str
        What a list writes for yes and no.
    per : int
        What a list divides amounts by.
    shows : str
        The column whose faults show under it, if it is another one.
    """

    column: str
    form: Literal["iso", "slash", "compact"] = "iso"
    words: tuple[str, str] = ("是", "否")
    per: int = Field(default=1, ge=1)
    shows: str = ""

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, data: object) -> object:
        return {"column": data} if isinstance(data, str) else data


class DialectView(PolicyModel):
    """A sheet or a list: the view that is written in it, its headers in order, and the columns that are added up."""

    view: str
    columns: Mapping[str, DialectColumn]
    totals: Texts = ()


class RegistryDialect(PolicyModel):
    """One workbook a county."""

    file: str
    title: str
    unit: str
    exported: str
    total: str
    sheets: Mapping[str, DialectView]


class DepartmentsDialect(PolicyModel):
    """One list a file, of the whole prefecture."""

    file: str
    sheets: Mapping[str, DialectView]


class ReliefMeasures(PolicyModel):
    """The measures that are the civil affairs office's own."""

    kinds: Texts


class CertificateDigits(PolicyModel):
    """The digit of each category of disability in a certificate's number."""

    category: Mapping[str, str]


class WordingByDialect(PolicyModel):
    """What stands for a code; a text stands for it in every dialect.

    Examples
    --------
    >>> WordingByDialect.model_validate("男").of("registry")
    '男'
    """

    registry: str
    departments: str

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, data: object) -> object:
        return {"registry": data, "departments": data} if isinstance(data, str) else data

    def of(self, dialect: str) -> str:
        """Return the wording in a dialect."""
        return self.registry if dialect == "registry" else self.departments


class DialectsFile(PolicyModel):
    """What ``dialects.toml`` holds.

    Attributes
    ----------
    registry : RegistryDialect
    departments : DepartmentsDialect
    relief : ReliefMeasures
    certificate : CertificateDigits
    wordings : Mapping of str to Mapping of str to WordingByDialect
        What stands for each code, by dictionary.
    unknown : Mapping of str to tuple of str
        What a planted unknown category says, by column.
    habits : Mapping of str to float
        The share of a column's cells that are typed otherwise than the rest of it, by kind.
    """

    registry: RegistryDialect
    departments: DepartmentsDialect
    relief: ReliefMeasures
    certificate: CertificateDigits
    wordings: Mapping[str, Mapping[str, WordingByDialect]]
    unknown: Mapping[str, Texts]
    habits: Mapping[str, Annotated[float, Field(ge=0, le=1)]]

    def sheets_of(self, dialect: str) -> Mapping[str, DialectView]:
        """Return the sheets or lists of a dialect by name, in order."""
        return self.registry.sheets if dialect == "registry" else self.departments.sheets
