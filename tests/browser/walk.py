"""The learner's way in a browser, counted as the direction for the screens counts it.

An action is a click or Enter that is no answer; a screen is an address whose main heading differs.
"""

import re
import sqlite3
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from tests.browser.site import CONVERSATION, Site, keys_of

RATING = "4"

# The keystroke-level model of Card, Moran and Newell: a key, a pointing, a thought; and, ours,
# a look at a new screen and a look into the mail.
KEY, POINT, THINK, LOOK, MAIL = 0.28, 1.1, 1.35, 3.0, 25.0


class Walk:
    """One learner on the way through one activity."""

    def __init__(self, page: Page, site: Site, package: str = CONVERSATION) -> None:
        self.page = page
        self.site = site
        self.package = package
        self.actions: list[str] = []
        self.screens: list[str] = []
        self.typed: list[str] = []
        self.keystrokes = 0
        self.ratings = 0
        self.codes = 0

    def see(self) -> str:
        """Note the screen that is shown."""
        heading = self.page.locator("h1").first.inner_text()
        if not self.screens or self.screens[-1] != heading:
            self.screens.append(heading)
        return heading

    def act(self, name: str, *, role: str = "button", within=None) -> None:
        """Press a button or a link: one action."""
        self.actions.append(name)
        (within or self.page).get_by_role(role, name=name).first.click()

    def seconds_without_learning(self) -> float:
        """What the way costs besides learning: typing, pressing, looking, rating."""
        moves = len(self.actions) + len(self.typed) + self.ratings + self.codes
        return self.keystrokes * KEY + moves * (POINT + THINK) + len(self.screens) * LOOK + self.codes * MAIL

    def type(self, label: str, text: str) -> None:
        self.typed.append(label)
        self.keystrokes += len(text)
        self.page.get_by_label(re.compile(f"^{label}")).fill(text)

    # --- the steps, in their order ---------------------------------------------------------

    def open_activity(self) -> None:
        self.page.goto(self.site.activity(self.package))
        self.see()

    def press_start(self) -> None:
        self.act("Start", role="link")
        self.page.wait_for_url("**/start/")
        self.see()

    def fill_start_form(self, email: str, *, name: str = "Jordan Example", letters: str = "MD, MPH") -> None:
        self.type("E-mail", email)
        self.type("Name", name)
        self.typed.append("Profession")
        self.page.get_by_label("Profession").select_option("physician")
        self.type("Degree", letters)

    def send_start_form(self) -> None:
        self.act("Start")
        self.page.wait_for_url("**/path/**")
        self.see()

    def begin(self, email: str) -> None:
        """From the activity page to the first step, as a new learner."""
        self.open_activity()
        self.press_start()
        self.fill_start_form(email)
        self.send_start_form()

    def answer(self, *, right: int | None = None) -> None:
        """Answer every question of the test on the page, so many of them right."""
        keys = keys_of(self.package)
        for place, item in enumerate(self.page.locator("form[data-answers] [data-item]").all()):
            wanted = keys[item.get_attribute("data-item")]
            if right is not None and place >= right:
                wanted = self._wrong(item, wanted)
            for value in wanted:
                item.locator(f"input[value='{value}']").check()

    def _wrong(self, item, key: list[str]) -> list[str]:
        offered = [tick.get_attribute("value") for tick in item.locator("input").all()]
        return [next(value for value in offered if value not in key)]

    def submit_pre_test(self) -> None:
        self.answer()
        self.act("Submit pre-test")
        expect(self.page.locator("[data-content]")).to_be_visible()
        self.see()

    def play_enough(self, *, from_ms: int = 0) -> None:
        """Press Play and let the demanded part pass, sixteen times as fast as it is spoken.

        The server's clock is put back, for it knows how fast one can play; with `from_ms` another
        device has played so much before.
        """
        self.act("Play")
        self.page.evaluate("() => { document.querySelector('video').playbackRate = 16; }")
        self.put_back_the_clock(played_ms=from_ms)
        if from_ms:
            self.page.evaluate(
                "(ms) => { document.querySelector('video').currentTime = ms / 1000; }", from_ms
            )
        expect(self.test_form()).to_be_visible(timeout=90_000)
        self.page.evaluate("() => document.querySelector('video').pause()")

    def put_back_the_clock(self, *, minutes: int = 20, played_ms: int = 0) -> None:
        """Let the server believe that the recording has been on for a while."""
        then = (datetime.now(UTC) - timedelta(minutes=minutes)).replace(tzinfo=None).isoformat(" ")
        columns = {"first_beat_at": then, "first_read_at": then}
        if played_ms:
            columns["intervals"] = f"[[0, {played_ms}]]"
        assignments = ", ".join(f"{column} = ?" for column in columns)
        participation = uuid.UUID(self.page.url.split("/path/")[1].split("/")[0]).hex
        query = (
            f"UPDATE learning_playback SET {assignments} WHERE participation_id ="
            " (SELECT id FROM learning_participation WHERE uuid = ?)"
        )
        for _ in range(50):
            with closing(sqlite3.connect(self.site.data / "opencme.sqlite3", timeout=20)) as database:
                changed = database.execute(query, [*columns.values(), participation]).rowcount
                database.commit()
            if changed:
                return
            time.sleep(0.1)
        raise AssertionError("no beat has arrived")

    def test_form(self):
        return self.page.locator("form[data-answers]")

    def submit_post_test(self, *, right: int | None = None) -> None:
        self.answer(right=right)
        self.act("Submit post-test")
        self.page.wait_for_url("**/result/")
        self.see()

    def rate_everything(self) -> None:
        form = self.page.locator("form[data-draft]")
        for item in form.locator("[data-item]:not([data-optional])").all():
            self.ratings += 1
            ticks = item.locator("input[type=radio]")
            if ticks.count():
                item.locator(f"input[value='{RATING}']").or_(ticks.first).last.check()
            else:
                item.locator("select").select_option(index=1)

    def submit_evaluation(self) -> None:
        self.rate_everything()
        self.act("Submit evaluation")
        self.page.wait_for_url("**/claim/")
        self.see()

    # --- other ways, and the end -----------------------------------------------------------

    def right_answers(self):
        """Each question of the test on the page with its correct options."""
        keys = keys_of(self.package)
        return [
            (item, keys[item.get_attribute("data-item")])
            for item in self.test_form().locator("[data-item]").all()
        ]

    def sign_in(self, who) -> None:
        self.page.goto(f"{self.site.address}/accounts/login/")
        self.page.get_by_label(re.compile("E-?mail", re.IGNORECASE)).fill(who.email)
        self.page.get_by_role("textbox", name="Password").fill(who.password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url("**/learning/")

    def attest(self) -> None:
        """Say that the content was completed another way, and go on to the post-test."""
        self.page.get_by_text("I completed this another way", exact=True).click()
        self.page.get_by_role("checkbox", name="I have completed this content").check()
        self.page.get_by_role("button", name="Attest").click()
        expect(self.test_form()).to_be_visible()

    def code_field(self):
        return self.page.get_by_label("6-digit code")

    def type_code(self, email: str) -> None:
        """Type the code from the mail into the claim; it goes with the claim, so it is no action."""
        self.codes += 1
        self.keystrokes += 6
        self.code_field().fill(self.site.code_sent_to(email))

    def claim(self) -> None:
        self.actions.append("Claim")
        self.page.get_by_role("button", name=re.compile("I attest")).click()
        self.page.wait_for_url("**/certificates/**")
        self.see()
