"""Your account in every state, from the first look to the way back after closing."""

import re
from uuid import uuid4

from playwright.sync_api import expect
from tests.browser.looks import look_at
from tests.browser.walk import Walk

ADDRESS = f"leaving-{uuid4()}@hospital.example"


def test_an_account_that_is_closed_and_opened_again(page, site):
    walk = Walk(page, site, "behavioral-medicine")
    walk.begin(ADDRESS)
    page.goto(f"{site.address}/account/")
    look_at(page, "account-1-not-confirmed")
    page.go_back()
    claim_something(walk, page)

    page.goto(f"{site.address}/account/")
    page.get_by_role("textbox", name="Name").fill("Jordan A. Example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("Every other browser and device is signed out.")).to_be_visible()
    page.get_by_text("Another address").click()
    page.get_by_label("New address").fill(f"new-{ADDRESS}")
    page.get_by_role("button", name="Send a code there").click()
    expect(page.get_by_label("6-digit code")).to_be_visible()
    look_at(page, "account-2")
    page.goto(f"{site.address}/accounts/password/set/")
    look_at(page, "account-2-password")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("The same once more").fill("a-quiet-harbor-7")
    page.get_by_role("button", name="Keep this password").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    page.get_by_label("Password", exact=True).fill("a-quiet-harbor-7")
    page.get_by_label("The same once more").fill("a-quiet-harbor-7")
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_text("The new password is kept.")).to_be_visible()

    page.get_by_role("link", name="Close my account").click()
    expect(page.get_by_text("1 certificate and its claim")).to_be_visible()
    page.get_by_role("button", name="Mail me a code instead").click()
    page.get_by_label("6-digit code").fill("12")
    page.get_by_role("button", name="Close my account").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    look_at(page, "account-3-closing-with-an-error")
    page.get_by_label("6-digit code").fill(site.code_sent_to(ADDRESS))
    page.get_by_role("button", name="Close my account").click()
    expect(page.locator("h1")).to_have_text("Account closed")
    look_at(page, "account-4-closed")

    page.goto(f"{site.address}/mail/")
    link = re.search(r"/account/open-again/\S+", page.locator("main").inner_text()).group()
    page.goto(f"{site.address}{link}")
    look_at(page, "account-5-open-again")
    page.get_by_role("button", name="Open my account again").click()
    expect(page.get_by_text("Your account is open again.")).to_be_visible()


def claim_something(walk, page):
    """The shortest way to a certificate: one unit of several, whose recording is not demanded."""
    expect(walk.test_form()).to_be_visible()
    walk.submit_post_test()
    page.goto(re.sub(r"/path/([^/]+)/.*", r"/path/\1/evaluation/", page.url))
    walk.submit_evaluation()
    walk.type_code(ADDRESS)
    walk.claim()
