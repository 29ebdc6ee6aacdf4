"""The file of the register of schools, as it is published and as people save it again."""

from collections.abc import Sequence
from datetime import date

import pytest

from attendance_runtime.errors import Invalid
from register_service.establishments.api.files import COLUMNS, phase_of, read_file
from register_service.establishments.domain import Establishment, Status

# In the file's own order, and with columns that are not read here.
HEADING = (
    '"URN","LA (code)","LA (name)","EstablishmentNumber","EstablishmentName",'
    '"TypeOfEstablishment (code)","TypeOfEstablishment (name)","EstablishmentStatus (name)",'
    '"OpenDate","CloseDate","PhaseOfEducation (name)","Postcode"'
)
ROW = (
    '"100001","332","Dudley","2001","Heron Way Primary School","01","Community school",'
    '"Open","01-09-1998","","Primary",""'
)
SCHOOL = Establishment(
    urn="100001",
    authority_code="332",
    number="2001",
    name="Heron Way Primary School",
    kind="Community school",
    phase="primary",
    opened_on=date(1998, 9, 1),
)


def file_of(*rows: str, heading: str = HEADING) -> str:
    return "\r\n".join([heading, *rows, ""])


def faults_of(row: str) -> Sequence[str]:
    [(line, faults)] = read_file(file_of(row).encode()).unreadable.items()
    assert line == 2
    return [fault.pointer for fault in faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_file_is_read_in_each_encoding_that_it_comes_in(encoding: str) -> None:
    accented = ROW.replace("Heron Way", "Saint André’s")  # noqa: RUF001  as it is printed
    body = read_file(file_of(accented).encode(encoding))
    assert body.unreadable == {}
    assert body.lines[2].name == "Saint André’s Primary School"  # noqa: RUF001


def test_a_line_says_what_its_columns_say() -> None:
    assert read_file(file_of(ROW).encode()).lines == {2: SCHOOL}


def test_columns_are_found_by_name_in_any_order() -> None:
    names = sorted(COLUMNS.values())
    values = dict(zip(HEADING.split(","), ROW.split(","), strict=True))
    row = ",".join(values[f'"{name}"'] for name in names)
    assert read_file(file_of(row, heading=",".join(names)).encode()).lines == {2: SCHOOL}


@pytest.mark.parametrize(
    ("phase", "kind", "ours"),
    [
        ("Nursery", "Local authority nursery school", "nursery"),
        ("Primary", "Academy converter", "primary"),
        ("Middle deemed primary", "Community school", "middle"),
        ("Middle deemed secondary", "Community school", "middle"),
        ("Secondary", "Studio schools", "secondary"),
        ("All-through", "Free schools", "all-through"),
        ("16 plus", "Free schools 16 to 19", "sixth-form"),
        ("Not applicable", "Community special school", "special"),
        ("Secondary", "Academy special converter", "special"),
        ("Not applicable", "Free schools special", "special"),
        ("Not applicable", "Pupil referral unit", "alternative-provision"),
        ("Not applicable", "Free schools alternative provision", "alternative-provision"),
        ("Not applicable", "Other independent school", None),
        ("A phase new to us", "Community school", None),
    ],
)
def test_phases_are_ours_by_phase_and_type(phase: str, kind: str, ours: str | None) -> None:
    assert phase_of(phase, kind) == ours


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("Open", Status.OPEN),
        ("Open, but proposed to close", Status.PROPOSED_TO_CLOSE),
        ("Closed", Status.CLOSED),
        ("Proposed to open", Status.PROPOSED_TO_OPEN),
    ],
)
def test_a_status_is_read_whatever_commas_it_holds(told: str, status: Status) -> None:
    row = ROW.replace('"Open"', f'"{told}"').replace('"",', '"31-08-2026",', 1)
    [school] = read_file(file_of(row).encode()).lines.values()
    assert (school.status, school.closed_on) == (status, date(2026, 8, 31))


def test_a_spreadsheets_days_are_read() -> None:
    assert read_file(file_of(ROW.replace("01-09-1998", "01/09/1998")).encode()).lines == {2: SCHOOL}


def test_an_establishment_without_a_number_has_none() -> None:
    [school] = read_file(file_of(ROW.replace('"2001"', '""')).encode()).lines.values()
    assert school.number is None


@pytest.mark.parametrize(
    ("sent", "instead", "columns"),
    [
        ('"100001"', '"10001"', ["URN"]),
        ('"332"', '"Dudley"', ["LA (code)"]),
        ('"2001"', '"20"', ["EstablishmentNumber"]),
        ('"Heron Way Primary School"', '""', ["EstablishmentName"]),
        ('"Open"', '"Opening"', ["EstablishmentStatus (name)"]),
        ('"01-09-1998"', '"1998-09-01"', ["OpenDate"]),
        ('"01-09-1998",""', '"31-02-1998","then"', ["OpenDate", "CloseDate"]),
        (',"Primary",""', "", [""]),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_column(
    sent: str, instead: str, columns: list[str]
) -> None:
    pointers = faults_of(ROW.replace(sent, instead))
    assert pointers == [f"#/{column}" if column else "#" for column in columns]


def test_one_bad_line_spoils_no_other_and_lines_count_as_an_editor_shows_them() -> None:
    over_two_lines = ROW.replace('"Dudley"', '"Dudley,\r\nWest Midlands"')
    others = [ROW.replace("100001", urn) for urn in ("1", "100003")]
    body = read_file(file_of(over_two_lines, *others).encode())
    assert (list(body.lines), list(body.unreadable)) == ([2, 5], [4])


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "URN"),
        (b"urn;name\n1;2\n", "URN"),
        (file_of(ROW, heading=HEADING.replace("CloseDate", "Closed")).encode(), "CloseDate"),
        (file_of(ROW).encode("utf-16"), "Windows-1252"),
        (file_of(ROW.replace("Heron", "Her\0n")).encode(), "Windows-1252"),
        (HEADING.encode() + b"\n\x81\x8d", "Windows-1252"),
        (HEADING.encode() + b'\n"' + b"x" * 200_000, "Line 2"),
    ],
    ids=[
        "nothing",
        "another file",
        "a column gone",
        "UTF-16",
        "a null",
        "no text",
        "an open quote",
    ],
)
def test_what_is_no_such_file_is_refused_whole(content: bytes, detail: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_file(content)
    [fault] = refused.value.faults
    assert detail in fault.detail
