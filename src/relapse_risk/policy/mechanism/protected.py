"""What households are not ranked by: what ``protected.toml`` holds."""

from relapse_risk.policy.bilingual import Bilingual

__all__ = ["ProtectedKind"]


class ProtectedKind(Bilingual):
    """One thing that no household is ranked by and that is never a reason.

    Attributes
    ----------
    columns : tuple of str
        Columns of records (``table.column``): every feature made of one is protected.
    features : tuple of str
        Features that are protected by name.
    predictor : bool
        Whether an office lets models use it all the same.
    """

    columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    predictor: bool = False
