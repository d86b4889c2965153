"""From Start to the certificate on a phone: counted, and once by keyboard alone.

The direction allows a new learner eight actions. The code is typed on the claim and goes with it, so
there are seven, as for someone who is signed in.
"""

import re

from playwright.sync_api import expect
from tests.browser.walk import Walk

from opencme.sample_content.accounts import CLINICIAN


def test_a_new_learner_needs_seven_actions_on_seven_screens(page, site):
    walk = Walk(page, site)
    walk.begin("jordan@hospital.example")
    walk.submit_pre_test()
    walk.play_enough()
    walk.submit_post_test()
    walk.submit_evaluation()
    walk.type_code("jordan@hospital.example")
    walk.claim()
    assert len(walk.actions) == 7, walk.actions
    assert len(walk.screens) == 7, walk.screens
    assert len(walk.typed) == 4, walk.typed
    assert walk.seconds_without_learning() < 150
    expect(page.locator("main")).to_contain_text("Jordan Example, MD, MPH")
    expect(page.get_by_role("link", name=re.compile("Download PDF"))).to_be_visible()


def test_a_signed_in_learner_needs_seven(page, site):
    walk = Walk(page, site)
    walk.sign_in(CLINICIAN)
    walk.open_activity()
    walk.press_start()
    walk.send_start_form()
    walk.submit_pre_test()
    walk.play_enough(from_ms=440_000)
    walk.submit_post_test()
    walk.submit_evaluation()
    walk.claim()
    assert len(walk.actions) == 7, walk.actions
    assert len(walk.screens) == 7, walk.screens
    assert walk.typed == []


def test_the_result_tells_what_is_missing_and_a_second_try_passes(page, site):
    walk = Walk(page, site)
    walk.begin("second-try@hospital.example")
    walk.submit_pre_test()
    walk.attest()
    walk.submit_post_test(right=6)
    expect(page.locator("h1")).to_contain_text("6 of 10. 7 are needed. Nothing is lost.")
    walk.act("Try again", role="link")
    walk.submit_post_test()
    expect(page.locator("h1")).to_contain_text("Passed.")


def test_back_after_the_post_test_shows_the_result(page, site):
    walk = Walk(page, site)
    walk.begin("back@hospital.example")
    walk.submit_pre_test()
    walk.attest()
    walk.submit_post_test()
    page.go_back()
    expect(page.get_by_role("button", name="Submit post-test")).to_have_count(0)


def test_back_onto_a_form_with_a_mistake_shows_the_form_again(page, site):
    walk = Walk(page, site)
    walk.open_activity()
    walk.press_start()
    walk.fill_start_form("jordan-at-hospital")
    page.locator("form").evaluate_all("forms => forms.forEach((form) => { form.noValidate = true; })")
    walk.act("Start")
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    walk.fill_start_form("jordan-back@hospital.example")
    walk.send_start_form()
    page.go_back()  # fails where the browser asks whether to send the form again
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/start/")


def test_the_draft_of_the_evaluation_stays_in_the_browser_until_submit(page, site):
    walk = Walk(page, site)
    walk.begin("draft@hospital.example")
    walk.submit_pre_test()
    walk.attest()
    walk.submit_post_test()
    row = page.locator("form[data-draft] [data-item]").first
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    row.locator("input[value='5']").check()
    assert sent == []
    page.reload()
    expect(row.locator("input[value='5']")).to_be_checked()
    walk.submit_evaluation()
    assert (
        page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('opencme:draft'))")
        == []
    )


class Keys:
    """A learner without a pointer."""

    def __init__(self, page):
        self.page = page

    def to(self, locator) -> None:
        """Press Tab until the element has the focus."""
        expect(locator).to_be_visible()
        for _ in range(400):
            if locator.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{locator} cannot be reached by Tab")

    def press(self, locator) -> None:
        self.to(locator)
        self.page.keyboard.press("Enter")

    def type(self, label: str, text: str) -> None:
        self.to(self.page.get_by_label(re.compile(f"^{label}")))
        self.page.keyboard.type(text)

    def choose(self, item, values: list[str]) -> None:
        """Choose options of one question with Space and the arrows."""
        ticks = item.locator("input")
        if ticks.first.get_attribute("type") == "checkbox":
            for value in values:
                self.to(item.locator(f"input[value='{value}']"))
                self.page.keyboard.press("Space")
            return
        self.to(ticks.first)
        self.page.keyboard.press("Space")
        wanted = item.locator(f"input[value='{values[0]}']")
        for _ in range(ticks.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError("the option cannot be chosen by keyboard")


def test_the_whole_way_by_keyboard_alone(page, site):
    keys, walk = Keys(page), Walk(page, site)
    page.goto(site.activity())
    keys.press(page.get_by_role("link", name="Start").first)
    page.wait_for_url("**/start/")
    keys.type("E-mail", "keys@hospital.example")
    keys.type("Name", "Kay Board")
    keys.to(page.get_by_label("Profession"))
    page.keyboard.type("Phy")
    keys.type("Degree", "RN")
    keys.press(page.get_by_role("button", name="Start"))
    page.wait_for_url("**/path/**")
    for item, values in walk.right_answers():
        keys.choose(item, values)
    keys.press(page.get_by_role("button", name="Submit pre-test"))
    expect(page.locator("[data-content]")).to_be_visible()
    keys.press(page.get_by_role("button", name="Play", exact=True))
    page.evaluate("() => { document.querySelector('video').playbackRate = 16; }")
    walk.put_back_the_clock()
    expect(walk.test_form()).to_be_visible(timeout=90_000)
    for item, values in walk.right_answers():
        keys.choose(item, values)
    keys.press(page.get_by_role("button", name="Submit post-test"))
    page.wait_for_url("**/result/")
    for item in page.locator("form[data-draft] [data-item]:not([data-optional])").all():
        if item.locator("input[type=radio]").count():
            keys.choose(item, [item.locator("input").nth(1).get_attribute("value")])
        else:
            keys.to(item.locator("select"))
            page.keyboard.press("ArrowDown")
    keys.press(page.get_by_role("button", name="Submit evaluation"))
    page.wait_for_url("**/claim/")
    keys.to(walk.code_field())
    page.keyboard.type(site.code_sent_to("keys@hospital.example"))
    keys.press(page.get_by_role("button", name=re.compile("I attest")))
    page.wait_for_url("**/certificates/**")
    expect(page.locator("main")).to_contain_text("Kay Board, RN")


def test_start_pressed_twice_starts_once(page, site):
    walk = Walk(page, site)
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    walk.open_activity()
    walk.press_start()
    walk.fill_start_form("twice@hospital.example")
    page.get_by_role("button", name="Start").dblclick()
    page.wait_for_url(re.compile("/path/"))
    assert sum(url.endswith("/start/") for url in posts) == 1, posts
