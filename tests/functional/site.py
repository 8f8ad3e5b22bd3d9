"""The site as someone with a browser meets it."""

from dataclasses import dataclass, field
from itertools import count

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, FilePayload, Locator, Page

WORKER = "sakshandsamar@seljord.demo.invalid"
LEADER = "leiar@seljord.demo.invalid"
OFFICER = "personvern@seljord.demo.invalid"
PROJECT_LEADER = "prosjektleiar@demo.invalid"
OPERATIONS = "drift@demo.invalid"
CHIEF_EXECUTIVE = "direktor@seljord.demo.invalid"
CODE = "4022"
WIDTHS = {"phone": 320, "desk": 1280}
# A register with one row that is new and one that is refused.
REGISTER: FilePayload = {
    "name": "register.csv",
    "mimeType": "text/csv",
    "buffer": (
        "Førenamn;Etternamn;Fødselsnummer;Fødselsår;Busituasjon;Målgrupper;Bistandsnivå;Bustadtype;Registrert;"
        "Adressesperre;Motsegn\n"
        "Ada;Oppdikta;01818512321;1985;Ute;Eldre;Ingen;Rehabiliteringsbustad;2026-01-01;Nei;Nei\n"
        "Bo;Oppdikta;12345678901;1985;Ute;Eldre;Ingen;Rehabiliteringsbustad;2026-01-01;Nei;Nei\n"
    ).encode(),
}
_ASKED = count(1)


def own_register() -> FilePayload:
    """The same as another system writes it: headings that nobody knows, one of them another each time, for those that
    were named are remembered. The tenth column says who is protected."""
    content = REGISTER["buffer"].decode().replace("Fødselsnummer", "Klient-ID").replace("Etternamn", "Slektsnamn")
    content = content.replace("Adressesperre", f"Skjerma {next(_ASKED)}?")
    return {"name": "utskrift.csv", "mimeType": "text/csv", "buffer": content.encode()}


def press(locator: Locator) -> None:
    """Click, and wait for the page that the click leads to: a click alone waits until it begins."""
    locator.click()
    locator.page.wait_for_load_state()


@dataclass
class Site:
    """Windows on the site. ``complaints``: errors that the browser's console told, the expected answers left out."""

    address: str
    region: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def window(self, *, width: int = 1280, script: bool = True, language: str = "nn", scheme: str = "light") -> Page:
        """A new window of a new person."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)  # loaded machines are slow
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self.address}/language/{language}/")
        return page

    def sign_in(self, page: Page, email: str) -> None:
        """One click, as the demo offers."""
        page.goto(f"{self.address}/")
        press(page.locator("form", has_text=email).get_by_role("button"))

    def pages(self) -> dict[str, tuple[str | None, str]]:
        """Kind of page → who asks, and its address. A case is reached through the list."""
        own = f"/municipality/{CODE}"
        return {
            "front": (None, "/"),
            "home": (LEADER, "/"),
            "regions": (PROJECT_LEADER, "/region/"),
            "region": (PROJECT_LEADER, f"/region/{self.region}/"),
            "subject": (PROJECT_LEADER, f"/region/{self.region}/need/support/"),
            "subject-share": (PROJECT_LEADER, f"/region/{self.region}/need/situation/?show=share"),
            "subject-rate": (PROJECT_LEADER, f"/region/{self.region}/need/dwelling/?show=rate"),
            "areas": (PROJECT_LEADER, f"/region/{self.region}/need/areas/"),
            "completeness": (PROJECT_LEADER, f"/region/{self.region}/completeness/"),
            "releases": (PROJECT_LEADER, f"/region/{self.region}/releases/"),
            "operations": (OPERATIONS, "/operations/"),
            "glossary": (None, "/words/"),
            "cases": (WORKER, f"{own}/cases/"),
            "case": (WORKER, f"{own}/cases/"),
            "case_new": (WORKER, f"{own}/cases/new/"),
            "case_edit": (WORKER, f"{own}/cases/"),
            "case_move": (WORKER, f"{own}/cases/"),
            "case_looks": (WORKER, f"{own}/cases/"),
            "uploads": (WORKER, f"{own}/uploads/"),
            "upload": (WORKER, f"{own}/uploads/"),
            "upload_row": (WORKER, f"{own}/uploads/"),
            "upload_columns": (WORKER, f"{own}/uploads/"),
            "columns": (WORKER, f"{own}/uploads/columns/"),
            "declaration": (WORKER, f"{own}/declaration/"),
            "counts": (LEADER, f"{own}/counts/"),
            "deliveries": (LEADER, f"{own}/delivery/"),
            "delivery": (LEADER, f"{own}/delivery/"),
            "preparations": (WORKER, f"{own}/preparations/"),
            "plans": (PROJECT_LEADER, "/plans/"),
            "plan": (CHIEF_EXECUTIVE, "/plans/"),
            "drafts": (PROJECT_LEADER, "/drafts/"),
            "role": (WORKER, "/role/"),
            "account": (LEADER, "/account/"),
            "people": (LEADER, f"{own}/people/"),
            "person_new": (LEADER, f"{own}/people/new/"),
            "access": (LEADER, f"{own}/access/"),
            "access_nobody": (LEADER, f"{own}/access/nobody/"),
            "access_person": (LEADER, f"{own}/access/"),
            "access_case": (LEADER, f"{own}/access/nobody/"),
            "log": (OFFICER, f"{own}/log/"),
            "papers": (OFFICER, f"{own}/papers/"),
            "bases": (LEADER, f"{own}/papers/bases/"),
            "paper_new": (LEADER, f"{own}/papers/"),
            "paper_day": (LEADER, f"{own}/papers/"),
            "missing": (WORKER, "/nothing/"),
            "refused": (WORKER, f"{own}/counts/"),
        }

    def show(self, page: Page, kind: str) -> None:
        """Go to a kind of page; the person is signed in already."""
        _, path = self.pages()[kind]
        page.goto(f"{self.address}{path}")
        if kind.startswith("case") and kind not in ("cases", "case_new"):
            press(page.locator("tbody a").first)
        if kind == "access_person":
            press(page.get_by_role("link", name="Sakshandsamar Seljord (demo)", exact=True))
        if kind == "access_case":
            press(page.locator("tbody a").first)
        if kind in ("delivery", "plan"):
            press(page.locator("main .cards a").last)
        if kind == "paper_new":
            press(page.locator("a[href*='/papers/agreement/']").first)
        if kind == "paper_day":
            press(page.locator("a[href*='/papers/bases/']").last)
        if kind == "case_edit":
            press(page.locator("a[href$='/edit/']").first)
        if kind == "case_looks":
            press(page.locator("a[href$='/looks/']"))
        if kind == "case_move":
            press(page.locator("a[href$='/state/close/']"))
        if kind in ("upload", "upload_row"):
            page.set_input_files("input[type=file]", files=[REGISTER])
            press(page.locator("form[enctype] button"))
        if kind == "upload_row":
            press(page.locator("tr.refused a").first)
        if kind == "upload_columns":
            page.set_input_files("input[type=file]", files=[own_register()])
            press(page.locator("form[enctype] button"))
        if kind == "columns" and not page.locator(".names li").count():
            self.show(page, "upload_columns")
            page.locator("#id_column_address_protected").select_option("9")
            press(page.locator("main form button").first)
            page.goto(f"{self.address}{path}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser tells of every answer that is no success; the pages that are meant to be are.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)
