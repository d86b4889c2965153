"""Every page in every state: axe finds nothing, nothing scrolls sideways, light and dark."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.looks import look_at, sideways, violations
from tests.browser.walk import Walk

from opencme.sample_content.accounts import CLINICIAN, OPERATOR

PUBLIC = {
    "catalogue": "/",
    "catalogue-nothing-found": "/?q=zzzzzz",
    "verify": "/verify/",
    "verify-not-found": "/verify/0000-0000-0000-0/",
    "style": "/style/",
    "help": "/help/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "mail": "/mail/",
    "sign-in": "/accounts/login/",
    "sign-in-code": "/accounts/login/code/",
    "password-reset": "/accounts/password/reset/",
    "not-found": "/nothing/here/",
}
PACKAGES = [
    "biopsychosocial-conversation",
    "behavioral-medicine",
    "pacing-in-practice",
    "sleep-and-pain",
]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page(page, site, name):
    page.goto(f"{site.address}{PUBLIC[name]}")
    look_at(page, name)


@pytest.mark.parametrize("package", PACKAGES)
def test_an_activity_page(page, site, package):
    page.goto(site.activity(package))
    look_at(page, f"activity-{package}")


def test_the_pages_around_an_activity(page, site):
    page.goto(site.activity())
    links = {
        "series": page.get_by_role("link", name=re.compile("webinars")),
        "faculty": page.locator("main a[href*='/faculty/']"),
        "report": page.get_by_role("link", name=re.compile("^Report ")),
    }
    addresses = {name: link.first.get_attribute("href") for name, link in links.items()}
    for name, address in addresses.items():
        page.goto(f"{site.address}{address}")
        look_at(page, name)


def test_the_draft_that_an_operator_previews(page, site):
    Walk(page, site).sign_in(OPERATOR)
    page.goto(f"{site.address}/preview/{site.uuid('opioid-conversation-draft')}/")
    if page.locator("h1").inner_text() == "":
        pytest.fail("the preview has no heading")
    look_at(page, "preview")


def test_every_state_of_the_path(page, site):
    walk = Walk(page, site)
    walk.open_activity()
    walk.press_start()
    look_at(page, "path-01-start")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    look_at(page, "path-02-start-with-errors")
    walk.fill_start_form("looks@hospital.example", name="Maximiliana Konstantinopoulou-Featherstonehaugh")
    walk.send_start_form()
    look_at(page, "path-03-pre-test")
    page.get_by_role("button", name="Submit pre-test").click()
    look_at(page, "path-04-pre-test-with-gaps")
    page.route("**/save/", lambda route: route.abort())
    page.locator("[data-item] input").first.check()
    expect(page.locator("[data-notice]")).to_be_visible()
    look_at(page, "path-05-offline")
    page.unroute("**/save/")
    walk.submit_pre_test()
    look_at(page, "path-06-recording")
    walk.play_enough(from_ms=440_000)
    look_at(page, "path-07-post-test-unfolded")
    walk.submit_post_test(right=6)
    look_at(page, "path-08-not-yet")
    walk.act("Try again", role="link")
    look_at(page, "path-09-post-test")
    walk.submit_post_test()
    for fold in page.locator("details").all():
        fold.evaluate("(details) => { details.open = true; }")
    look_at(page, "path-10-passed-with-evaluation")
    walk.submit_evaluation()
    look_at(page, "path-11-claim-with-code")
    walk.type_code("looks@hospital.example")
    for fold in page.locator("details").all():
        fold.evaluate("(details) => { details.open = true; }")
    look_at(page, "path-12-claim")
    walk.claim()
    look_at(page, "path-13-certificate")
    code = page.locator("[data-code], .certificate code").first.inner_text().strip()
    page.goto(f"{site.address}/verify/{code}/")
    look_at(page, "path-14-verified")
    page.goto(f"{site.address}/learning/")
    look_at(page, "path-15-learning")
    walk.open_activity()
    look_at(page, "path-16-activity-again")
    page.goto(f"{site.address}/accounts/logout/")
    look_at(page, "path-17-sign-out")


def test_a_step_that_is_still_locked(page, site):
    walk = Walk(page, site)
    walk.begin("locked@hospital.example")
    page.goto(page.url.replace("/pre-test/", "/post-test/"))
    expect(page.locator("h1")).to_have_text("Post-test")
    look_at(page, "path-18-locked")


def test_an_activity_of_three_units(page, site):
    walk = Walk(page, site, "behavioral-medicine")
    walk.begin("units@hospital.example")
    for number in (1, 2, 3):
        expect(walk.test_form()).to_be_visible()  # nothing of the recording is demanded here
        look_at(page, f"units-{number}-content")
        walk.submit_post_test()
        look_at(page, f"units-{number}-result")
        if number < 3:
            page.locator("main .button--primary").first.click()
            expect(page.locator("[data-content]")).to_be_visible()
    walk.open_activity()
    look_at(page, "units-4-activity")
    page.go_back()
    walk.submit_evaluation()
    walk.type_code("units@hospital.example")
    walk.claim()
    expect(page.locator("main")).to_contain_text("0.75")
    look_at(page, "units-5-certificate")


def test_a_recording_without_certification(page, site):
    walk = Walk(page, site, "pacing-in-practice")
    walk.begin("no-credit@hospital.example")
    look_at(page, "no-credit-1-pre-test")
    walk.submit_pre_test()
    expect(page.locator("main")).to_contain_text("This recording is not certified")
    look_at(page, "no-credit-2-recording")


def test_my_learning_before_anything_is_done(page, site):
    Walk(page, site).sign_in(CLINICIAN)
    look_at(page, "learning-empty")


# A desktop at 200 % is 640 CSS pixels wide; at 400 %, and on the smallest phone, 320.
@pytest.mark.parametrize("width", [320, 640])
def test_zoomed_pages_do_not_scroll_sideways(open_browser, site, width):
    context = open_browser(viewport={"width": width, "height": 450}, device_scale_factor=2)
    page = context.new_page()
    walk = Walk(page, site)
    for address in ["/", "/verify/", "/accounts/login/", "/style/"]:
        page.goto(f"{site.address}{address}")
        assert sideways(page) <= 0, address
    walk.open_activity()
    assert sideways(page) <= 0, "activity"
    walk.press_start()
    assert sideways(page) <= 0, "start"
    walk.fill_start_form(f"zoom-{width}@hospital.example")
    walk.send_start_form()
    assert sideways(page) <= 0, "pre-test"
    walk.submit_pre_test()
    assert sideways(page) <= 0, "recording"
    walk.attest()
    walk.submit_post_test()
    assert sideways(page) <= 0, "result"
    walk.submit_evaluation()
    assert sideways(page) <= 0, "claim"
    walk.type_code(f"zoom-{width}@hospital.example")
    walk.claim()
    assert sideways(page) <= 0, "certificate"
    assert violations(page) == []
