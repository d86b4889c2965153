"""Learners who walk from the log-in to the certificate, go on wherever a fault left them, and write down
what the server acknowledged, once its answer has been read."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

FIXTURE = Path(__file__).parents[1] / "learner_flow" / "fixtures" / "activity.json"
ACTIVITY = json.loads(FIXTURE.read_text())
RIGHT_ANSWERS = {
    f"{test}-{question['id']}": f"o{question['options'].index(question['correct']) + 1}"
    for question in ACTIVITY["questions"]
    for test in ("pre", "post")
}
PATIENCE_SECONDS = 20
MOST_REDIRECTS = 6
LAST = 1_000_000  # what is handed in counts after every answer that was saved


class NotNow(Exception):
    """The server could not be reached, or asked to come again."""


class Unexpected(Exception):
    """An answer that nobody should ever get."""


class Log:
    """What was acknowledged, in the order of the answers; and what came instead of an answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.entries: list[dict[str, Any]] = []
        self.sent: dict[str, list[list[Any]]] = {}
        self.troubles: Counter[str] = Counter()
        self.unexpected: list[str] = []

    def acknowledged(self, kind: str, **values: Any) -> None:
        with self._lock:
            self.entries.append({"kind": kind, "at": time.time(), **values})

    def will_send(self, attempt: str, item: str, n: int, value: str) -> None:
        """An answer that is on its way may be kept although nobody could say so."""
        with self._lock:
            self.sent.setdefault(f"{attempt} {item}", []).append([n, value])

    def trouble(self, what: str) -> None:
        with self._lock:
            self.troubles[what] += 1

    def write(self, path: Path) -> None:
        path.write_text(json.dumps({"entries": self.entries, "sent": self.sent}))

    def counts(self) -> dict[str, int]:
        return dict(Counter(entry["kind"] for entry in self.entries))


class Page:
    """An answer: its address, status and, where it is a page, its forms."""

    def __init__(self, url: str, status: int, headers: dict[str, str], body: bytes) -> None:
        self.url, self.status, self.headers, self.body = url, status, headers, body

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def document(self) -> Any:
        return lxml.html.fromstring(self.body)

    def form_with(self, field: str) -> Any:
        """The form that has a field of this name, or None."""
        return next((one for one in self.document.forms if field in one.fields), None)


class Browser:
    """One connection, its cookies, and no retries of its own."""

    def __init__(self, base: str, log: Log) -> None:
        self._base, self._log = base, log
        self._host = urlsplit(base).netloc
        self._connection: http.client.HTTPConnection | None = None
        self.cookies: dict[str, str] = {}

    def get(self, address: str) -> Page:
        """A page, redirects followed."""
        page = self.send("GET", address)
        for _ in range(MOST_REDIRECTS):
            if page.status not in (301, 302, 303):
                break
            page = self.send("GET", urljoin(page.url, page.location))
        return page

    def post(self, address: str, fields: dict[str, str]) -> Page:
        """The answer to a form, redirects not followed: reading it is the acknowledgement."""
        fields = fields | {"csrfmiddlewaretoken": self.cookies.get("opencme_csrf", "")}
        return self.send("POST", address, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def post_json(self, address: str, value: Any) -> Page:
        return self.send("POST", address, json.dumps(value).encode(), "application/json")

    def send(self, method: str, address: str, body: bytes | None = None, kind: str = "") -> Page:
        url = urljoin(self._base, address)
        parts = urlsplit(url)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": kind, "X-CSRFToken": self.cookies.get("opencme_csrf", "")}
        if kind == "application/json":
            headers["Accept"] = "application/json"
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._host, timeout=PATIENCE_SECONDS)
            self._connection.request(method, target, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as trouble:
            self.close()
            self._log.trouble(type(trouble).__name__)
            raise NotNow from trouble
        self._keep_cookies(answer)
        return self._checked(
            Page(url, answer.status, {k.lower(): v for k, v in answer.getheaders()}, content), method
        )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()

    def _checked(self, page: Page, method: str) -> Page:
        if page.status in (429, 503):
            self._log.trouble(f"{page.status} {method}")
            raise NotNow
        if page.status >= 500:
            self._log.trouble(f"{page.status} {method}")
            self._log.unexpected.append(f"{page.status} at {method} {page.path}")
            raise NotNow
        return page


class Learner:
    """One person, who does not give up."""

    def __init__(self, base: str, account: dict[str, str], log: Log, rng: random.Random) -> None:
        self._browser = Browser(base, log)
        self._account, self._log, self._rng = account, log, rng
        self._participation = ""
        self._numbers: dict[tuple[str, str], int] = {}
        self._chosen: dict[tuple[str, str], str] = {}
        self.is_done = False

    def walk(self, until: float) -> None:
        """Go on until the certificate is there or time is over."""
        while not self.is_done and time.monotonic() < until:
            try:
                self._go_on()
            except NotNow:
                time.sleep(0.1 + self._rng.random() * 0.4)
        if self.is_done:
            self._browser.close()

    def _go_on(self) -> None:
        """Look where the path stands, and do what is asked there."""
        if not self._participation:
            self._start()
        page = self._browser.get(f"/path/{self._participation}/")
        if page.path.startswith("/accounts/login/"):
            self._log_in()
            return
        if page.status != 200:
            raise self._surprise(page)
        if page.path.startswith("/certificates/"):
            self._certificate(page)
        elif page.form_with("attempt") is not None:
            self._take_test(page)
        elif page.document.xpath("//*[@data-beat-url]"):
            self._play(page)
        elif page.path.endswith("/evaluation/"):
            self._evaluate(page)
        elif page.path.endswith("/claim/"):
            self._claim(page)
        else:
            raise self._surprise(page)

    def _surprise(self, page: Page) -> Unexpected:
        said = f"{page.status} at {page.path} {page.location}"
        self._log.unexpected.append(said)
        return Unexpected(said)

    def _log_in(self) -> None:
        self._browser.get("/accounts/login/")
        fields = {"login": self._account["username"], "password": self._account["password"]}
        page = self._browser.post("/accounts/login/", fields)
        if page.status not in (302, 303) and page.status != 403:  # a token that the fault left behind
            raise self._surprise(page)

    def _start(self) -> None:
        activity = self._browser.get(f"/activities/{ACTIVITY['uuid']}/x/")
        page = self._browser.get(activity.path + "start/")
        form = page.form_with("block")
        if form is None or "/accounts/" in page.path or "email" in form.fields:
            self._log_in()
            raise NotNow
        page = self._browser.post(page.path, {"block": form.fields["block"]})
        if page.status not in (302, 303) or "/path/" not in page.location:
            raise self._surprise(page)
        self._participation = page.location.split("/path/")[1].split("/")[0]
        self._log.acknowledged(
            "started", participation=self._participation, learner=self._account["username"]
        )

    # --- tests -------------------------------------------------------------------------------------

    def _take_test(self, page: Page) -> None:
        form = page.form_with("attempt")
        attempt, address = form.fields["attempt"], form.get("action") or page.path
        names = sorted({one.name for one in form.inputs if (one.name or "").startswith("item-")})
        answers = {name: self._choice(attempt, name.removeprefix("item-")) for name in names}
        for name in names:
            item = name.removeprefix("item-")
            if self._rng.random() < 0.6:
                self._save(address, attempt, item, answers[name])
        for name in names:
            self._log.will_send(attempt, name.removeprefix("item-"), LAST, answers[name])
        page = self._browser.post(address, {"attempt": attempt, **answers})
        if page.status == 409:
            return  # handed in by a request whose answer was lost
        if page.status not in (302, 303):
            raise self._surprise(page)
        given = {name.removeprefix("item-"): value for name, value in answers.items()}
        self._log.acknowledged("submitted", attempt=attempt, answers=given)

    def _choice(self, attempt: str, item: str) -> str:
        """The answer that the learner means in the end; the same when asked again."""
        if (attempt, item) not in self._chosen:
            right = RIGHT_ANSWERS[item]
            self._chosen[attempt, item] = right if item.startswith("post-") else f"o{self._rng.randint(1, 4)}"
        return self._chosen[attempt, item]

    def _save(self, address: str, attempt: str, item: str, final: str) -> None:
        """Save an answer, often after another one; each is sent again until the server has it."""
        before = [f"o{self._rng.randint(1, 4)}"] if self._rng.random() < 0.4 else []
        for value in (*before, final):
            n = self._numbers[attempt, item] = self._numbers.get((attempt, item), 0) + 1
            self._log.will_send(attempt, item, n, value)
            sent = {"attempt": attempt, "item": item, "value": [value], "n": n, "age_ms": 0}
            page = self._browser.post_json(urljoin(address, "save/"), sent)
            if page.status == 409:
                return
            if page.status != 200:
                raise self._surprise(page)
            kept = json.loads(page.body)
            self._log.acknowledged(
                "answer", attempt=attempt, item=item, n=kept["n"], value=list(kept["value"])
            )

    # --- content, evaluation, claim --------------------------------------------------------------------

    def _play(self, page: Page) -> None:
        (root,) = page.document.xpath("//*[@data-beat-url]")
        whole = ACTIVITY["recording_seconds"] * 1000
        halves = ([[0, whole // 2]], [[whole // 2, whole]])
        for stretches in halves:
            answer = self._browser.post_json(
                root.get("data-beat-url"),
                {"played": stretches, "position_ms": stretches[0][1], "last": stretches is halves[1]},
            )
            if answer.status != 200:
                raise self._surprise(answer)
            self._log.acknowledged(
                "played", participation=self._participation, played=json.loads(answer.body)["played"]
            )

    def _evaluate(self, page: Page) -> None:
        form = page.form_with("q-e1")
        if form is None:
            raise self._surprise(page)
        answers = {
            one.name: one.get("value")
            for one in reversed([*form.xpath(".//input[@type='radio']")])
            if (one.name or "").startswith("q-")
        }
        answers |= {one.name: "I will listen first." for one in form.xpath(".//textarea")}
        page = self._browser.post(form.get("action") or page.path, answers)
        if page.status not in (302, 303):
            raise self._surprise(page)
        self._log.acknowledged("evaluated", participation=self._participation)

    def _claim(self, page: Page) -> None:
        form = page.form_with("name")
        if form is None:
            raise self._surprise(page)
        page = self._browser.post(form.get("action") or page.path, _filled(form))
        if page.status not in (302, 303):
            raise self._surprise(page)
        if "/certificates/" in page.location:
            self._log.acknowledged(
                "claimed", participation=self._participation, certificate=_uuid_of(page.location)
            )

    def _certificate(self, page: Page) -> None:
        uuid = _uuid_of(page.path)
        self._log.acknowledged("certificate", participation=self._participation, certificate=uuid)
        pdf = self._browser.get(f"/certificates/{uuid}/pdf/")
        if pdf.status != 200 or not pdf.body.startswith(b"%PDF"):
            raise self._surprise(pdf)
        self._log.acknowledged("pdf", certificate=uuid, sha256=sha256(pdf.body).hexdigest())
        self.is_done = True


def _filled(form: Any) -> dict[str, str]:
    """A form as a browser sends it when nothing was changed."""
    fields: dict[str, str] = {}
    for control in form.xpath(".//input[@name] | .//select | .//textarea"):
        kind = control.get("type")
        if kind not in ("radio", "checkbox") or control.get("checked") is not None:
            fields[control.get("name")] = control.value or ""
    return fields


def _uuid_of(address: str) -> str:
    return address.partition("/certificates/")[2].partition("/")[0]


class Crowd:
    """Some learners at a time, each from the log-in to the certificate, the next one after each."""

    def __init__(
        self, base: str, accounts: Iterator[dict[str, str]], *, at_once: int, seed: int, log: Log
    ) -> None:
        self._base, self._accounts, self._log = base, accounts, log
        self._at_once, self._seed = at_once, seed
        self._lock = threading.Lock()
        self._under_way: list[Learner] = []
        self._threads: list[threading.Thread] = []
        self._until = 0.0
        self._takes_more = True
        self.finished = 0

    def begin(self) -> None:
        self._until = time.monotonic() + 3600
        for number in range(self._at_once):
            rng = random.Random(self._seed * 1000 + number)
            thread = threading.Thread(target=self._work, args=(rng,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _work(self, rng: random.Random) -> None:
        while self._takes_more and time.monotonic() < self._until:
            with self._lock:
                account = next(self._accounts, None)
            if account is None:
                return
            learner = Learner(self._base, account, self._log, rng)
            with self._lock:
                self._under_way.append(learner)
            try:
                while not learner.is_done and time.monotonic() < self._until:
                    learner.walk(self._until)
            except Unexpected:
                return
            finally:
                with self._lock:
                    self._under_way.remove(learner)
                    self.finished += learner.is_done

    def finish(self, *, within_seconds: float) -> int:
        """Let those under way come to their certificate; returns how many did not."""
        self._takes_more = False
        self._until = min(self._until, time.monotonic() + within_seconds)
        for thread in self._threads:
            thread.join(within_seconds + PATIENCE_SECONDS + 5)
        return len(self._under_way) + sum(thread.is_alive() for thread in self._threads)
