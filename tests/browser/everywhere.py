"""Every page in both languages, on a phone and at a counter; and what no page lets through."""
import json

import basics
from stage import COUNTER, PHONE, text

PLACES = {
    None: ["/", "/sign-in", "/verify", "/c", "/c/{license}?k={check}"],
    "department-market": ["/department", "/department/issue", "/department/issue/business-license?example=1",
                          "/department/issue/food-operation-permit", "/department/licenses/{license}",
                          "/department/licenses/{license}/amend"],
    "department-civil-affairs": ["/department/issue/marriage-certificate?example=1"],
    "department-health": ["/department/issue/birth-medical-certificate?example=1"],
    "department-resources": ["/department/issue/real-estate-title?example=1"],
    "department-human-resources": ["/department/issue/vocational-qualification?example=1"],
    "holder": ["/wallet", "/wallet/{license}/show", "/wallet/looks"],
    "clerk": ["/desk"],
    "seal-admin-1": ["/seals", "/seals/request", "/seals/{seal}"],
    "auditor": ["/"],
}
# Departments visited for the faces of their kinds; the pages are those of the first.
FACES = {"department-civil-affairs", "department-health", "department-resources", "department-human-resources"}


def names(stage):
    license = stage.holders_license()
    return {"license": license["id"], "seal": license["seal"], "check": license["check_code"]}


def has_chinese(words):
    return any("一" <= letter <= "鿿" for letter in words)


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
            assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language], place
            name = place.split("?")[0].format(license="license", seal="seal").strip("/").replace("/", "-") or f"home-{who}"
            stage.shot(page, f"6-{language}-{width}-{name}")
            if language == "en":
                left = [w for w in page.locator("label, legend, dt, button, th[scope=col], h2").all_inner_texts() if has_chinese(w)]
                # Owners, holders and their words keep the language they were entered in.
                left = [w for w in left if not (place.startswith("/seals") or place == "/wallet")]
                assert not left, f"{place}: not in English: {left[:5]}"
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


def forged_forms(stage):
    """6 a form without its token, or with another's, is refused by every page that changes something"""
    named = names(stage)
    forms = {
        "department-market": ["/department/issue/business-license", "/department/preview/business-license",
                              "/department/licenses/{license}/end", "/department/licenses/{license}/suspend",
                              "/department/licenses/{license}/amend"],
        "holder": ["/wallet/{license}/show", "/wallet/{license}/codes", "/wallet/{license}/withdraw"],
        "clerk": ["/desk"],
        "seal-admin-1": ["/seals/request", "/seals/{seal}/suspend"],
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
