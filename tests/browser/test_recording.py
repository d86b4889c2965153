"""The recording: what was played is measured, repeated until it counts, and the post-test unfolds."""

import json
import re
import time

import pytest
from playwright.sync_api import expect
from tests.browser.walk import Walk


@pytest.fixture
def content(page, site, request):
    """A new learner at the recording."""
    walk = Walk(page, site)
    walk.begin(f"{request.node.name.replace('_', '-')[:40]}@hospital.example")
    walk.submit_pre_test()
    return walk


def counted(page) -> list[list[int]]:
    """What the server counts as played, as a page made now says it."""
    fresh = page.request.get(page.url).text()
    return json.loads(re.search(r"data-played=.(\[\]|\[\[.*?\]\])", fresh.replace("&quot;", '"'))[1])


def seconds(stretches) -> float:
    return sum(end - start for start, end in stretches) / 1000


def play(page, seconds_: float) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"() => document.querySelector('video').currentTime >= {seconds_}")


def pause(page) -> None:
    with page.expect_response("**/beat/"):
        page.get_by_role("button", name="Pause").click()


def jump(page, to: float) -> None:
    page.evaluate(f"() => {{ document.querySelector('video').currentTime = {to}; }}")


def test_what_was_played_counts_and_is_shown(content):
    page = content.page
    play(page, 3)
    pause(page)
    assert 2.5 < seconds(counted(page)) < 5
    expect(page.locator("[data-played-text]")).to_contain_text(re.compile(r"0:0[2-4] of 9:00"))
    page.reload()
    expect(page.locator("[data-played-text]")).to_contain_text(re.compile(r"0:0[2-4] of 9:00"))


def test_what_was_jumped_over_does_not_count(content):
    page = content.page
    play(page, 1)
    jump(page, 300)
    page.wait_for_function("() => document.querySelector('video').currentTime > 301")
    pause(page)
    first, second = counted(page)
    assert first[1] < 3000
    assert second[0] > 299_000


def test_the_recording_goes_on_where_it_was_left_on_another_device(content, open_browser):
    page = content.page
    play(page, 1)
    jump(page, 120)
    page.wait_for_function("() => document.querySelector('video').currentTime > 121")
    pause(page)
    other = open_browser(storage_state={"cookies": page.context.cookies(), "origins": []}).new_page()
    other.goto(page.url)
    other.wait_for_function("() => document.querySelector('video').currentTime > 120")


def test_two_devices_add_up(content, open_browser):
    page = content.page
    other = open_browser(storage_state={"cookies": page.context.cookies(), "origins": []}).new_page()
    other.goto(page.url)
    play(page, 2)
    other.wait_for_load_state()
    other.get_by_role("button", name="Play", exact=True).click()
    jump(other, 60)
    other.wait_for_function("() => document.querySelector('video').currentTime > 62")
    pause(other)
    pause(page)
    starts = [start for start, _ in counted(page)]
    assert any(start < 1000 for start in starts)
    assert any(59_000 < start < 61_500 for start in starts)


def test_a_hidden_page_reports_what_was_played_until_then(content):
    page = content.page
    play(page, 2)
    page.goto("about:blank")
    page.go_back()
    assert seconds(counted(page)) > 1.5


def test_beats_that_were_lost_are_sent_again(content):
    page = content.page
    play(page, 1)
    page.route("**/beat/", lambda route: route.abort())
    page.wait_for_function("() => document.querySelector('video').currentTime >= 4")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    before = seconds(counted(page))
    page.unroute("**/beat/")
    page.reload()
    expect(page.locator("[data-player-bar]")).to_be_visible()
    page.wait_for_timeout(1000)
    assert seconds(counted(page)) > before + 2


def test_leaving_full_screen_on_a_phone_reports(content):
    page = content.page
    play(page, 2)
    with page.expect_response("**/beat/"):
        page.evaluate("() => document.querySelector('video').dispatchEvent(new Event('webkitendfullscreen'))")
    assert seconds(counted(page)) > 1.5


def test_the_bar_goes_back_changes_speed_and_shows_captions(content):
    page = content.page
    jump(page, 100)
    page.get_by_role("button", name="Back 15 s").click()
    assert 84 < page.evaluate("() => document.querySelector('video').currentTime") < 86
    page.locator("[data-speed]").click()
    assert page.evaluate("() => document.querySelector('video').playbackRate") == 1.25
    expect(page.locator("[data-speed]")).to_have_text("1.25×")
    captions = page.locator("[data-captions]")
    before = captions.get_attribute("aria-pressed")
    captions.click()
    expect(captions).not_to_have_attribute("aria-pressed", before)


def test_the_own_bar_takes_the_place_of_the_native_controls(content):
    page = content.page
    expect(page.locator("[data-player-bar]")).to_be_visible()
    expect(page.locator("video[controls]")).to_have_count(0)


def test_the_native_controls_stay_where_the_bar_cannot_work(page, site):
    page.route("**/player*.js", lambda route: route.abort())
    walk = Walk(page, site)
    walk.begin("native-controls@hospital.example")
    walk.submit_pre_test()
    expect(page.locator("video[controls]")).to_be_visible()
    expect(page.locator("[data-player-bar]")).to_be_hidden()


def test_the_range_seeks_by_keyboard_and_says_where_it_is(content):
    page = content.page
    position = page.get_by_role("slider", name="Position")
    jump(page, 370)
    expect(position).to_have_attribute("aria-valuetext", "6:10 of 9:00")
    position.press("ArrowRight")
    expect(position).to_have_attribute("aria-valuetext", "6:15 of 9:00")
    position.press("PageDown")
    expect(position).to_have_attribute("aria-valuetext", "5:45 of 9:00")
    position.press("Home")
    page.wait_for_function("() => document.querySelector('video').currentTime === 0")
    expect(page.locator("[data-time]")).to_have_text("0:00 / 9:00")


def test_the_range_follows_what_plays_and_is_silent_under_the_focus(content):
    page = content.page
    play(page, 1)
    position = page.get_by_role("slider", name="Position")
    position.focus()
    said = position.get_attribute("aria-valuetext")
    page.wait_for_function("() => document.querySelector('[data-seek]').value >= 3")
    assert position.get_attribute("aria-valuetext") == said


def test_a_press_on_the_picture_plays_and_pauses(content):
    page = content.page
    video = page.locator("video")
    video.click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 1")
    video.click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert page.evaluate("() => document.querySelector('video').paused")


def test_the_bar_mutes_and_fills_the_screen(content):
    page = content.page
    page.get_by_role("button", name="Mute").click()
    assert page.evaluate("() => document.querySelector('video').muted")
    page.get_by_role("button", name="Sound on").click()
    assert not page.evaluate("() => document.querySelector('video').muted")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => document.fullscreenElement?.querySelector('[data-player-bar]')")
    page.get_by_role("button", name="Leave full screen").click()
    page.wait_for_function("() => !document.fullscreenElement")


def test_a_phone_without_full_pages_fills_the_screen_with_the_video(open_browser, site):
    page = open_browser().new_page()
    page.add_init_script("""
      delete Element.prototype.requestFullscreen;
      Object.defineProperty(Document.prototype, 'fullscreenEnabled', { value: false });
      HTMLVideoElement.prototype.webkitEnterFullscreen = function () { this.dataset.filled = '1'; };
    """)
    walk = Walk(page, site)
    walk.begin("small-phone@hospital.example")
    walk.submit_pre_test()
    page.get_by_role("button", name="Full screen").click()
    expect(page.locator("video")).to_have_attribute("data-filled", "1")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_control_of_the_bar_is_48_pixels(content, width):
    page = content.page
    page.set_viewport_size({"width": width, "height": 844})
    controls = page.locator("[data-player-bar]").locator("button:visible, input")
    boxes = [control.bounding_box() for control in controls.all()]
    assert len(boxes) == 7
    assert all(box["width"] >= 48 and box["height"] >= 48 for box in boxes), boxes
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes), boxes


def test_chapters_are_listed_with_what_was_played_and_go_there(content):
    page = content.page
    page.get_by_text("Chapters", exact=True).click()
    chapters = page.locator("[data-chapter]")
    second = chapters.nth(1)
    expect(second).to_contain_text("1:08")
    expect(second).to_contain_text("not yet")
    second.get_by_role("link").click()
    page.wait_for_function("() => document.querySelector('video').currentTime >= 71")
    expect(second.get_by_role("link")).to_have_attribute("aria-current", "true")
    pause(page)
    expect(second).to_contain_text(re.compile(r"0:0[2-5] of 1:\d\d played"))
    page.reload()
    expect(second.locator("[data-chapter-text]")).to_have_text(re.compile(r"0:0[2-5] of 1:\d\d played"))


def test_what_is_gone_to_stands_below_the_player_on_a_phone(content):
    page = content.page
    page.set_viewport_size({"width": 390, "height": 664})
    page.get_by_role("link", name="Read instead").click()
    player = page.locator("[data-player]").bounding_box()
    assert player["y"] >= 0
    assert page.locator("[data-transcript]").bounding_box()["y"] >= player["y"] + player["height"] - 1
    segment = page.locator("[data-segment] a").nth(3)
    segment.scroll_into_view_if_needed()
    before = page.evaluate("() => scrollY")
    segment.click()
    assert page.evaluate("() => scrollY") == before


def test_player_and_bar_are_not_printed(content):
    page = content.page
    page.emulate_media(media="print")
    expect(page.locator("[data-player]")).to_be_hidden()
    expect(page.locator("[data-transcript]")).to_be_visible()


def test_the_transcript_is_searched_and_jumps(content):
    page = content.page
    page.get_by_role("searchbox").fill("believe")
    expect(page.locator("[data-transcript-found]")).to_contain_text("found")
    shown = page.locator("[data-segment]:visible")
    assert 0 < shown.count() < page.locator("[data-segment]").count()
    segment = shown.first
    start = int(segment.get_attribute("data-start-ms"))
    segment.locator("a").first.click()
    page.wait_for_function(f"() => document.querySelector('video').currentTime >= {start / 1000}")


def test_text_that_was_shown_is_evidence_of_its_own(content):
    page = content.page
    segment = page.locator("[data-segment]").nth(5)
    with page.expect_response("**/read/", timeout=20_000) as answer:
        segment.scroll_into_view_if_needed()
    assert answer.value.ok
    assert not answer.value.json()["played_text"].startswith("0:00")
    with page.expect_response("**/read/", timeout=20_000) as again:  # sent until it is written
        pass
    assert seconds(again.value.json()["read"]) > 0


def test_the_post_test_unfolds_below_and_the_focus_stays(content):
    page = content.page
    content.play_enough(from_ms=440_000)
    expect(page.locator("[data-unfold]").get_by_role("heading", name="Post-test")).to_be_visible()
    assert page.evaluate("() => document.activeElement.closest('[data-unfold]')") is None
    assert "/recording/" in page.url
    expect(page.locator("#steps")).not_to_contain_text("opens when 7:39")
    expect(page.locator("[data-opened]")).to_have_text("The post-test is open, below.")
    page.locator("[data-unfold] [data-item]").first.locator("input").first.check()
    expect(page.locator("[data-saved-text]")).to_have_text(re.compile("^Saved"))


def test_where_video_is_blocked_the_transcript_is_offered(page, site):
    page.route("**/media/**/*.mp4*", lambda route: route.abort())
    walk = Walk(page, site)
    walk.begin("blocked@hospital.example")
    walk.submit_pre_test()
    expect(page.locator("[data-player-blocked]")).to_be_visible()
    expect(page.get_by_role("link", name="Read the transcript instead")).to_be_visible()


@pytest.mark.parametrize(
    ("link", "file"), [("Smaller picture", "recording-low.mp4"), ("Sound only", "recording-audio.m4a")]
)
def test_a_lighter_version_goes_on_at_the_same_place(content, link, file):
    page = content.page
    jump(page, 60)
    play(page, 61)
    page.get_by_role("link", name=link).click()
    page.wait_for_function(
        f"() => document.querySelector('video').currentSrc.includes('{file}')"
        " && document.querySelector('video').currentTime > 61.5 && !document.querySelector('video').paused"
    )
    pause(page)
    assert seconds(counted(page)) < 15


def test_a_busy_server_is_not_asked_again_before_its_time(content):
    page = content.page
    page.evaluate("() => { Math.random = () => 0; }")  # as soon as is polite
    beats = []

    def busy_once(route):
        beats.append(time.monotonic())
        if len(beats) == 1:
            route.fulfill(status=503, headers={"Retry-After": "8"}, body="")
        else:
            route.continue_()

    page.route("**/beat/", busy_once)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('video').currentTime >= 2")
    page.get_by_role("button", name="Pause").click()
    for _ in range(60):
        page.evaluate("() => dispatchEvent(new Event('online'))")
        if len(beats) > 1:
            break
        page.wait_for_timeout(200)
    assert beats[1] - beats[0] >= 7.9
    page.reload()
    assert 1.5 < seconds(counted(page)) < 6
