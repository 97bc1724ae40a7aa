"""The stage of the browser stories: Chromium, people signed in to the demo service, and what everybody's pages
complained of (console errors, CSP violations, missing assets, script errors)."""
import json
import pathlib
import re
import shutil
import urllib.error
import urllib.request

import basics

COUNTER = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
]
# A refusal is a page of its own with its own status, and the browser notes that status in its console.
REFUSAL = re.compile(r"the server responded with a status of 4\d\d")


def chromium(*flags):
    """How the installed browser is started."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        raise SystemExit("no chromium in the path")
    return {"executable_path": found, "args": [*FLAGS, *flags]}


class Stage:
    def __init__(self, playwright, base, tokens, out):
        self.base = base.rstrip("/")
        self.tokens = tokens
        self.out = pathlib.Path(out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.playwright = playwright
        self.browsers = []
        self.browser = self.launch()
        self.sessions = {}
        self.complaints = []
        self.expected = []
        self.seen = set()

    def launch(self, *flags):
        browser = self.playwright.chromium.launch(**chromium(*flags))
        self.browsers.append(browser)
        return browser

    def close(self):
        for browser in self.browsers:
            browser.close()

    def context(self, who=None, device=COUNTER, browser=None, locale="zh-CN"):
        """A window of one of the city's people, signed in; of a stranger without a name."""
        phone = {"is_mobile": True, "has_touch": True} if device is PHONE else {}
        state = self.sessions.get(who) if who else None
        context = (browser or self.browser).new_context(
            viewport=device, locale=locale, base_url=self.base, storage_state=state, accept_downloads=True, **phone
        )
        context.set_default_timeout(30_000)
        context.on("console", lambda message: self.heard(message.type, message.text, message.location.get("url", "")))
        context.on("weberror", lambda error: self.complain(f"script error: {error.error}"))
        context.on("response", self.answered)
        return context

    def page(self, who=None, device=COUNTER, browser=None, locale="zh-CN"):
        """As `context`, with a page. Whoever comes for the first time signs in by the form."""
        page = self.context(who, device, browser, locale).new_page()
        if who and who not in self.sessions:
            self.sign_in(page, who)
        return page

    def sign_in(self, page, who):
        page.goto("/sign-in")
        page.get_by_label("凭证").fill(self.tokens[who])
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        self.sessions[who] = page.context.storage_state()

    def heard(self, kind, text, where):
        if kind == "error" and not REFUSAL.search(text):
            self.complain(f"console: {text} ({where})")

    def answered(self, response):
        if response.status >= 500:
            self.complain(f"{response.status} for {response.url}")
        elif response.status >= 400 and response.request.resource_type in {"stylesheet", "script", "image", "font"}:
            self.complain(f"{response.status} for {response.url}")

    def complain(self, text):
        if not any(known in text for known in self.expected):
            self.complaints.append(text)

    def shot(self, page, name, check=True):
        """A picture of the whole page, and the basics of WCAG 2.2 AA on what stands there."""
        page.screenshot(path=self.out / f"{name}.png", full_page=True, animations="disabled", scale="css", timeout=90_000)
        if check:
            faults = basics.look_over(page)
            assert not faults, f"{name}: " + "; ".join(faults)

    def call(self, who, method, path, body=None, key=None):
        """Calls the API as one of the people, under a key that makes nothing twice: what a story needs but is not about."""
        request = urllib.request.Request(self.base + path, method=method)
        if who:
            request.add_header("Authorization", f"Bearer {self.tokens[who]}")
        if key:
            request.add_header("Idempotency-Key", key)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def holders_license(self):
        """The business license that the demo issued to its holder."""
        _, answer = self.call("holder", "GET", "/v1/licenses")
        mine = [license for license in json.loads(answer)["items"] if license["kind"] == "business-license"]
        return mine[-1]

    def holders_file(self, form="pdf"):
        path = f"/v1/licenses/{self.holders_license()['id']}/file?format={form}"
        status, data = self.call("holder", "GET", path)
        assert status == 200 and data.startswith(b"%PDF" if form == "pdf" else b"PK"), status
        return data


def text(locator):
    return re.sub(r"\s+", " ", locator.inner_text()).strip()
