"""Answers are never lost: the queue of answers in the browser."""

import re
import time

import pytest
from playwright.sync_api import expect
from tests.browser.walk import Walk

KEPT = "() => Object.keys(localStorage).filter((key) => key.startsWith('opencme:'))"


@pytest.fixture
def pre_test(page, site, request):
    """A new learner before the pre-test."""
    walk = Walk(page, site)
    walk.begin(f"{request.node.name.replace('_', '-')[:40]}@hospital.example")
    return walk


def saved(page):
    return page.locator("[data-saved-text]")


def notice(page):
    return page.locator("[data-notice]")


def tick(page, item: int, option: int = 0) -> str:
    """Choose an option of the nth question; returns its value."""
    ticks = page.locator("[data-item]").nth(item).locator("input")
    ticks.nth(option).check()
    return ticks.nth(option).get_attribute("value")


def ticked(page, item: int) -> list[str]:
    chosen = page.locator("[data-item]").nth(item).locator("input:checked")
    return [one.get_attribute("value") for one in chosen.all()]


def test_an_answer_is_saved_as_it_is_given(pre_test):
    page = pre_test.page
    chosen = tick(page, 0)
    expect(saved(page)).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    page.reload()
    assert ticked(page, 0) == [chosen]
    assert page.evaluate(KEPT) == []


def test_the_page_counts_and_lists_what_is_open(pre_test):
    page = pre_test.page
    expect(page.locator("[data-count]")).to_have_text("0 of 5 answered")
    for item in (0, 1, 2):
        tick(page, item)
    expect(page.locator("[data-count]")).to_have_text("3 of 5 answered")
    page.get_by_role("button", name="Submit pre-test").click()
    expect(page.get_by_role("alert")).to_contain_text("2 questions are still open")
    expect(page.locator("[data-item][data-gap]")).to_have_count(2)
    first_open = page.locator("[data-item]").nth(3)
    assert first_open.evaluate("(item) => item.contains(document.activeElement)")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)


def test_answers_given_offline_are_sent_when_the_network_is_back(pre_test):
    page = pre_test.page
    page.context.set_offline(True)
    for item in (0, 1, 2):
        tick(page, item)
    expect(saved(page)).to_have_text("Offline, 3 answers kept here")
    expect(notice(page)).to_contain_text("You are offline. Go on answering.")
    page.context.set_offline(False)
    expect(saved(page)).to_have_text(re.compile(r"^Sent \d\d:\d\d$"), timeout=15_000)
    expect(notice(page)).to_be_hidden()
    page.reload()
    assert all(ticked(page, item) for item in (0, 1, 2))


def test_kept_answers_survive_a_reload(pre_test):
    page = pre_test.page
    page.route("**/save/", lambda route: route.abort())
    chosen = tick(page, 0)
    expect(saved(page)).to_have_text("Offline, 1 answer kept here")
    page.reload()
    assert ticked(page, 0) == [chosen]
    expect(saved(page)).to_have_text("Offline, 1 answer kept here")
    page.unroute("**/save/")
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(saved(page)).to_have_text(re.compile(r"^Sent"))


def test_kept_answers_survive_a_restart_of_the_browser(pre_test, open_browser):
    page = pre_test.page
    page.route("**/save/", lambda route: route.abort())
    chosen = tick(page, 0)
    expect(saved(page)).to_have_text("Offline, 1 answer kept here")
    state, address = page.context.storage_state(), page.url
    page.context.close()
    again = open_browser(storage_state=state).new_page()
    again.goto(address)
    assert ticked(again, 0) == [chosen]
    expect(saved(again)).to_have_text(re.compile(r"^Sent"))
    again.reload()
    assert ticked(again, 0) == [chosen]


def test_kept_answers_go_after_a_day(pre_test, open_browser):
    page = pre_test.page
    page.route("**/save/", lambda route: route.abort())
    tick(page, 0)
    expect(saved(page)).to_have_text("Offline, 1 answer kept here")
    state, address = page.context.storage_state(), page.url
    page.context.close()
    context = open_browser(storage_state=state)
    context.clock.install()
    context.clock.fast_forward("25:00:00")
    again = context.new_page()
    again.goto(address)
    assert ticked(again, 0) == []
    assert again.evaluate(KEPT) == []


def test_an_ended_session_keeps_the_answers_until_the_learner_is_back(pre_test, site):
    page = pre_test.page
    cookies = page.context.cookies()
    page.context.clear_cookies(name="opencme_session")
    chosen = tick(page, 0)
    expect(notice(page)).to_contain_text("Sign in again and your answer is sent")
    link = notice(page).get_by_role("link", name="Sign in again")
    expect(link).to_have_attribute("href", re.compile("/accounts/login/"))
    page.context.clear_cookies()
    page.context.add_cookies([one for one in cookies if one["name"] == "opencme_session"])
    page.reload()
    expect(saved(page)).to_have_text(re.compile(r"^Sent"))
    assert ticked(page, 0) == [chosen]


def test_answers_are_never_sent_for_another_account(pre_test, site, open_browser):
    page = pre_test.page
    address = page.url
    page.route("**/save/", lambda route: route.abort())
    chosen = tick(page, 0)
    expect(saved(page)).to_have_text("Offline, 1 answer kept here")
    page.unroute("**/save/")
    mine = page.context.cookies()
    # somebody else begins on the same browser
    page.context.clear_cookies()
    other = Walk(page, site)
    other.begin(f"other-{address.split('/')[4][:8]}@hospital.example")
    page.wait_for_timeout(500)
    assert ticked(page, 0) == []
    tick(page, 1)
    expect(saved(page)).to_have_text(re.compile(r"^Saved"))
    page.reload()
    assert ticked(page, 0) == []
    assert len(page.evaluate(KEPT)) == 1
    # and the first one comes back
    page.context.clear_cookies()
    page.context.add_cookies(mine)
    page.goto(address)
    expect(saved(page)).to_have_text(re.compile(r"^Sent"))
    page.reload()
    assert ticked(page, 0) == [chosen]
    assert ticked(page, 1) == []


def test_an_open_page_does_not_send_for_whoever_signed_in_elsewhere(pre_test, site):
    page = pre_test.page
    mine = page.context.cookies()
    elsewhere = page.context.new_page()
    elsewhere.context.clear_cookies()
    Walk(elsewhere, site).begin(f"elsewhere-{page.url.split('/')[4][:8]}@hospital.example")
    tick(page, 0)
    expect(notice(page)).to_contain_text("Somebody else is signed in now")
    elsewhere.context.clear_cookies()
    elsewhere.context.add_cookies(mine)
    page.reload()
    expect(saved(page)).to_have_text(re.compile(r"^Sent"))


def test_signing_out_wipes_what_is_kept_and_says_so_before(pre_test, site):
    page = pre_test.page
    page.route("**/save/", lambda route: route.abort())
    tick(page, 0)
    expect(saved(page)).to_have_text("Offline, 1 answer kept here")
    page.goto(f"{site.address}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_contain_text("1 answer has not been sent yet")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.address}/")
    assert page.evaluate(KEPT) == []


def test_another_window_keeps_nothing_after_signing_out(pre_test, site):
    page = pre_test.page
    elsewhere = page.context.new_page()
    elsewhere.goto(f"{site.address}/accounts/logout/")
    elsewhere.get_by_role("button", name="Sign out").click()
    elsewhere.wait_for_url(f"{site.address}/")
    expect(notice(page)).to_contain_text("You are no longer signed in")
    tick(page, 0)
    assert page.evaluate(KEPT) == []


def test_a_busy_server_is_given_the_time_it_asks_for(pre_test):
    page = pre_test.page
    page.evaluate("() => { Math.random = () => 0; }")  # as soon as is polite
    calls = []

    def busy_once(route):
        calls.append((time.monotonic(), route.request.post_data_json))
        if len(calls) == 1:
            route.fulfill(status=503, headers={"Retry-After": "6"}, body="")
        else:
            route.continue_()

    page.route("**/save/", busy_once)
    first = tick(page, 0)
    expect(notice(page)).to_contain_text("The server is busy")
    second = tick(page, 1)  # one more answer is no reason to disturb it earlier
    expect(saved(page)).to_have_text("2 answers kept here")
    expect(saved(page)).to_have_text(re.compile(r"^Sent"), timeout=15_000)
    assert [call["value"] for _, call in calls] == [[first], [first], [second]]
    assert calls[1][0] - calls[0][0] >= 5.9
    assert calls[1][1]["age_ms"] >= 5900


def test_browsers_do_not_come_back_all_at_once(pre_test):
    waits = pre_test.page.evaluate(
        """async () => {
             const { pauseBefore } = await import('/static/opencme/js/send.js');
             const some = (attempt, asked) => [...Array(200)].map(() => pauseBefore(attempt, asked) / 1000);
             return { first: some(1, 5000), later: some(4, 5000), offline: some(9, 0) };
           }"""
    )
    assert all(5 <= wait <= 10 for wait in waits["first"])
    assert max(waits["first"]) - min(waits["first"]) > 4
    assert all(16 <= wait <= 32 for wait in waits["later"])
    assert all(30 <= wait <= 60 for wait in waits["offline"])


def test_what_was_submitted_waits_for_a_busy_server(pre_test):
    page = pre_test.page
    pre_test.answer()
    expect(saved(page)).to_have_text(re.compile(r"^Saved"))
    calls = []

    def busy_once(route):
        if route.request.method != "POST":
            return route.continue_()
        calls.append(time.monotonic())
        if len(calls) == 1:
            return route.fulfill(status=503, headers={"Retry-After": "2"}, body="")
        return route.continue_()

    page.route("**/pre-test/", busy_once)
    page.get_by_role("button", name="Submit pre-test").click()
    expect(notice(page)).to_contain_text("The server is busy. Your answers are kept.")
    expect(page.locator("[data-content]")).to_be_visible(timeout=15_000)
    assert len(calls) == 2
    assert calls[1] - calls[0] >= 1.9
    assert page.evaluate(KEPT) == []


def test_submitting_offline_waits_and_says_so(pre_test):
    page = pre_test.page
    pre_test.answer()
    expect(saved(page)).to_have_text(re.compile(r"^Saved"))
    page.context.set_offline(True)
    page.get_by_role("button", name="Submit pre-test").click()
    expect(notice(page)).to_contain_text("They are submitted as soon as the network is back")
    page.context.set_offline(False)
    expect(page.locator("[data-content]")).to_be_visible(timeout=15_000)
    assert page.evaluate(KEPT) == []


def test_the_later_choice_counts_and_both_are_shown(pre_test, open_browser):
    page = pre_test.page
    phone = open_browser(storage_state=page.context.storage_state()).new_page()
    phone.goto(page.url)
    page.context.set_offline(True)
    tick(page, 0, 0)
    expect(saved(page)).to_have_text("Offline, 1 answer kept here")
    later = tick(phone, 0, 1)
    expect(saved(phone)).to_have_text(re.compile(r"^Saved"))
    page.context.set_offline(False)
    expect(page.locator("[data-item]").first).to_contain_text(
        "You changed this later on another device", timeout=15_000
    )
    assert ticked(page, 0) == [later]


def test_a_save_after_submitting_elsewhere_is_worded(pre_test, open_browser):
    page = pre_test.page
    other = open_browser(storage_state=page.context.storage_state()).new_page()
    other.goto(page.url)
    pre_test.submit_pre_test()
    tick(other, 0)
    expect(notice(other)).to_be_visible()
    expect(notice(other).get_by_role("link")).to_be_visible()
    assert other.evaluate(KEPT) == []


def test_back_after_submitting_shows_what_is_true_now(pre_test):
    page = pre_test.page
    pre_test.submit_pre_test()
    page.go_back()
    expect(page.get_by_role("button", name="Submit pre-test")).to_have_count(0)
