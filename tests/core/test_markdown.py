"""Markdown of authors becomes HTML in which nothing runs."""

from opencme.core.markdown import render_inline, render_markdown


def test_emphasis_and_lists_are_kept():
    assert render_markdown("*one*\n\n- two") == "<p><em>one</em></p>\n<ul>\n<li>two</li>\n</ul>\n"


def test_html_of_the_author_is_shown_as_text():
    assert "<script>" not in render_markdown("<script>alert(1)</script>")


def test_an_address_that_runs_is_dropped():
    assert "href" not in render_markdown("[x](javascript:alert(1))")


def test_pictures_are_dropped_since_they_could_track():
    assert "<img" not in render_markdown("![x](https://example.org/pixel.png)")


def test_the_page_keeps_its_one_first_heading():
    assert render_markdown("# Title") == "<h2>Title</h2>\n"


def test_a_line_has_no_paragraph():
    assert render_inline("*AMA PRA Category 1 Credit*™") == "<em>AMA PRA Category 1 Credit</em>™"
