"""What every page must hold in every look: axe finds nothing, nothing scrolls sideways."""

import os
from pathlib import Path

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
LOOKS = [
    (name, {"width": width, "height": height}, scheme)
    for name, width, height in [("phone", 390, 844), ("desktop", 1280, 900)]
    for scheme in ("light", "dark")
]

# Colors that change with the scheme move there; that begins with the next frame.
AT_REST = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
}"""


def violations(page, *, scheme: str = "light") -> list[str]:
    """What axe finds, one line for each rule and element.

    The dark scheme changes nothing but colors, so only those are looked at again.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"]}
    if scheme == "dark":
        options["runOnly"] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def sideways(page) -> int:
    """How many pixels the page is wider than its window."""
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")


def keep_picture(page, name: str) -> None:
    folder = os.environ.get("OPENCME_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def look_at(page, name: str) -> None:
    """Check the state that the page is in: phone and desktop, light and dark, and a large screen."""
    before = page.viewport_size
    for device, size, scheme in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AT_REST)
        keep_picture(page, f"{name}-{device}-{scheme}")
        found = violations(page, scheme=scheme)
        assert not found, f"{name}, {device}, {scheme}:\n" + "\n".join(found)
        assert sideways(page) <= 0, f"{name} is too wide as {device}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1600, "height": 1000})
    keep_picture(page, f"{name}-wide-light")
    assert sideways(page) <= 0, f"{name} is too wide on a large screen"
    page.set_viewport_size(before)
