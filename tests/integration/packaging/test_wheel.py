"""What a wheel of this distribution holds, and what its base install can do alone."""

import platform
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "tests" / "data" / "vt-2026"


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.parametrize(
    "needed",
    [
        "buvett/pages/templates/pages/regional/region.html",
        "buvett/locale/nn/LC_MESSAGES/django.mo",
        "buvett/locale/nb/LC_MESSAGES/django.mo",
        "buvett/demo/registers/4022-seljord.xlsx",
        "buvett/demo/region.toml",
        "buvett/releases/programmes/vt-2026.toml",
        "buvett/pages/templates/cotton/page_head.html",
        "buvett/pages/static/designsystemet/index.css",
        "buvett/pages/static/designsystemet/theme.css",
        "buvett/pages/static/designsystemet/index.js",
        "buvett/pages/static/designsystemet/LICENSES.txt",
        "buvett/pages/help/glossary.toml",
        "buvett/locale/formats/en/formats.py",
        "tenants/legal/data/heimel.toml",
        "tenants/legal/data/teieplikt-2026-1.nn.txt",
        "tenants/py.typed",
        "anonymisation/py.typed",
    ],
)
def test_wheel_holds_data_file(wheel, needed):
    assert needed in zipfile.ZipFile(wheel).namelist()


def test_wheel_holds_static_files_and_code_lists(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    assert any(name.startswith("buvett/pages/static/") and name.endswith(".css") for name in names)
    assert any(name.startswith("buvett/pages/static/designsystemet/icons/") for name in names)
    assert any(name.startswith("tenants/register/codelists/data/") for name in names)


def test_wheel_without_the_pages_style_is_not_built(tmp_path):
    """What git holds alone, as a clone is before set-up."""
    for name in ("pyproject.toml", "README.md", "platform", "tenants", "anonymisation", "deploy"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "platform").unlink()
    shutil.copytree(ROOT / "platform", tmp_path / "platform", ignore=shutil.ignore_patterns("designsystemet"))

    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "lacks index.css, theme.css, index.js, LICENSES.txt: run sh deploy/assets/bring" in done.stderr + done.stdout
    assert not list(tmp_path.glob("out/*"))


def test_wheel_holds_nothing_else_at_its_top(wheel):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"anonymisation", "buvett", "tenants"}


def test_base_install_protects_and_audits_without_django(wheel, tmp_path):
    venv.create(tmp_path / "clean", with_pip=True)
    python = tmp_path / "clean" / "bin" / "python"
    locked = run(python, "-m", "pip", "install", "-q", "--require-hashes", "-r", ROOT / "deploy" / "base.lock")
    assert locked.returncode == 0, locked.stderr
    assert run(python, "-m", "pip", "install", "-q", "--no-deps", wheel).returncode == 0
    programme = tmp_path / "P.toml"
    programme.write_text(
        '[programme]\nid = "p"\nperiod = "2026"\npopulation = "p"\ncontributor = "place"\n'
        "[policy]\nthreshold = 5\n"
        '[dimensions.place]\ntotal = "ALL"\ncodes = ["A", "B", "C", "D"]\n'
        '[dimensions.kind]\ntotal = "ALL"\ncodes = ["X", "Y"]\n'
        '[[tables]]\nid = "t"\ndimensions = ["place", "kind"]\n',
        encoding="utf-8",
    )
    counts = tmp_path / "C.csv"
    cells = [("A", 9, 3), ("B", 8, 12), ("C", 11, 2), ("D", 7, 10)]
    rows = [f"{place},{kind},{n}" for place, x, y in cells for kind, n in (("X", x), ("Y", y))]
    counts.write_text("\n".join(["place,kind,n", *rows, ""]), encoding="utf-8")
    anonymise = tmp_path / "clean" / "bin" / "anonymise"
    release = tmp_path / "R.json"

    protected = run(anonymise, "protect", "--programme", programme, "--counts", counts, "--out", release, cwd=tmp_path)
    audited = run(anonymise, "audit", "--programme", programme, "--release", release, "--truth", counts, cwd=tmp_path)

    assert (protected.returncode, protected.stderr) == (0, "")
    assert audited.returncode == 0, audited.stderr
    assert run(python, "-c", "import django", cwd=tmp_path).returncode == 1


def test_platform_is_the_standard_librarys_own():
    """platform/ is a source root: with an __init__.py it would shadow the standard library's module."""
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert Path(platform.__file__).resolve().is_relative_to(Path(sys.base_prefix).resolve())
    asked = run(sys.executable, "-c", "import platform; print(platform.python_version())", cwd=ROOT)
    assert asked.stdout.strip() == platform.python_version()
