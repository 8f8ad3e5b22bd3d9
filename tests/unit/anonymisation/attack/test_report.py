"""The report is exactly what FORMATS.md says."""

from anonymisation.attack import AttackerReport, AuditReport, Exposed

FOUND = Exposed("t", ("A", "K"), 0, 2)


def test_report_to_json():
    report = AuditReport(
        (AttackerReport("public", 7, ()), AttackerReport("A", 5, (FOUND,), (Exposed("t", ("B",), 1, None),)))
    )
    assert report.to_json() == {
        "format": "anonymise/audit/1",
        "safe": False,
        "complete": True,
        "attackers": [
            {"who": "public", "checked": 7, "disclosed": [], "narrow": []},
            {
                "who": "A",
                "checked": 5,
                "disclosed": [{"table": "t", "key": ["A", "K"], "lower": 0, "upper": 2}],
                "narrow": [{"table": "t", "key": ["B"], "lower": 1, "upper": None}],
            },
        ],
    }


def test_report_unfinished_is_not_safe():
    report = AuditReport((AttackerReport("public", 7, (), (), unfinished=1),))
    assert not report.safe
    assert not report.complete


def test_report_narrow_alone_is_safe():
    assert AuditReport((AttackerReport("public", 7, (), (FOUND,)),)).safe


def test_exposed_names_margin_release_and_difference():
    told = Exposed("t", ("A",), 0, 1, margin="kind", release="q", difference="revision 0").to_json()
    assert told == {
        "table": "t",
        "key": ["A"],
        "lower": 0,
        "upper": 1,
        "margin": "kind",
        "release": "q",
        "difference": "revision 0",
    }
