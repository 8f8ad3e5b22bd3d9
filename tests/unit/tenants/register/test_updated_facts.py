"""What a file did not ask about stays as it was in the register."""

from typing import Any

from tenants.register.storing import updated_facts


def assessment(**changed: Any) -> dict[str, Any]:
    facts = {"support": "1", "children": 2, "household": None, "blocked": False, "areas": {"BU": "G"}, "unanswered": {}}
    return facts | changed


def test_answered_facts_are_those_of_the_file() -> None:
    after = updated_facts(assessment(), assessment(support="4", areas={"BU": "R"}))

    assert after == assessment(support="4", areas={"BU": "R"})


def test_fact_that_was_not_asked_keeps_its_value() -> None:
    read = assessment(children=None, unanswered={"children": "not_asked"})

    assert updated_facts(assessment(), read) == assessment()


def test_area_that_was_not_asked_keeps_its_value() -> None:
    read = assessment(areas={"BU": "U"}, unanswered={"areas.BU": "not_asked"})

    assert updated_facts(assessment(), read) == assessment()


def test_fact_that_was_unknown_before_and_not_asked_now_is_still_unknown() -> None:
    before = assessment(children=None, unanswered={"children": "unknown"})
    read = assessment(children=None, unanswered={"children": "not_asked"})

    assert updated_facts(before, read) == before


def test_answer_unknown_in_the_file_replaces_a_value() -> None:
    read = assessment(children=None, unanswered={"children": "unknown"})

    assert updated_facts(assessment(), read) == read


def test_file_never_lifts_a_block() -> None:
    assert updated_facts(assessment(blocked=True), assessment())["blocked"] is True


def test_neither_side_is_changed() -> None:
    before, read = assessment(), assessment(areas={"BU": "U"}, unanswered={"areas.BU": "not_asked"})

    updated_facts(before, read)

    assert (before, read["areas"], read["unanswered"]) == (assessment(), {"BU": "U"}, {"areas.BU": "not_asked"})
