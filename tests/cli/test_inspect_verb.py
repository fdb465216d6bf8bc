"""A bundle through the command line: its card on screen and in files, and every refusal in one line."""

import pytest

from relapse_risk.bundle import rule_bundle
from relapse_risk.cli import run


@pytest.fixture
def bundle(tmp_path):
    path = tmp_path / "rule.rrb"
    rule_bundle().save(path)
    return path


@pytest.mark.parametrize(("lang", "word"), [("zh", "不适用的用途"), ("en", "What it is not for")])
def test_it_is_shown_on_screen(bundle, lang, word, capsys):
    assert run(["inspect", str(bundle), "--lang", lang]) == 0
    out, err = capsys.readouterr()
    assert word in out
    assert err == ""


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_it_is_written_over_only_where_it_is_ours_and_that_is_asked(bundle, suffix, tmp_path, capsys):
    out = tmp_path / f"卡{suffix}"
    asked = ["inspect", str(bundle), "--out", str(out), "--lang", "en"]
    assert run(asked) == 0
    assert str(out) in capsys.readouterr().out
    assert run(asked) == 2
    assert run([*asked, "--overwrite"]) == 0
    out.write_text("notes of others", encoding="utf-8")
    capsys.readouterr()
    assert run([*asked, "--overwrite"]) == 2
    assert out.name in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "notes of others"


@pytest.mark.parametrize(("given", "part"), [("missing.rrb", "missing.rrb"), (".", "Cannot")])
def test_what_is_no_bundle_is_one_line(given, part, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["inspect", given, "--out", "a.md", "--lang", "en"]) == 2
    err = capsys.readouterr().err
    assert part in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "a.md").exists()
