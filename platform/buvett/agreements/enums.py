from enum import StrEnum


class Missing(StrEnum):
    """What a municipality may lack before its numbers leave the house. Public facts, in this order."""

    MEMBERSHIP = "membership"  # not a live member of the agreement
    PROCESSOR_AGREEMENT = "processor_agreement"
    DPIA = "dpia"
    APPROVAL = "approval"  # no live standing approval by another than whoever prepares
    HEIMEL = "heimel"  # no live legal basis for REGIONAL; known within the municipality's own scope
    FACTS = "facts"  # the register holds facts that the programme has no code for
    KEY = "key"  # what numbers are sealed to is not signed by the region as the contributor knows it
