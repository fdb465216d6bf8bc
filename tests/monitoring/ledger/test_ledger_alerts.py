"""Alerts acted on from the command line, on a server."""

from relapse_risk.monitoring import open_ledger
from tests.cli.alert_road import begin, the_whole_way


def test_an_alert_goes_the_whole_way_on_a_server(postgresql_url, capsys):
    ledger = open_ledger(postgresql_url)
    begin(ledger)
    the_whole_way(postgresql_url, capsys, ledger)
