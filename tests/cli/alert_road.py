"""An alert from its listing to the signature over its area, by the command line, in a ledger of either kind."""

from datetime import date

from relapse_risk.cli import run
from tests.monitoring.ledger.ledger_months import JAN, act_of, acts_of, month_of, states_of

BY = ("--operator", "李", "--on", "2020-02-05")
VILLAGES = {"h1": {"village": "上村"}, "h2": {"village": "上村"}, "h3": {"village": "下村"}}


def begin(ledger):
    """Record a month and a visit."""
    ledger.record_month(month_of(JAN, dict.fromkeys(VILLAGES, "red"), places=VILLAGES))
    ledger.act(acts_of(act_of("h1", "visited", date(2020, 2, 3))))


def said(capsys, name, *args, path, code=0, lang="en", of="alerts"):
    assert run([of, name, *map(str, args), "--ledger", str(path), "--lang", lang]) == code
    out, err = capsys.readouterr()
    assert err.count("\n") == (code != 0)
    return out + err


def the_whole_way(path, capsys, ledger):
    said(capsys, "assign", "--household", "h1", "--to", "张", *BY, path=path)
    assert ledger.alerts()["assignee"][0] == "张"
    said(capsys, "propose", "--household", "h1", *BY, path=path)
    refusal = said(capsys, "step", "--household", "h1", "--return", *BY, path=path, code=2)
    assert "no reason is given" in refusal
    for step, day in (("reviewed by the village", 6), ("put on public notice", 7), ("checked by the town", 12)):
        on = f"2020-02-{day:02}"
        said(capsys, "step", "--next-step", step, "--operator", "赵", "--on", on, "--yes", path=path)
    assert states_of(ledger)["h1"] == "cleared"
    said(capsys, "reopen", "--household", "h1", "--note", "误销", "--operator", "赵", "--on", "2020-02-13", path=path)
    assert states_of(ledger)["h1"] == "open"
    for household in ("h1", "h2"):
        refuse = ("--household", household, "--note", "已迁出", "--operator", "赵", "--on", "2020-02-14")
        said(capsys, "refuse", *refuse, path=path)
    sign = ("--level", "group", "--operator", "王", "--on", "2020-02-29", "--yes")
    refusal = said(capsys, "sign-off", *sign, path=path)
    assert "1 alerts are open in it" in refusal
    assert ledger.clearing("group")["signed_by"].to_list() == ["王", None]
    assert "recorded before" in said(capsys, "sign-off", *sign, "--village", "上村", path=path)
    assert "open in it" in said(capsys, "sign-off", *sign, "--village", "下村", path=path, code=2)
    assert ledger.check().is_empty()
