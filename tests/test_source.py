"""Edits of source text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmpi.analysis.source import Edit, OverlappingEdits, Source, Span, apply_edits


@given(st.binary())
def test_no_edits_leave_every_byte(content: bytes) -> None:
    assert apply_edits(Source.from_bytes("a.c", content), []).content == content


def test_insertions_at_one_place_keep_their_order() -> None:
    source = Source.from_str("a.c", "ab")
    edits = [Edit(Span(1, 1), "1"), Edit(Span(1, 1), "2")]
    assert apply_edits(source, edits).text == "a12b"


def test_an_insertion_before_a_replacement_at_its_begin() -> None:
    source = Source.from_str("a.c", "x = y;")
    assert apply_edits(source, [Edit(Span(0, 1), "z"), Edit(Span(0, 0), "if (c) ")]).text == "if (c) z = y;"


def test_one_replacement_said_twice_counts_once() -> None:
    source = Source.from_str("a.c", "abc")
    assert apply_edits(source, [Edit(Span(1, 2), "X"), Edit(Span(1, 2), "X")]).text == "aXc"


@pytest.mark.parametrize("other", [Edit(Span(1, 2), "Y"), Edit(Span(0, 3), "Y"), Edit(Span(2, 3), "Y")])
def test_edits_that_contradict_each_other_are_refused(other: Edit) -> None:
    source = Source.from_str("a.c", "abcd")
    with pytest.raises(OverlappingEdits):
        apply_edits(source, [Edit(Span(1, 3), "X"), other])


def test_text_beyond_ascii_is_written_as_utf_8() -> None:
    source = Source.from_bytes("a.c", "/* größe */ n".encode())
    end = len(source.text)
    assert apply_edits(source, [Edit(Span(end, end), " → m")]).content == "/* größe */ n → m".encode()
