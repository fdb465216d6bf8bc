"""What every verb needs while it runs: progress on the screen, texts, and what it says and leaves."""

from relapse_risk.cli.session.bars import Bars
from relapse_risk.cli.session.session import (
    Session,
    account_of,
    aligned,
    open_session,
    remark_records,
    tell_curve,
    tell_intake,
    tell_remarks,
    tell_verdict,
)

__all__ = [
    "Bars",
    "Session",
    "account_of",
    "aligned",
    "open_session",
    "remark_records",
    "tell_curve",
    "tell_intake",
    "tell_remarks",
    "tell_verdict",
]
