"""OpenCME. The activity is the one that `bench/seed.py` publishes; no configuration is needed.

`start` and its form count in `start_pretest`, the claim in `certificate`. The pre-test shows no score, by
design: handing it in is proved by the recording that opens. Beats are what the page's script sends for a
recording this short.
"""
from __future__ import annotations

import asyncio
import re

from adapters import BaseAdapter
from session import Form, Response, Session, StepFailed, check, pdf_has, plain


def form_with(page: Response, field: str) -> Form:
    """The form that has a field of this name."""
    for element in page.doc.iter("form"):
        form = Form(element, page.url)
        if any(one.get("name") == field for one in element.iter("input", "textarea", "select")):
            return form
    raise StepFailed(f"no form with {field!r} on {page.url}")


class Adapter(BaseAdapter):
    clicks = 6    # Sign in, Start, Start (form), Submit, Submit, Submit, Claim; without Play and the choices

    async def login(self, s: Session, learner) -> None:
        landing = await s.get(f"/activities/{self.activity['uuid']}/x/")
        learner.state["activity"] = landing.url
        page = await s.get("/accounts/login/?next=" + landing.url.removeprefix(self.base_url))
        answer = await s.submit(page.form("/accounts/login/"), login=learner.username, password=learner.password)
        check(answer.url == landing.url, f"after the log-in on {answer.url}")

    async def open_activity(self, s: Session, learner) -> None:
        page = await s.get(learner.state["activity"])
        check(self.activity["title"] in page.text, "title not on the activity page")
        links = [a.get("href") for a in page.doc.iter("a") if (a.get("href") or "").endswith("/start/")]
        check(links, "no way to start")
        check("/accounts/logout/" in page.text, "not signed in")
        learner.state["start"] = links[0]

    async def start_pretest(self, s: Session, learner) -> None:
        page = await s.get(learner.state["start"])
        test = await s.submit(form_with(page, "block"))
        self._keep_test(test, learner)

    async def submit_pretest(self, s: Session, learner) -> None:
        page = await self._hand_in(s, learner, learner.rng.randint(3, 7))
        check("<video" in page.text, f"no recording after the pre-test, but {page.url}")
        learner.state["content"] = page.url

    async def open_video(self, s: Session, learner) -> None:
        page = await s.get(learner.state["content"])
        videos = page.doc.xpath("//video/@src | //video/source/@src")
        check(videos, "no video element")
        part = await s.get(videos[0], headers={"Range": "bytes=0-65535"})
        check((part.status, len(part.body)) == (206, 65_536), f"video: {part.status}, {len(part.body)} bytes")
        (root,) = page.doc.xpath("//*[@data-beat-url]")
        learner.state["beat"] = root.get("data-beat-url")
        check(page.doc.xpath("//*[@data-unfold]"), "the post-test is open before the recording was played")

    async def progress(self, s: Session, learner) -> None:
        token = await self._token(s)
        whole = self.activity["recording_seconds"] * 1000
        for stretches in ((), ((0, whole // 2),), ((whole // 2, whole),)):
            position = stretches[-1][1] if stretches else 0
            answer = await self._until_taken(
                s, learner.state["beat"],
                as_json={"played": stretches, "position_ms": position},
                headers={"X-CSRFToken": token, "Referer": learner.state["content"]})
        check('"open": true' in answer.text.replace('":true', '": true'), f"after the last beat: {answer.text[:200]}")

    async def start_posttest(self, s: Session, learner) -> None:
        # The page's script fetches the page again and takes the post-test over.
        self._keep_test(await s.get(learner.state["content"]), learner)

    async def submit_posttest(self, s: Session, learner) -> None:
        right = learner.rng.randint(8, 10)
        page = await self._hand_in(s, learner, right)
        check(f"{right} of 10" in plain(page.doc.text_content()), f"{right} of 10 not on {page.url}")
        learner.state["result"] = page

    async def evaluation(self, s: Session, learner) -> None:
        form = form_with(learner.state["result"], "q-e1")
        choices, texts = form.names("radio"), form.names("textarea")
        check(len(choices) + len(texts) == 12, f"{len(choices)} choices and {len(texts)} texts")
        answers = {name: self._values(form, name)[0] for name in choices}
        answers |= {name: "I will listen for two minutes before I ask anything." for name in texts}
        page = await s.submit(form, **answers)
        learner.state["claim"] = page

    async def certificate(self, s: Session, learner) -> None:
        page = learner.state["claim"]
        form = form_with(page, "name")
        page = await s.submit(form)
        check(learner.full_name in page.text, f"no certificate on {page.url}")
        links = [a.get("href") for a in page.doc.iter("a") if "/pdf/" in (a.get("href") or "")]
        check(links, "no link to the PDF")
        pdf = await s.get(links[0])
        check(pdf_has(pdf.body, learner.full_name), "the PDF does not show the learner's name")
        learner.state["pdf_bytes"] = len(pdf.body)

    async def transcript(self, s: Session, learner) -> None:
        page = await s.get("/learning/")
        check(self.activity["title"] in page.text, "the activity is not on the transcript")

    @staticmethod
    async def _until_taken(s: Session, url: str, **kw) -> Response:
        """As the page's script does: where the server is busy, again after the time it asks for."""
        for _ in range(20):
            answer = await s.request("POST", url, **kw)
            if answer.status != 503:
                break
            await asyncio.sleep(int(answer.headers.get("Retry-After", 1)))
        check(answer.status < 400, f"POST: HTTP {answer.status}")
        return answer

    # --- tests ------------------------------------------------------------------------------------

    def _keep_test(self, page: Response, learner) -> None:
        form = form_with(page, "attempt")
        names = form.names("radio")
        check(len(names) == 10, f"{len(names)} items on {page.url}")
        learner.state["test"] = form

    async def _hand_in(self, s: Session, learner, right: int) -> Response:
        form: Form = learner.state.pop("test")
        answers = {}
        for place, fieldset in enumerate(form.element.xpath(".//fieldset[.//input[@type='radio']]")):
            name, value = self._answer(fieldset, correct=place < right)
            answers[name] = value
        check(len(answers) == 10, f"{len(answers)} answers")
        return await s.submit(form, **answers)

    def _answer(self, fieldset, *, correct: bool) -> tuple[str, str]:
        text = plain(fieldset.text_content())
        wanted = next(key for stem, key in self.correct.items() if plain(stem) in text)
        for label in fieldset.xpath(".//label[.//input[@type='radio']]"):
            radio = label.xpath(".//input[@type='radio']")[0]
            if (plain(label.text_content()) == plain(wanted)) is correct:
                return radio.get("name"), radio.get("value")
        raise StepFailed(f"no such option: {wanted}")

    @staticmethod
    def _values(form: Form, name: str) -> list[str]:
        return [one.get("value") for one in form.element.xpath(".//input[@type='radio']") if one.get("name") == name]

    @staticmethod
    async def _token(s: Session) -> str:
        found = re.search(r'"token": *"([^"]+)"', (await s.get("/csrf/")).text)
        check(found, "no token")
        return found[1]
