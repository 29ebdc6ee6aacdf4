"""Every locked package stands under a licence that somebody has thought about."""

from importlib.metadata import PackageMetadata
from typing import cast

import pytest

from .licences import ALLOWED, ALLOWED_FOR, LOCK, READ_BY_HAND, Licensed, licence_of, licensed

FOUND = list(licensed(LOCK.read_text(encoding="utf-8")))


class Stated(dict[str, str]):
    """A package's metadata, with its classifiers."""

    def __init__(self, classifiers: tuple[str, ...] = (), **fields: str) -> None:
        super().__init__({name.replace("_", "-"): value for name, value in fields.items()})
        self.classifiers = classifiers

    def get_all(self, _: str, __: object) -> tuple[str, ...]:
        return self.classifiers


def test_every_licence_in_the_lock_is_allowed() -> None:
    assert len(FOUND) >= 100
    assert [one for one in FOUND if one.reason is None] == []


def test_no_exception_outlives_its_package() -> None:
    packages = {one.package for one in FOUND}
    assert set(READ_BY_HAND) <= packages
    assert {package for package, _ in ALLOWED_FOR} <= packages


def test_no_licence_is_allowed_without_need() -> None:
    words = " ".join(one.licence for one in FOUND).split()
    assert set(ALLOWED) <= set(words)


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only OR Apache-2.0", True),
        ("LGPL-2.1-or-later", False),
        ("not stated", False),
    ],
)
def test_one_of_the_offered_licences_must_be_allowed_whole(licence: str, is_allowed: bool) -> None:
    assert (Licensed("some-package", "1", licence).reason is not None) == is_allowed


def test_an_exception_is_for_its_package_alone() -> None:
    [(package, licence), *_] = ALLOWED_FOR
    assert Licensed(package, "1", licence).reason
    assert not Licensed("another", "1", licence).reason


@pytest.mark.parametrize(
    ("stated", "licence"),
    [
        (Stated(License_Expression="MIT-0", License="other"), "MIT-0"),
        (Stated(License="Apache 2.0"), "Apache-2.0"),
        (Stated(("License :: OSI Approved :: MIT License",)), "MIT"),
        (Stated(("Programming Language :: Python",)), "not stated"),
    ],
)
def test_the_newest_field_is_believed_first(stated: Stated, licence: str) -> None:
    assert licence_of("some-package", cast("PackageMetadata", stated)) == licence
