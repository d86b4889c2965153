"""The whole way works without JavaScript, by the attested route."""

import re

from playwright.sync_api import expect
from tests.browser.walk import Walk


def test_the_whole_way_without_script(open_browser, site):
    page = open_browser(java_script_enabled=False).new_page()
    walk = Walk(page, site)
    walk.begin("no-script@hospital.example")
    walk.submit_pre_test()
    expect(page.locator("video[controls] source")).to_have_attribute("src", re.compile(r"^/media/"))
    expect(page.locator("[data-player-bar]")).to_be_hidden()
    page.locator("summary", has_text="Chapters").click()
    page.locator("[data-chapter] a").nth(2).click()
    assert page.locator("[data-transcript] h3:target").inner_text().startswith("3.")
    walk.attest()
    walk.submit_post_test()
    walk.submit_evaluation()
    walk.type_code("no-script@hospital.example")
    walk.claim()
    expect(page.get_by_role("link", name=re.compile("Download PDF"))).to_be_visible()


def test_a_gap_is_shown_without_script(open_browser, site):
    page = open_browser(java_script_enabled=False).new_page()
    walk = Walk(page, site)
    walk.begin("no-script-gap@hospital.example")
    page.locator("[data-item]").first.locator("input").first.check()
    page.get_by_role("button", name="Submit pre-test").click()
    expect(page.locator("main")).to_contain_text(re.compile("open", re.IGNORECASE))
    expect(page.locator("[data-item]").first.locator("input").first).to_be_checked()
