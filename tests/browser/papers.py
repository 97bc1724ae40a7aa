"""Papers of the service on pages: the receipt that the desk files, and the digits of a printed code that anybody types."""
import json

from counter import draw_code, nothing_shown, scan, verdict
from desk import misjudged
from stage import COUNTER, PHONE, text


def service_seal(stage):
    """The seal that the demo has set; where there is none an operator proposes the market bureau's, and the bureau agrees."""
    if stage.call("operator", "GET", "/v1/service-seal")[0] == 200:
        return
    wish = {"seal": stage.holders_license()["seal"]}
    for who, method, path in [("operator", "PUT", "/v1/service-seal"), ("department-market", "POST", "/v1/service-seal:agree")]:
        status, answer = stage.call(who, method, path, wish)
        assert status == 204, (path, status, answer[:300])


def receipt(stage):
    """3 a window clerk takes a sealed receipt of what was shown; anybody verifies it, and its twin with one byte changed fails"""
    service_seal(stage)
    phone = stage.page("holder", PHONE)
    digits = draw_code(stage, phone)
    phone.context.close()
    page = stage.page("clerk", COUNTER)
    page.goto("/desk")
    scan(page, digits)
    verdict(page, "valid")
    files = {}
    for form, start in [("PDF", b"%PDF"), ("OFD", b"PK")]:
        with page.expect_download() as download:
            page.get_by_role("button", name=form, exact=True).click()
        files[form] = open(download.value.path(), "rb").read()
        assert files[form].startswith(start), files[form][:40]
        assert page.locator("[data-shown]").is_visible(), "the verdict went away with the download"
    # Nothing shown, nothing to file.
    scan(page, digits)
    verdict(page, "used")
    nothing_shown(page)
    assert page.get_by_role("button", name="PDF", exact=True).count() == 0, "a receipt of a code that opened nothing"
    page.context.close()

    page = stage.page(device=COUNTER)
    pdf = files["PDF"]
    at = pdf.index(b"stream", len(pdf) // 8) + 40
    twin = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1:]
    for name, data, outcome in [("receipt.pdf", pdf, "receipt"), ("receipt.ofd", files["OFD"], "receipt"), ("twin.pdf", twin, "failed")]:
        page.goto("/verify")
        page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
        page.locator(f"main section[data-verdict={outcome}]").wait_for()
        assert text(page.locator("h1")) == {"receipt": "核验回执属实", "failed": "查验不通过"}[outcome], text(page.locator("h1"))
        stage.shot(page, f"3-receipt-{name.replace('.', '-')}")
    page.context.close()


def typed_digits(stage):
    """4 anybody types the digits of a printed code: passed; with one digit changed: failed; half of them: said so"""
    license = stage.holders_license()["id"]
    body = {"fields": ["name", "credit_code"], "purpose": "浏览器测试", "days": 7}
    status, answer = stage.call("holder", "POST", f"/v1/licenses/{license}/paper-codes", body)
    assert status in (200, 201), (status, answer[:300])
    digits = json.loads(answer)["digits"]
    page = stage.page(device=PHONE)
    groups = " ".join(digits[at:at + 4] for at in range(0, len(digits), 4))
    for name, typed, place in [
        ("passed", groups, "section[data-verdict=code]"), ("failed", misjudged(digits, 300), "section[data-verdict=failed]"),
        ("half", digits[:200], "section[data-verdict=indeterminate]"),
    ]:
        page.goto("/verify")
        page.locator("details summary", has_text="数字").click()
        page.locator("#digits").fill(typed)
        page.locator("form[action='/verify/code'] button").click()
        page.locator(f"main {place}").wait_for()
        said = text(page.locator("main"))
        assert ("景川市云栖茶业有限公司" in said) == (name == "passed"), (name, said)
        stage.shot(page, f"4-digits-{name}")
    page.context.close()
