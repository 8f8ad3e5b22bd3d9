"""The facts of the kartlegging, from the versioned code lists: what is asked, in which order, and how it is answered.

A fact without an answer keeps why: not asked, unknown or declined. Where its list has a code for that, the code stands
too, so that counting has one; where it has none, the value is empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from tenants.register.codelists import Answer, Code, CodeList, code_list


class Shape(Enum):
    """How a fact is answered."""

    YEAR = "year"
    COUNT = "count"
    CODE = "code"
    CODES = "codes"


@dataclass(frozen=True, kw_only=True)
class KartleggingFact:
    """One fact. ``name`` is its name in the assessment; an area's is ``areas.BU``."""

    name: str
    shape: Shape
    list_id: str | None = None

    @property
    def area(self) -> str:
        """The code of the function area, or nothing."""
        return self.name.partition(".")[2]

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes that are real answers."""
        if self.list_id is None:
            return ()
        found = code_list(self.list_id)
        return tuple(code for code in found.codes if code.code != no_answer_code(found))


@cache
def kartlegging_facts() -> tuple[KartleggingFact, ...]:
    """All facts of the kartlegging (domain brief, section 10), in the form's order. Gender is not among them."""
    return (
        KartleggingFact(name="birth_year", shape=Shape.YEAR),
        KartleggingFact(name="household", shape=Shape.CODE, list_id="HUSHALD"),
        KartleggingFact(name="children", shape=Shape.COUNT),
        KartleggingFact(name="situation", shape=Shape.CODE, list_id="BUSITUASJON"),
        KartleggingFact(name="groups", shape=Shape.CODES, list_id="MAALGRUPPE"),
        KartleggingFact(name="support", shape=Shape.CODE, list_id="BISTAND"),
        KartleggingFact(name="dwelling", shape=Shape.CODE, list_id="BUSTADTYPE"),
        KartleggingFact(name="skills", shape=Shape.CODES, list_id="BUEVNE"),
        *(
            KartleggingFact(name=f"areas.{area.code}", shape=Shape.CODE, list_id="NIVAA")
            for area in code_list("FUNKSJON").codes
        ),
    )


@cache
def fact_names() -> tuple[str, ...]:
    """The names, in the same order."""
    return tuple(fact.name for fact in kartlegging_facts())


def no_answer_code(codes: CodeList) -> str | None:
    """The code that stands where there is no real answer (UKJEND, 9, U), or None."""
    return next((code for code, _ in codes.answers.values()), None)


def answered(fact: KartleggingFact, value: Any) -> tuple[Any, Answer | None]:
    """What is stored for a value or for an Answer: the value (or the list's code for none), and why there is none."""
    if not isinstance(value, Answer):
        return value, None
    if fact.shape is Shape.CODES:
        return [], value
    return no_answer_code(code_list(fact.list_id)) if fact.list_id else None, value


def answer_of(fact: KartleggingFact, assessment: Mapping[str, Any]) -> Any:
    """The value of a fact, or the Answer that stands for none. The inverse of ``answered``."""
    group, _, key = fact.name.partition(".")
    value = assessment[group].get(key) if key else assessment[group]
    state = assessment["unanswered"].get(fact.name)
    if state is not None:
        return Answer(state)
    if value is None:
        return Answer.NOT_ASKED
    if fact.list_id and value == no_answer_code(code_list(fact.list_id)):
        return Answer.UNKNOWN
    return value


def with_answers(assessment: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The assessment with values or Answers for the named facts; the others stay."""
    after = {**assessment, "areas": dict(assessment["areas"]), "unanswered": dict(assessment["unanswered"])}
    for fact in kartlegging_facts():
        if fact.name not in values or _same(values[fact.name], answer_of(fact, assessment)):
            continue
        stored, state = answered(fact, values[fact.name])
        if fact.area:
            after["areas"][fact.area] = stored
        else:
            after[fact.name] = stored
        after["unanswered"].pop(fact.name, None)
        if state is not None:
            after["unanswered"][fact.name] = state.value
    after["unanswered"] = dict(sorted(after["unanswered"].items()))
    return after


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and one == other)


def blank_assessment(*, registered: str) -> dict[str, Any]:
    """The assessment of someone about whom nothing has been asked yet."""
    nothing: dict[str, Any] = {
        **{fact.name: None for fact in kartlegging_facts() if not fact.area},
        "registered": registered,
        "address_protected": False,
        "objected": False,
        "blocked": False,
        "closed_on": None,
        "reopened_on": None,
        "areas": {},
        "unanswered": {},
    }
    for fact in kartlegging_facts():
        stored, _ = answered(fact, Answer.NOT_ASKED)
        if fact.area:
            nothing["areas"][fact.area] = stored
        else:
            nothing[fact.name] = stored
        nothing["unanswered"][fact.name] = Answer.NOT_ASKED.value
    return nothing
