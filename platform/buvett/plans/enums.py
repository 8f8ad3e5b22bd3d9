from enum import StrEnum


class Reach(StrEnum):
    """Who carries a measure out."""

    LOCAL = "local"
    INTERMUNICIPAL = "intermunicipal"


class Verdict(StrEnum):
    """What a chief executive answers."""

    SUPPORTS = "supports"  # støttar
    SENDS_BACK = "sends_back"  # sender tilbake, with a remark
