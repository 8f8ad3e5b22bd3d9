"""The two commands and what they share: what they say on a machine that lacks something."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ("demo", "setup", "test")


def shell(script: str, *arguments: str, root: Path = ROOT, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
    argv = ["/bin/sh", str(root / "deploy" / script), *arguments]
    return subprocess.run(
        argv, env={"PATH": path, "CI": "true"}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which nothing is set up."""
    shutil.copytree(ROOT / "deploy", tmp_path / "ein klon" / "deploy")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "ein klon")
    return tmp_path / "ein klon"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A path with the plainest tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "dirname", "cat", "date", "grep", "sort", "tail", "tr", "id", "uname"):
        (folder / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    return folder


def python(folder: Path, name: str, *, version: tuple[int, int], venv: bool) -> None:
    """A stand-in that answers the questions which the script asks of an interpreter."""
    code = f"""#!/bin/sh
case "$2" in
    *"< (3, 11)"*) exit {int(version < (3, 11))} ;;
    *ensurepip*) exit {int(not venv)} ;;
    *"%d.%d"*) echo {version[0]}.{version[1]} ;;
    *) exit 9 ;;
esac
"""
    (folder / name).write_text(code)
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("script", [*SCRIPTS, "assets/bring"])
def test_script_is_plain_sh(script: str) -> None:
    done = subprocess.run(["/bin/sh", "-n", ROOT / "deploy" / script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert (ROOT / "deploy" / script).read_text().startswith("#!/bin/sh\n")


def test_no_script_or_lock_names_a_registry() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "deploy").rglob("*") if path.is_file())

    assert (
        re.findall(r"https?://\S+|--index-url|--extra-index-url|--find-links", text.replace("--no-emit-find-links", ""))
        == []
    )


@pytest.mark.parametrize("lock", ["base.lock", "platform.lock", "test.lock", "assets/node.lock"])
def test_lock_every_package_has_a_version_and_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / "deploy" / lock).read_text().strip())

    assert entries
    assert [
        entry.split()[0] for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry
    ] == []


def test_lock_of_the_tests_contains_the_platforms_in_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-zA-Z][\w.-]*==\S+)", (ROOT / "deploy" / name).read_text(), re.MULTILINE))

    assert pins("platform.lock") <= pins("test.lock")
    assert pins("base.lock") <= pins("platform.lock")


def test_npm_lock_pins_every_package_by_hash_and_names_no_address() -> None:
    locked = json.loads((ROOT / "deploy" / "assets" / "package-lock.json").read_text())["packages"]
    packages = {path: entry for path, entry in locked.items() if path}

    assert {locked[f"node_modules/@digdir/designsystemet-{part}"]["version"] for part in ("css", "web")} == {"1.22.0"}
    assert [path for path, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert [path for path, entry in packages.items() if "resolved" in entry or entry["license"] != "MIT"] == []


def test_pictures_leave_the_style_sheet(tmp_path: Path) -> None:
    sheet = tmp_path / "index.css"
    sheet.write_text(
        """.a{--x:url("data:image/svg+xml;charset=utf-8,%3Csvg%3Eå)%3C%2Fsvg%3E");color:red}"""
        """.b{mask:url('data:image/svg+xml;charset=utf-8,<svg fill="x"/>')}.c{--x:url(data:image/svg+xml,%3Csvg%3E)}""",
        encoding="utf-8",
    )

    subprocess.run([sys.executable, ROOT / "deploy" / "assets" / "unpack.py", sheet], check=True)

    text = sheet.read_text()
    icons = re.findall(r'url\("(icons/[0-9a-f]{12}\.svg)"\)', text)
    assert [(tmp_path / icon).read_text(encoding="utf-8") for icon in icons] == [
        "<svg>å)</svg>",
        '<svg fill="x"/>',
        "<svg>",
    ]
    assert ("data:" in text, ";color:red}" in text) == (False, True)


def test_picture_that_cannot_be_moved_stops_the_build(tmp_path: Path) -> None:
    sheet = tmp_path / "index.css"
    sheet.write_text('.a{background:url("data:image/png;base64,AAAA")}')

    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "assets" / "unpack.py", sheet], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (1, "index.css still holds a data: address\n")


def test_assets_that_are_there_are_not_brought_again(clone: Path) -> None:
    """Without npm, without pip, without a network: nothing is asked for as long as the lock is the same."""
    target = clone / "platform" / "buvett" / "pages" / "static" / "designsystemet"
    shutil.copytree(ROOT / target.relative_to(clone), target)
    (clone / ".venv").mkdir()
    shutil.copy(ROOT / ".venv" / ".made-of-assets", clone / ".venv")

    done = shell("assets/bring", root=clone)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_assets_of_another_lock_are_asked_for_and_what_is_there_stays_when_that_fails(
    clone: Path, tmp_path: Path
) -> None:
    target = clone / "platform" / "buvett" / "pages" / "static" / "designsystemet"
    shutil.copytree(ROOT / target.relative_to(clone), target)
    (clone / ".venv").mkdir()
    (clone / ".venv" / ".made-of-assets").write_text("another\n")
    stand_ins = tmp_path / "stand-ins"
    stand_ins.mkdir()
    for name, code in {"node": 0, "npm": 1}.items():
        (stand_ins / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (stand_ins / name).chmod(0o755)

    done = shell("assets/bring", root=clone, path=f"{stand_ins}:{os.defpath}")

    assert (done.returncode, done.stderr) == (
        1,
        "npm could not bring the packages of deploy/assets/package-lock.json.\n",
    )
    assert {path.name for path in target.iterdir()} == {
        "index.css",
        "theme.css",
        "index.js",
        "LICENSES.txt",
        "icons",
    }


def test_setup_without_python_says_what_is_needed(clone: Path, bare: Path) -> None:
    done = shell("setup", "platform", root=clone, path=str(bare))

    assert done.returncode == 2
    assert done.stderr == "bu-vett needs Python 3.11 or newer; no python3 on the path is.\n"


def test_setup_with_an_old_python_only_says_the_same(clone: Path, bare: Path) -> None:
    python(bare, "python3", version=(3, 9), venv=True)

    assert shell("setup", "platform", root=clone, path=str(bare)).returncode == 2


def test_setup_without_the_venv_package_names_the_one_command(clone: Path, bare: Path) -> None:
    python(bare, "python3", version=(3, 13), venv=False)

    done = shell("setup", "platform", root=clone, path=str(bare))

    assert done.returncode == 2
    assert done.stderr.endswith("apt-get install python3.13-venv\n")
    assert not (clone / ".venv").exists()


def test_setup_unknown_kind_is_refused(clone: Path) -> None:
    assert shell("setup", "everything", root=clone).returncode == 2


def test_test_unknown_argument_is_refused() -> None:
    done = shell("test", "--quick")

    assert (done.returncode, done.stderr) == (2, "usage: sh deploy/test [--long]\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root's own run would install what is missing")
def test_test_without_a_browser_says_so_and_skips_nothing(clone: Path, bare: Path) -> None:
    done = shell("test", root=clone, path=str(bare))

    assert done.returncode == 2
    assert "hromium" in done.stderr
