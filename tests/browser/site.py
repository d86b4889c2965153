"""The demonstration as the tests know it: its addresses, its keys, its mail."""

import re
import tomllib
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import opencme.sample_content

PACKAGES = Path(opencme.sample_content.__file__).parent / "packages"
CONVERSATION = "biopsychosocial-conversation"


@dataclass(frozen=True)
class Site:
    """One installation that is being served."""

    address: str
    data: Path

    def activity(self, package: str = CONVERSATION) -> str:
        """The address of an activity's page; a wrong slug leads to the right one."""
        return f"{self.address}/activities/{self.uuid(package)}/x/"

    def uuid(self, package: str) -> str:
        """The uuid of an activity."""
        return str(tomllib.loads((PACKAGES / package / "activity.toml").read_text())["uuid"])

    def code_sent_to(self, email: str) -> str:
        """The six digits of the newest mail to an address."""
        with urllib.request.urlopen(f"{self.address}/mail/", timeout=10) as answer:
            mails = answer.read().decode().split("<section")
        newest = next(mail for mail in mails if email in mail)
        return re.search(r"\b(\d{3}) ?(\d{3})\b", newest).expand(r"\1\2")


def keys_of(package: str = CONVERSATION) -> dict[str, list[str]]:
    """The correct options of each item of a package."""
    items = tomllib.loads((PACKAGES / package / "items.toml").read_text())["items"]
    return {
        item["key"]: [option["key"] for option in item["options"] if option.get("is_key")] for item in items
    }
