"""Which rules are broken, and which tests must notice: first the quick ones, for the survivors the next stage.

``--confcutdir`` keeps out the servers that `tests/conftest.py` prepares, where a module's tests need none.
"""

from dataclasses import dataclass

VAULT = "--confcutdir=tests/unit/tenants/vault"
REGISTER = "--confcutdir=tests/unit/tenants/register"
NUMBERS = "--confcutdir=tests/unit/anonymisation"
MANY, FEW = 25, 10
"""Mutants tried of a module: few where each trial starts a database."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A module (path from the root) and the arguments of pytest, stage by stage."""

    module: str
    stages: tuple[tuple[str, ...], ...]
    mutants: int = MANY


def _vault(module: str, *stages: tuple[str, ...]) -> Target:
    inside = tuple((VAULT, *(f"tests/unit/tenants/vault/{name}.py" for name in stage)) for stage in stages)
    return Target(module=f"tenants/vault/{module}.py", stages=inside)


def _suppression(module: str, *stages: tuple[str, ...]) -> Target:
    inside = tuple((NUMBERS, *(f"tests/unit/anonymisation/suppression/{name}.py" for name in one)) for one in stages)
    return Target(module=f"anonymisation/suppression/{module}.py", stages=inside)


def _attack(module: str, *stages: tuple[str, ...]) -> Target:
    inside = tuple((NUMBERS, *(f"tests/unit/anonymisation/attack/{name}.py" for name in stage)) for stage in stages)
    return Target(module=f"anonymisation/attack/{module}.py", stages=inside)


TARGETS = (
    _vault("envelope", ("test_envelope", "test_vectors", "test_sealing", "test_opening_many")),
    _vault("committing", ("test_committing", "test_vectors", "test_envelope")),
    _vault("receipts", ("test_receipts", "test_sealing")),
    _vault("sealing", ("test_sealing", "test_opening_many"), ("test_receipts", "test_rotation")),
    _vault("blind_index", ("test_blind_index", "test_vectors")),
    Target(
        module="tenants/isolation/context.py",
        stages=(
            ("tests/unit/tenants/isolation/test_context.py",),
            ("tests/attacks/test_p1_isolation_contexts.py",),
        ),
        mutants=FEW,
    ),
    Target(
        module="tenants/isolation/keys.py",
        stages=(("tests/unit/tenants/isolation/test_keys.py",), ("tests/unit/tenants/isolation/test_provision.py",)),
    ),
    Target(
        module="tenants/isolation/scopes.py", stages=(("tests/unit/tenants/isolation/test_scopes.py",),), mutants=FEW
    ),
    Target(
        module="platform/buvett/access/policies.py",
        stages=(("tests/unit/buvett/access/test_roles.py",), ("tests/unit/buvett/access/test_gates.py",)),
        mutants=FEW,
    ),
    Target(module="platform/buvett/releases/states.py", stages=(("tests/unit/buvett/releases/test_states.py",),)),
    Target(module="platform/buvett/releases/tabulate.py", stages=(("tests/unit/buvett/releases/test_tabulate.py",),)),
    Target(
        module="platform/buvett/releases/sealing.py",
        stages=(("--confcutdir=tests/unit/buvett/releases", "tests/unit/buvett/releases/test_sealing.py"),),
    ),
    Target(
        module="tenants/register/identity_number.py",
        stages=((REGISTER, "tests/unit/tenants/register/test_identity_number.py"),),
    ),
    Target(
        module="tenants/register/counting.py",
        stages=((REGISTER, "tests/unit/tenants/register/test_counting.py"),),
    ),
    Target(
        module="anonymisation/suppression/smallness.py",
        stages=(
            (NUMBERS, "tests/unit/anonymisation/suppression/test_smallness.py"),
            (NUMBERS, "tests/unit/anonymisation/suppression/test_safe.py"),
        ),
    ),
    Target(
        module="anonymisation/attack/quantities.py",
        stages=(
            (NUMBERS, "tests/unit/anonymisation/attack/test_quantities.py"),
            (NUMBERS, "tests/unit/anonymisation/attack/test_auditing.py"),
        ),
    ),
    _attack("sight", ("test_auditing",)),
    Target(
        module="anonymisation/counts.py",
        stages=(
            (NUMBERS, "tests/unit/anonymisation/test_counts_agreeing.py"),
            (NUMBERS, "tests/unit/anonymisation/test_counts.py"),
        ),
    ),
    Target(module="anonymisation/programme.py", stages=((NUMBERS, "tests/unit/anonymisation/test_programme.py"),)),
    _suppression("remainder", ("test_remainder",)),
    _suppression("pattern", ("test_pattern",)),
    _suppression("earlier", ("test_earlier",)),
    _suppression("proof", ("test_proof",)),
    _suppression("unit", ("test_unit",)),
    _attack("truth", ("test_truth",)),
    _attack("correction", ("test_correction",)),
    _attack("crossing", ("test_crossing",)),
    _attack("elsewhere", ("test_elsewhere",)),
    _suppression("stock", ("test_stock",), ("test_covering",)),
    _suppression("crosses", ("test_crosses",)),
)
