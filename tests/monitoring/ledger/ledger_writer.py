"""A process of its own that records the invented months in a ledger, and its share of the acts after each."""

import sys

from relapse_risk.monitoring import open_ledger
from tests.monitoring.ledger.ledger_months import ONE_STEP, long_run, share_of


def main(url: str, months: str, part: str, of: str) -> None:
    ledger = open_ledger(url, policy=ONE_STEP)
    print("ready", flush=True)
    sys.stdin.readline()
    for month, acts in long_run(months=int(months)):
        ledger.record_month(month)
        ledger.act(share_of(acts, int(part), int(of)))


if __name__ == "__main__":
    main(*sys.argv[1:])
