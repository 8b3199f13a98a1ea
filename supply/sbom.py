"""Writes sbom.cdx.json: what requirements.lock installs, as a CycloneDX bill of materials.

The same lock gives the same bytes: no date, no serial number, components in order, one a line. The address of
a package is its `pkg:pypi/` name; its hashes are those of all its files, whatever the machine.
"""

import json
import re
import tomllib
from pathlib import Path

from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

import cepsim

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))?(?P<hashes>(?:\s+--hash=\S+)+)\s*"
)


def locked(line: str) -> Component:
    """The component of a requirement of the lock, its continued lines joined."""
    found = PINNED.fullmatch(line)
    if not found:
        raise SystemExit(f"requirements.lock: expected NAME==VERSION and its hashes, found: {line}")
    name, version, marker = found["name"], found["version"], found["marker"]
    purl = PackageURL("pypi", name=name, version=version)
    one = HashTypeFactory().from_composite_str
    hashes = [one(each) for each in re.findall(r"--hash=(\S+)", found["hashes"])]
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        purl=purl,
        bom_ref=str(purl),
        # several files, several hashes: they are those of the distribution, not of the component
        external_references=[
            ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=hashes)
        ],
        properties=[Property(name="cepsim:marker", value=marker)] if marker else [],
    )


def bill() -> Bom:
    """The bill of requirements.lock; the edges known are those of cepsim itself, its extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    components = [locked(line) for line in lines]
    main = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=cepsim.__version__,
        bom_ref=project["name"],
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    asked = sum(project["optional-dependencies"].values(), project["dependencies"])
    direct = {re.split(r"[^\w.-]", each)[0] for each in asked}
    bom = Bom(components=components)
    bom.metadata.component = main
    bom.register_dependency(main, [each for each in components if each.name in direct])
    bom.serial_number = bom.metadata.timestamp = None
    return bom


def written(bom: Bom) -> str:
    """The bill as JSON, valid or not at all, a component a line."""
    text = JsonV1Dot6(bom).output_as_string()
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"sbom.cdx.json would not be valid CycloneDX: {problem}")
    document = json.loads(text)
    # an entry without `dependsOn` would say that a component needs nothing: the lock does not tell
    document["dependencies"] = [each for each in document["dependencies"] if "dependsOn" in each]
    components = ",\n".join(
        json.dumps(each, sort_keys=True, separators=(",", ":")) for each in document.pop("components")
    )
    rest = json.dumps(document, indent=1, sort_keys=True)
    return f'{rest[:-2]},\n "components": [\n{components}\n ]\n}}\n'


if __name__ == "__main__":
    (ROOT / "sbom.cdx.json").write_text(written(bill()), encoding="utf-8", newline="\n")
