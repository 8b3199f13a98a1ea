"""What is installed is what was locked, listed and allowed; what is said of the project is its own."""

import ast
import json
import re
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cepsim

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, LICENCES = PYPROJECT["project"], PYPROJECT["tool"]["cepsim"]["licences"]
LOCKS = ("requirements.lock", "supply/tools.lock")

#: What SECURITY.md says that the package does without: connections, other programs, code out of files.
APART = {
    "ctypes", "ftplib", "http", "httpx", "marshal", "requests", "runpy", "shelve", "smtplib", "socket", "ssl",
    "subprocess", "urllib", "yaml",
}  # fmt: skip
CALLS_APART = {
    "__import__",
    "compile",
    "eval",
    "exec",
    "os.execv",
    "os.execve",
    "os.popen",
    "os.system",
    "pd.eval",
}

#: Of a package: name, version, marker, hashes.
Pin = tuple[str, str, str, frozenset[str]]


def _pins(lock: str) -> list[Pin]:
    lines = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = []
    for line in lines:
        asked, *hashes = line.split("--hash=sha256:")
        requirement = Requirement(asked.strip())
        (version,) = requirement.specifier
        assert version.operator == "=="
        marker = str(requirement.marker or "")
        found.append((requirement.name, version.version, marker, frozenset(each.strip() for each in hashes)))
    return found


@pytest.fixture(scope="module")
def bill() -> dict:
    return json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_locked_has_one_version_and_the_hashes_of_its_files(lock):
    pins = _pins(lock)
    assert pins
    for name, _, _, hashes in pins:
        assert hashes, name
        assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes), name


def test_everything_the_project_asks_for_is_locked():
    asked = sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])
    locked = {name for name, *_ in _pins("requirements.lock")}
    assert {canonicalize_name(Requirement(each).name) for each in asked} <= locked
    tools = {Requirement(each).name for each in PYPROJECT["dependency-groups"]["supply"]}
    assert tools <= {name for name, *_ in _pins("supply/tools.lock")}


def test_what_the_package_needs_it_imports_and_a_peer_only_to_compare_speeds():
    imported: dict[str, set[str]] = {}
    for path in sorted((ROOT / "cepsim").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                imported.setdefault(name.partition(".")[0], set()).add(path.relative_to(ROOT).as_posix())

    def module(asked: str) -> str:
        return Requirement(asked).name.replace("-", "_")

    assert {module(each) for each in PROJECT["dependencies"]} <= imported.keys()
    peers = {module(each) for each in PROJECT["optional-dependencies"]["peers"]}
    assert {name: imported[name] for name in peers & imported.keys()} == {
        "ciw": {"cepsim/experiment/bench_systems.py"}
    }


def test_no_lock_and_no_bill_says_where_a_package_is_fetched(bill):
    for lock in LOCKS:
        assert "://" not in (ROOT / lock).read_text(encoding="utf-8")
    schema = bill.pop("$schema")
    assert "://" in schema
    assert "://" not in json.dumps(bill)


def test_the_bill_of_materials_lists_what_is_locked_and_nothing_else(bill):
    listed: list[Pin] = []
    for component in bill["components"]:
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"
        (files,) = component["externalReferences"]
        assert {each["alg"] for each in files["hashes"]} == {"SHA-256"}
        marker = "".join(each["value"] for each in component.get("properties", ()))
        # as `packaging` writes it
        marker = str(Requirement(f"x ; {marker}").marker) if marker else ""
        hashes = frozenset(each["content"] for each in files["hashes"])
        listed.append((component["name"], component["version"], marker, hashes))
    assert sorted(listed, key=lambda pin: pin[:2]) == sorted(
        _pins("requirements.lock"), key=lambda pin: pin[:2]
    )


def test_the_bill_of_materials_is_that_of_this_version_and_of_no_date(bill):
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    main = bill["metadata"].pop("component")
    assert (main["name"], main["version"]) == (PROJECT["name"], cepsim.__version__)
    assert main["licenses"] == [{"license": {"id": PROJECT["license"]}}]
    assert not bill["metadata"]
    assert "serialNumber" not in bill


def _declared(installed: Distribution) -> str:
    """What a package says of its licence: its expression, else its classifiers, else its words."""
    said = installed.metadata
    if expression := said.get("License-Expression"):
        return expression
    classifiers = [
        each.removeprefix("License :: ")
        for each in said.get_all("Classifier", [])
        if each.startswith("License ::")
    ]
    return " AND ".join(sorted(classifiers)) or (said.get("License") or "").strip()


def _refused(name: str, declared: str) -> str | None:
    """Why a package that declares a licence may not be used; None if it may.

    Of an expression each licence must be allowed, those left to choice included.
    """
    if exception := LICENCES["exceptions"].get(name):
        return None if exception["declared"] == declared else f"{name}: {declared!r} is not the exception's"
    allowed = {*LICENCES["allowed"], *LICENCES["worded"]}
    try:
        expression = re.sub("[()]", "", canonicalize_license_expression(declared))
    except InvalidLicenseExpression:  # words
        expression = declared
    named = re.split(" AND | OR ", expression)
    unknown = sorted({each.strip() for each in named} - allowed)
    return f"{name}: {', '.join(map(repr, unknown))} not in [tool.cepsim.licences]" if unknown else None


def test_every_package_locked_and_installed_has_a_licence_that_is_allowed():
    locked = {name for name, *_ in _pins("requirements.lock")}
    declared = {canonicalize_name(each.name): _declared(each) for each in distributions()}
    met = locked & declared.keys()
    assert {canonicalize_name(Requirement(each).name) for each in PROJECT["dependencies"]} <= met
    assert not [why for name in sorted(met) if (why := _refused(name, declared[name]))]


@pytest.mark.parametrize(
    "declared",
    [
        "",
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "MIT OR AGPL-3.0-only",
        "(MIT)AND(LGPL-3.0-only)",
        "Apache-2.0 WITH Bison-exception-2.2",
        "OSI Approved :: MIT License AND Other/Proprietary License",
        "Proprietary",
    ],
)
def test_a_licence_that_is_not_listed_is_refused_alone_or_beside_others(declared):
    assert _refused("some-package", declared) is not None


@pytest.mark.parametrize("declared", ["MIT", "mit", "(Apache-2.0 OR BSD-2-Clause) AND MIT", "BSD"])
def test_a_licence_that_is_listed_is_allowed(declared):
    assert _refused("some-package", declared) is None


def test_an_exception_is_for_a_package_locked_that_would_be_refused_and_says_why():
    locked = {name for name, *_ in _pins("requirements.lock")}
    for name, exception in LICENCES["exceptions"].items():
        assert name in locked
        assert exception["reason"].strip()
        assert _refused("some-package", exception["declared"]) is not None, f"{name} needs no exception"
        assert _refused(name, "GPL-3.0-only") is not None


def test_the_citation_is_that_of_this_version():
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    said = dict(line.split(": ", 1) for line in lines if re.match(r"[a-z-]+: ", line))
    assert said["cff-version"] == "1.2.0"
    assert (said["version"], said["license"]) == (cepsim.__version__, PROJECT["license"])


def test_the_package_opens_no_connection_starts_no_program_and_reads_no_pickle():
    lines = []
    for path in sorted((ROOT / "cepsim").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in CALLS_APART, f"{file}: {called}"
            roots = {name.partition(".")[0] for name in names}
            assert not roots & APART, f"{file}: {roots & APART}"
            if "multiprocessing.connection" in names:
                lines.append(file)
    # the line between the processes of one run, which share a secret
    assert lines == ["cepsim/experiment/processes.py"]
