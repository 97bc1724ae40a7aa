"""The desk's eight states and twenty-one reasons: each comes of something that happens to a code, and is read."""
import json
import time

from counter import enter, nothing_shown, verdict
from desk import with_bundle
from offline_codes import DAY, Issuer, new_key
from says import CODES, ROOT, read
from stage import COUNTER
from tools import check_pair, credit_code, digits_of, other_digit

# A holder of its own: its licenses end in this story.
HOLDER = credit_code("91990102MA7YQX055")
ROLLING = "71" + "3" * 23
# What no browser can bring about: a license whose last day is over a minute after its code was drawn. tests/stories/desk.rs
# triggers it on the same page, with the service's clock in its hands.
BY_THE_CLOCK = {"V03"}


class Permit:
    """A license of the story's own holder, and what its department and its holder do with it."""

    def __init__(self, stage):
        self.stage = stage
        body = {"label": "走查持证人", "role": "holder", "holder": HOLDER, "days": 2}
        stage.tokens["states-holder"] = self.call("operator", "POST", "/v1/credentials", body)["token"]
        kind = self.call("department-market", "GET", "/v1/license-kinds/food-operation-permit")
        data = {field["name"]: field["example"] for field in kind["fields"] if field["example"]}
        self.order = {"seal": stage.holders_license()["seal"], "data": {**data, "credit_code": HOLDER}}
        self.take(self.call("department-market", "POST", "/v1/licenses", {**self.order, "kind": kind["name"]}, "states-first"))

    def call(self, *request):
        status, answer = self.stage.call(*request)
        assert status in (200, 201, 204), (request[:3], status, answer[:300])
        return json.loads(answer) if answer else None

    def take(self, license):
        self.path = f"/v1/licenses/{license['id']}"

    def code(self):
        """A fresh show code: its digits and its name."""
        body = {"fields": ["operator", "credit_code"], "purpose": "浏览器测试", "seconds": 60}
        drawn = self.call("states-holder", "POST", f"{self.path}/show-codes", body)
        return digits_of(drawn["code"]), drawn["id"]

    def act(self, what, **more):
        self.call("department-market", "POST", f"{self.path}/{what}", {"reason": "走查", **more})

    def withdrawn(self):
        digits, showing = self.code()
        self.call("states-holder", "DELETE", f"/v1/showings/{showing}")
        return digits

    def suspended(self):
        digits, _ = self.code()
        self.act("suspend")
        return digits

    def superseded(self):
        self.act("resume")
        digits, _ = self.code()
        data = {**self.order["data"], "premises": "景川市云栖区望江路20号"}
        body = {**self.order, "data": data, "reason": "走查"}
        self.take(self.call("department-market", "POST", f"{self.path}/amend", body, "states-amend"))
        return digits

    def on_paper(self):
        body = {"fields": ["operator", "credit_code"], "purpose": "走查", "days": 7}
        return self.call("states-holder", "POST", f"{self.path}/paper-codes", body)["digits"]

    def ended(self):
        digits, _ = self.code()
        self.act("end", ending="revoked")
        return digits


def states(stage):
    """3 each of the desk's twenty-one reasons comes about and says its word, its sentence and the one thing to do; none has no trigger"""
    permit, issuer = Permit(stage), Issuer(time.time())
    used = permit.code()[0]
    online = [
        ("V00", lambda: used), ("V07", lambda: used), ("V11", lambda: other_digit(used, 20)), ("V09", permit.withdrawn),
        ("V06", permit.suspended), ("V19", permit.superseded), ("V02", permit.on_paper), ("V05", permit.ended),
        ("V10", lambda: ROLLING + check_pair(ROLLING)), ("V13", issuer.paper), ("V15", lambda: "134529876543210987"),
        ("V15", lambda: "281234567890123456"), ("V15", lambda: "6223456789012345678"),
        ("V16", lambda: "https://jkm.example.cn/q?c=1"), ("V17", lambda: "GYM-2026-A7"), ("V11", lambda: "7112345678901234567890"),
        ("V18", lambda: "82" + "1" * 200),
    ]
    tomorrow = {5: issuer.now + 3600, 4: issuer.now + 3600 + 30 * DAY}
    offline = [
        ("V01", issuer.phone), ("V04", lambda: issuer.paper(changes=tomorrow)), ("V08", lambda: issuer.phone(shown_at=issuer.now - 100)),
        ("V12", lambda: issuer.paper(index=(1 << 20) + 9)), ("V14", lambda: ROLLING + check_pair(ROLLING)),
        ("V13", lambda: issuer.paper(key=new_key())),
    ]
    page = stage.page("clerk", COUNTER)
    page.goto("/desk")
    seen = {}

    def trigger(wanted, bring):
        # Two of them in a row have the same verdict: the one before must be gone.
        enter(page, bring())
        page.locator("main section[data-verdict]").wait_for()
        state, code = read(page)
        assert code == wanted, f"{code} came where {wanted} was to come"
        verdict(page, page.locator("main section[data-verdict]").get_attribute("data-verdict"))
        seen[code] = state
        if code not in ("V00", "V01", "V02"):
            nothing_shown(page)
        elif code == "V02":
            assert not page.locator("[data-shown]").is_visible(), "the fields show before the tick"
        else:
            assert "景川市云栖茶业有限公司" in page.locator("[data-shown]").inner_text()
        if code in ("V06", "V09", "V18", "V19"):
            stage.shot(page, f"3-state-{code}")

    for one in online:
        trigger(*one)
    stage.expected = ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to fetch"]
    with_bundle(stage, page, issuer, issuer.bundle())
    for one in offline:
        trigger(*one)
    with_bundle(stage, page, issuer, issuer.bundle(alg="SM2-SM3"))
    trigger("V20", lambda: issuer.paper(alg=-66501))
    page.context.close()
    missing = set(CODES) - set(seen) - BY_THE_CLOCK
    assert not missing, f"nothing triggers {sorted(missing)}"
    assert len(set(seen.values())) == 8, sorted(set(seen.values()))
    elsewhere = (ROOT / "tests" / "stories" / "desk.rs").read_text()
    assert all(f'words("{code}")' in elsewhere for code in BY_THE_CLOCK), "nobody triggers what the browser cannot"


STORIES = [states]
