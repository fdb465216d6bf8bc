"""Limits, severities and wordings of the audit's rules: what ``audit.toml`` holds."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.files import read_data
from relapse_risk.policy.model import PolicyModel, only_keys, refuse

__all__ = ["AuditLimits", "AuditPolicy", "ComparedAudits", "RuleWording", "Severity"]

Severity = Literal["refuse", "warn", "note"]
Amount = Annotated[float, Field(ge=0)]


class AuditLimits(PolicyModel):
    """Up to where figures are believed; ``audit.toml`` says of each what it is."""

    yuan: Amount
    share: float = Field(ge=0, le=1)
    cents: Amount
    persons: int = Field(ge=1)
    age: Amount
    head_age: Amount
    spouse_age: Amount
    child_after_head: Amount
    grandchild_after_head: Amount
    parent_after_head: float
    grandparent_after_head: float
    hired_age: Amount
    hired_until: Amount
    stay_days: Amount
    settling_days: Amount
    period_days: Amount
    months_worked: Amount
    wage_unworked: Amount
    loan: Amount
    loan_days: Amount
    days_after_due: Amount
    borrower_age: Amount
    farmland_mu: Amount
    first_exit: Amount
    aid: Amount
    temporary_days: Amount
    loss: Amount
    wage: Amount
    preschool_from: Amount
    preschool_until: Amount
    primary_from: Amount
    primary_until: Amount
    junior_from: Amount
    junior_until: Amount
    senior_from: Amount
    senior_until: Amount
    college_from: Amount
    college_until: Amount
    primary_learnt: Amount
    junior_learnt: Amount
    senior_learnt: Amount
    college_learnt: Amount
    dropout_from: Amount
    dropout_until: Amount
    compulsory_from: Amount
    compulsory_until: Amount
    pension_age: Amount
    able_age: Amount
    able_until: Amount
    worked_age: Amount
    unable_months: Amount
    working_from: Amount
    working_until: Amount
    able_workers: int = Field(ge=1)
    lines_over: float = Field(gt=1)
    per_person: Amount
    business_costless: Amount
    farmland_person_mu: Amount
    clearing_days: Amount
    pensioner_age: Amount


class ComparedAudits(PolicyModel):
    """From when on something counts as not sent again, where an audit is compared with an earlier one."""

    sent_share: float = Field(gt=0, le=1)
    least_households: int = Field(ge=1)


class RuleWording(Bilingual):
    """How grave it is where a rule is broken, what is wrong then, and what to do about it (a key of ``todo``)."""

    severity: Severity
    todo: str


class AuditPolicy(PolicyModel):
    """What ``audit.toml`` holds.

    Attributes
    ----------
    limits : AuditLimits
    compared : ComparedAudits
    todo : Mapping of str to Bilingual
        What to do about findings, by a name that rules refer to.
    families : Mapping of str to Bilingual
        What families of rules are called.
    rules : Mapping of str to RuleWording
        By the rule's id.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> audit = read_policy().audit
    >>> audit.limits.head_age, audit.rules["too_old"].severity, audit.todo_of("too_old").en
    (16.0, 'warn', 'Check the identity card and correct the date of birth')
    """

    limits: AuditLimits
    compared: ComparedAudits
    todo: Mapping[str, Bilingual]
    families: Mapping[str, Bilingual]
    rules: Mapping[str, RuleWording]

    @field_validator("families", "rules", mode="before")
    @classmethod
    def _ours_alone(cls, entries: object, info: ValidationInfo) -> object:
        """Refuse what the code has no rule or family for: nobody would read it."""
        only_keys(entries, tuple(read_data("audit", str(info.field_name))))
        return entries

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        for rule, entry in self.rules.items():
            if entry.todo not in self.todo:
                refuse("allowed_codes", key=f"rules.{rule}.todo", found=entry.todo, known=", ".join(self.todo))
        return self

    @model_validator(mode="after")
    def _nothing_to_fill_in(self) -> Self:
        for table, entries in (("todo", self.todo), ("families", self.families), ("rules", self.rules)):
            texts = ((code, lang, entry.in_language(lang)) for code, entry in entries.items() for lang in ("zh", "en"))
            for code, lang, text in texts:
                if "{" in text or "}" in text:
                    refuse("allowed_placeholders", key=f"{table}.{code}.{lang}", found=text, known="-")
        return self

    def todo_of(self, rule: str) -> Bilingual:
        """Return what to do where a rule is broken."""
        return self.todo[self.rules[rule].todo]
