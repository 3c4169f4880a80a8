"""Everything the app runs with may be used and handed on."""

import re

import pytest

from bench.licences import ROOT, TARGET, Package, installed, required, vendored, written

LISTED = TARGET.read_text(encoding="utf-8")


def test_every_package_that_is_installed_for_the_app_has_an_allowed_licence():
    assert [(p.name, p.licence) for p in installed() if not p.allowed] == []


def test_every_browser_library_has_an_allowed_licence_and_its_text_beside_it():
    assert {p.name for p in vendored()} == {"d3", "jquery", "requirejs"}
    assert all(p.allowed for p in vendored())


def test_the_committed_list_has_every_requirement_with_its_version():
    pinned = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text(), re.M))
    assert set(pinned) == set(required())
    for name, version in pinned.items():
        assert f"| {name.replace('_', '-')} | {version} | " in LISTED, "run: make licences"


def test_the_command_writes_a_table_of_this_shape():
    assert written().splitlines()[:6] == LISTED.splitlines()[:6]


@pytest.mark.parametrize(("licence", "allowed"), [
    ("MIT", True), ("Apache-2.0 OR BSD-2-Clause", True), ("MPL-2.0 AND MIT", True),
    ("Apache-2.0 WITH LLVM-exception", True), ("GPL-3.0-only", False), ("AGPL-3.0", False),
    ("MIT AND GPL-2.0", False), ("", False), ("LicenseRef-Proprietary", False),
])
def test_what_is_allowed(licence, allowed):
    assert Package("name", "1", licence).allowed is allowed
