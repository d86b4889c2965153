import pytest

from opencme.media.ranges import Part, RangeNotSatisfiable, part_asked_for

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("header", "length", "part"),
    [
        ("bytes=0-", 10, (0, 10)),
        ("bytes=2-4", 10, (2, 5)),
        ("bytes=9-9", 10, (9, 10)),
        ("bytes=5-99", 10, (5, 10)),
        ("bytes=-3", 10, (7, 10)),
        ("bytes=-99", 10, (0, 10)),
        ("BYTES=1-1", 10, (1, 2)),
        # never more than a mebibyte at once: the reader asks for the rest
        ("bytes=0-", 3 * MIB, (0, MIB)),
        ("bytes=100-", 3 * MIB, (100, 100 + MIB)),
        (f"bytes=-{2 * MIB}", 3 * MIB, (MIB, 2 * MIB)),
        # of several ranges the first that can be satisfied
        ("bytes=0-1, 4-5", 10, (0, 2)),
        ("bytes=20-30,4-5", 10, (4, 6)),
    ],
)
def test_a_range_becomes_one_part(header, length, part):
    assert part_asked_for(header, length=length) == Part(*part, length)


@pytest.mark.parametrize(
    "header",
    [
        "items=0-1",
        "bytes",
        "bytes=",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=-",
        "bytes=0-1,x",
        "bytes=0-1,",
        f"bytes={'9' * 40}-",
    ],
)
def test_a_range_that_is_none_is_ignored(header):
    assert part_asked_for(header, length=10) is None


@pytest.mark.parametrize(
    ("header", "length"), [("bytes=10-", 10), ("bytes=99-100", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_range_outside_the_file_cannot_be_satisfied(header, length):
    with pytest.raises(RangeNotSatisfiable):
        part_asked_for(header, length=length)


def test_a_part_names_its_bytes_as_the_header_wants_them():
    assert Part(2, 5, 10).content_range == "bytes 2-4/10"
