"""Every page in both languages, on a phone and at a counter; and what no page lets through."""
import json

import basics
from stage import COUNTER, PHONE, text
from tools import flipped

PLACES = {
    None: ["/", "/sign-in", "/verify", "/wallet/offline", "/c", "/c/{license}?k={check}"],
    "department-market": ["/department", "/department/issue", "/department/issue/business-license?example=1",
                          "/department/issue/food-operation-permit", "/department/licenses/{license}",
                          "/department/licenses/{license}/amend", "/seal-documents", "/seal-documents/new"],
    "department-civil-affairs": ["/department/issue/marriage-certificate?example=1"],
    "department-health": ["/department/issue/birth-medical-certificate?example=1"],
    "department-resources": ["/department/issue/real-estate-title?example=1"],
    "department-human-resources": ["/department/issue/vocational-qualification?example=1"],
    "holder": ["/wallet", "/wallet/show?license={license}", "/wallet/looks", "/wallet/showings", "/wallet/family"],
    "clerk": ["/desk"],
    "seal-admin-1": ["/seals", "/seals/request", "/seals/{seal}"],
    "operator": ["/operator/webhooks", "/operator/webhooks/register", "/operator/trust-lists", "/operator/trust-lists/signer", "/disputes"],
    "auditor": ["/disputes"],
}
# Departments visited for the faces of their kinds; the pages are those of the first.
FACES = {"department-civil-affairs", "department-health", "department-resources", "department-human-resources"}


def names(stage):
    license = stage.holders_license()
    return {"license": license["id"], "seal": license["seal"], "check": license["check_code"]}


def has_chinese(words):
    return any("一" <= letter <= "鿿" for letter in words)


def desk_outcomes(stage, page):
    """What a clerk sees after a code: in force with the shown fields, the same code again, digits that are no code."""
    request = {"fields": ["name", "credit_code", "address"], "purpose": "走查", "seconds": 60}
    path = f"/v1/licenses/{stage.holders_license()['id']}/show-codes"
    status, answer = stage.call("holder", "POST", path, request)
    assert status in (200, 201), (status, answer[:300])
    code = json.loads(answer)["code"]
    page.goto("/desk")
    page.locator("#matter").fill("走查")
    for name, digits in [("valid", code), ("used", code), ("payment", "134529876543210987")]:
        page.locator("#code").fill(digits)
        page.locator("#code").press("Enter")
        page.locator(f"main section[data-verdict={name}]").wait_for()
        yield f"desk-{name}"


def reports(stage, page):
    """What anybody sees after bringing a file: passed in both formats, failed, and what cannot be read."""
    pdf, ofd = stage.holders_file(), stage.holders_file("ofd")
    twin = flipped(pdf, pdf.index(b"stream", len(pdf) // 8) + 40)
    passed, failed, fault = "section[data-verdict=passed]", "section[data-verdict=failed]", ".summary"
    for name, outcome, data in [("pdf", passed, pdf), ("ofd", passed, ofd), ("twin", failed, twin), ("cut", fault, pdf[:5000])]:
        page.goto("/verify")
        page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
        page.locator(f"main {outcome}").wait_for()
        yield f"verify-{name}"


# Pages that stand at no address: what comes of something done.
OUTCOMES = {"clerk": desk_outcomes, None: reports}


def look_at(stage, page, language, name, entered):
    """The checks that every page gets; `entered`: what stands on it was entered in Chinese."""
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language], name
    stage.shot(page, name)
    if language == "zh":
        return
    labels = page.locator("label, legend, dt, button, th[scope=col], h2, .verdict h1, .findings h3, .standard").all_inner_texts()
    left = [words for words in labels if has_chinese(words)]
    # Owners, holders and their words keep the language they were entered in.
    assert entered or not left, f"{name}: not in English: {left[:5]}"
    # A sentence may name them; it is English all the same.
    sentences = page.locator(".verdict p:not(.whose), .do-now, .findings p, .summary p, .lead").all_inner_texts()
    left = [words for words in sentences if not words[:1].isascii() or any(mark in words for mark in "，。；：（")]
    assert not left, f"{name}: not in English: {left[:5]}"


def walk(stage, language, device, width):
    named = names(stage)
    for who, places in PLACES.items():
        if device is PHONE and who in FACES:
            continue
        page = stage.page(who, device)
        page.goto("/")
        if language == "en":
            page.locator(".tools a[hreflang=en]").click()
            page.locator("html[lang=en]").wait_for()
        for place in places:
            page.goto(place.format(**named))
            name = place.split("?")[0].format(license="license", seal="seal").strip("/").replace("/", "-") or f"home-{who}"
            look_at(stage, page, language, f"6-{language}-{width}-{name}", place.startswith("/seal") or place.startswith("/wallet"))
        for name in OUTCOMES.get(who, lambda *_: ())(stage, page):
            look_at(stage, page, language, f"6-{language}-{width}-{name}", False)
        page.context.close()


def chinese_phone(stage):
    """6 every page in Chinese on a phone"""
    walk(stage, "zh", PHONE, "phone")


def chinese_counter(stage):
    """6 every page in Chinese at a counter"""
    walk(stage, "zh", COUNTER, "counter")


def english_phone(stage):
    """6 every page in English on a phone"""
    walk(stage, "en", PHONE, "phone")


def english_counter(stage):
    """6 every page in English at a counter"""
    walk(stage, "en", COUNTER, "counter")


def switches(stage):
    """6 the language and the type size change where one stands, and change back"""
    page = stage.page(device=PHONE)
    page.goto("/verify")
    title = text(page.locator("h1"))
    page.locator(".tools a[hreflang=en]").click()
    page.locator("html[lang=en]").wait_for()
    assert page.url.endswith("/verify") and text(page.locator("h1")) == "Check a license file", (page.url, text(page.locator("h1")))
    page.goto("/c/1.2.156.3005.2.nonsense?k=0000")
    assert text(page.locator("h1")) == "Not found"
    page.locator(".tools a[hreflang='zh-CN']").click()
    page.locator("html[lang='zh-CN']").wait_for()
    assert "/c/1.2.156.3005.2.nonsense" in page.url
    page.goto("/verify")
    assert text(page.locator("h1")) == title
    page.locator(".tools a").nth(1).click()
    page.locator("html[data-size=large]").wait_for()
    stage.shot(page, "6-large")
    page.goto("/")
    stage.shot(page, "6-large-home")
    page.context.close()


def keyboard(stage):
    """6 the Tab key reaches everything and the focus is always seen"""
    named = names(stage)
    for who, places in PLACES.items():
        page = stage.page(who, COUNTER)
        for place in [place for place in places if "example" not in place and "amend" not in place]:
            page.goto(place.format(**named))
            faults = basics.walk_by_keyboard(page)
            assert not faults, f"{place}: {faults[:3]}"
        page.context.close()


COVERED = """
el => { const box = el.getBoundingClientRect();
        return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) !== el; }
"""


def preview_on_a_phone(stage):
    """6 a phone's preview is a bar that opens, stays at hand, and covers no field that has the focus"""
    page = stage.page("department-market", PHONE)
    page.goto("/department/issue/business-license?example=1")
    face = page.locator("[data-preview-target] svg")
    assert face.is_hidden(), "the preview is open before the form"
    page.locator("[data-preview-fold] > summary").click()
    face.wait_for()
    for place in ("address", "name", "credit_code"):
        field = page.locator(f"#field-{place}")
        field.focus()
        assert not field.evaluate(COVERED), f"{place} has the focus behind the preview"
        assert face.evaluate("el => el.getBoundingClientRect().bottom > 0"), "the preview scrolled away"
    stage.shot(page, "6-preview-open")
    page.context.close()


def forged_forms(stage):
    """6 a form without its token, or with another's, is refused by every page that changes something"""
    named = names(stage)
    forms = {
        "department-market": ["/department/issue/business-license", "/department/preview/business-license",
                              "/department/licenses/{license}/end", "/department/licenses/{license}/suspend",
                              "/department/licenses/{license}/amend", "/seal-documents"],
        "holder": ["/wallet/show", "/wallet/codes", "/wallet/withdraw", "/wallet/kept", "/wallet/family"],
        "clerk": ["/desk"],
        "seal-admin-1": ["/seals/request", "/seals/{seal}/suspend"],
        "operator": ["/operator/webhooks/register", "/operator/trust-lists/signer", "/operator/trust-lists/980100/take"],
    }
    for who, places in forms.items():
        page = stage.page(who)
        page.goto("/")
        for place in places:
            for form in ({"reason": "x"}, {"reason": "x", "csrf": "0" * 43}):
                answer = page.request.post(place.format(**named), form=form, max_redirects=0)
                assert answer.status == 403, f"{place} {form}: {answer.status}"
        if who == "clerk":
            answer = page.request.post("/desk/decode", data=b"\x89PNG", headers={"Content-Type": "image/png"})
            assert answer.status == 403, answer.status
        page.context.close()
    _, answer = stage.call("department-market", "GET", f"/v1/licenses/{named['license']}")
    assert json.loads(answer)["state"] in ("active", "in-force", {"state": "active"}), "a forged form changed the license"


def closed_doors(stage):
    """6 a page of another role says no in a sentence, and signing out closes what was open"""
    page = stage.page("holder", PHONE)
    answer = page.goto("/department")
    assert answer.status == 403, answer.status
    stage.shot(page, "6-forbidden")
    answer = page.goto("/no-such-page")
    assert answer.status == 404, answer.status
    stage.shot(page, "6-no-such-page")
    # A session of its own: the others go on.
    del stage.sessions["holder"]
    page.context.close()
    page = stage.page("holder", PHONE)
    page.goto("/wallet")
    page.locator(".who button").click()
    page.wait_for_url(stage.base + "/")
    page.goto("/wallet")
    assert "/sign-in" in page.url, page.url
    del stage.sessions["holder"]
    page.context.close()
