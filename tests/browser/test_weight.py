"""What a first visit costs on the line."""

import pytest
from tests.browser.walk import Walk

LIMIT = 100_000


class Line:
    """Counts the bytes that come in, as sent, headers apart; media do not count."""

    def __init__(self, page):
        self.sizes = {}
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.urls = {}
        self.session.on("Network.responseReceived", self._began)
        self.session.on("Network.loadingFinished", self._ended)

    def _began(self, event):
        self.urls[event["requestId"]] = event["response"]["url"]

    def _ended(self, event):
        url = self.urls.get(event["requestId"], "")
        if "/media/" not in url:
            self.sizes[url] = event["encodedDataLength"]

    @property
    def total(self):
        return sum(self.sizes.values())


@pytest.mark.parametrize("where", ["activity", "catalogue"])
def test_a_first_visit_is_under_100_kilobytes(open_browser, site, where):
    page = open_browser().new_page()
    line = Line(page)
    page.goto(site.activity() if where == "activity" else f"{site.address}/", wait_until="networkidle")
    assert line.sizes
    assert line.total < LIMIT, line.sizes


def test_the_first_page_of_the_path_is_too(open_browser, site):
    context = open_browser()
    walk = Walk(context.new_page(), site)
    walk.begin("weight@hospital.example")
    fresh = open_browser(storage_state={"cookies": context.cookies(), "origins": []}).new_page()
    line = Line(fresh)
    fresh.goto(walk.page.url, wait_until="networkidle")
    assert line.total < LIMIT, line.sizes
