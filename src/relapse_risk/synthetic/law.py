"""The law the invented population follows: what ``parameters.toml`` holds."""

from collections.abc import Mapping

from relapse_risk.policy import PolicyModel
from relapse_risk.synthetic.hazard_law import HazardLaw

__all__ = [
    "GROUPS",
    "BillsLaw",
    "ByGroup",
    "DisastersLaw",
    "ExitsLaw",
    "GroupsLaw",
    "HealthLaw",
    "IncomeLaw",
    "MonitoringLaw",
    "Parameters",
    "PeopleLaw",
    "PlacesLaw",
    "StepsOfEducation",
    "SubsistenceOff",
    "SubsistenceOn",
    "SupportLaw",
    "WorkLaw",
]

GROUPS = ("registered", "near_poor", "general")
"""What a household is when the register begins; arrays hold the index."""


class ByGroup(PolicyModel):
    """A figure by what a household is when the register begins."""

    registered: float
    near_poor: float
    general: float

    def by_group(self) -> list[float]:
        """Return the figures in the order of `GROUPS`."""
        return [self.registered, self.near_poor, self.general]


class PlacesLaw(PolicyModel):
    """Where households live."""

    village_households: int
    county_villages: int
    most_counties: int
    town_villages: int
    province: str
    prefecture: str
    county_first: int
    county_names: tuple[str, ...]
    town_names: tuple[str, ...]
    village_names: tuple[str, ...]
    effect_std_dev: float
    land_std_dev: float


class GroupsLaw(PolicyModel):
    """What households are when the register begins."""

    registered: float
    near_poor: float
    general: float
    size: Mapping[str, tuple[float, ...]]
    cause: Mapping[str, float]


class ExitsLaw(PolicyModel):
    """How registered households leave the register."""

    again: float
    noise: float
    late: float


class StepsOfEducation(PolicyModel):
    """Shares of adults by step of education, one a birth decade from the first."""

    first_decade: int
    none: tuple[float, ...]
    primary: tuple[float, ...]
    junior: tuple[float, ...]
    senior: tuple[float, ...]
    college: tuple[float, ...]


class PeopleLaw(PolicyModel):
    """Births, marriages, deaths and names."""

    spouse: float
    birth: float
    marriage: float
    departure: float
    death_at_30: float
    death_growth: float
    college: float
    surnames: tuple[str, ...]
    stems: tuple[str, ...]
    branches: tuple[str, ...]
    id_region: int
    ethnicity: Mapping[str, float]
    education: StepsOfEducation


class BillsLaw(PolicyModel):
    """Bills of one kind: how many a year, what they cost and who pays."""

    number: float
    cost: int
    std_dev: float
    reimbursed: float
    diseases: tuple[str, ...]


class HealthLaw(PolicyModel):
    """Illness, disability and insurance."""

    chronic_at_50: float
    chronic_growth: float
    chronic_onset: float
    serious: float
    serious_growth: float
    disabled_at_50: float
    disabled_growth: float
    disabled_onset: float
    insured: ByGroup
    pension_insured: float
    correction: float
    category: Mapping[str, float]
    grade: Mapping[str, float]
    bills: Mapping[str, BillsLaw]


class DisastersLaw(PolicyModel):
    """The disasters that hit villages, and how hard."""

    number: float
    hit: float
    loss: float
    std_dev: float
    kind: Mapping[str, float]


class WorkLaw(PolicyModel):
    """Work away from home."""

    first: ByGroup
    rise: ByGroup
    wage: ByGroup
    growth: float
    std_dev: float
    seasonal: float
    again: float
    end: Mapping[str, float]
    crisis: Mapping[str, float]
    region: Mapping[str, float]
    channel: Mapping[str, float]


class IncomeLaw(PolicyModel):
    """What households earn."""

    account_month: int
    farm: ByGroup
    animals: int
    growth: float
    household_std_dev: ByGroup
    persistence: float
    shock: float
    cost_share: float
    land_mu: float
    property: int
    pension: int
    subsidy_mu: int
    account_noise: float
    missing: float
    late: float
    correction: float
    relapse_low: float
    relapse_high: float


class SubsistenceOn(PolicyModel):
    """Shares of households that begin to receive the allowance, or lose it, a year."""

    poor: float
    low: float
    other: float


class SubsistenceOff(PolicyModel):
    """Shares of households that begin to receive the allowance, or lose it, a year."""

    above: float
    other: float


class SupportLaw(PolicyModel):
    """Measures and loans."""

    subsistence_yuan: int
    subsistence_on: SubsistenceOn
    subsistence_off: SubsistenceOff
    industry: ByGroup
    industry_yuan: int
    job: ByGroup
    job_yuan: int
    education: float
    education_yuan: int
    medical_aid: float
    medical_aid_from: int
    medical_aid_share: float
    insurance: float
    relief: float
    relief_share: float
    housing: float
    water: float
    relocated: float
    loan: ByGroup
    loan_yuan: tuple[int, ...]
    loan_years: tuple[int, ...]
    overdue: float
    extended: float
    recovered: float
    house_grade: Mapping[str, float]
    unsafe_water: ByGroup


class MonitoringLaw(PolicyModel):
    """Who is monitored."""

    unstable: float
    near_poor: float
    sudden: float
    sudden_from: int
    noise: float
    cleared: float


class Parameters(PolicyModel):
    """The law the invented population follows; ``parameters.toml`` says of each figure what it is."""

    places: PlacesLaw
    groups: GroupsLaw
    remaining: Mapping[str, float]
    exits: ExitsLaw
    people: PeopleLaw
    health: HealthLaw
    disasters: DisastersLaw
    work: WorkLaw
    income: IncomeLaw
    support: SupportLaw
    monitoring: MonitoringLaw
    lags: Mapping[str, tuple[int, int]]
    hazard: HazardLaw
