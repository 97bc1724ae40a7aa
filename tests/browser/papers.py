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
    for form, start in [("PDF", b"%PDF"), ("OFD", b"PK"), ("JSON", b"ey")]:
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
    for name, data, outcome in [("receipt.pdf", pdf, "receipt"), ("receipt.ofd", files["OFD"], "receipt"), ("receipt.jws", files["JSON"], "receipt"), ("twin.pdf", twin, "failed")]:
        page.goto("/verify")
        page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
        page.locator(f"main section[data-verdict={outcome}]").wait_for()
        assert text(page.locator("h1")) == {"receipt": "核验回执属实", "failed": "查验不通过"}[outcome], text(page.locator("h1"))
        stage.shot(page, f"3-receipt-{name.replace('.', '-')}")
    page.context.close()


def annotated_copy(stage):
    """4 a holder orders an annotated copy, is told what is wrong with the order, and anybody verifies the files; one byte changed fails"""
    service_seal(stage)
    page = stage.page("holder", PHONE)
    page.goto("/wallet")
    page.locator("a[href^='/copies/']").first.click()
    page.locator("h1", has_text="加注件").wait_for()
    stage.shot(page, "4-copy-order")
    page.locator("#days-number").fill("400")
    page.locator("main form button[type=submit]").click()
    told = page.locator(".summary li")
    told.first.wait_for()
    assert told.count() == 2, told.all_inner_texts()
    assert page.locator("#days-number").input_value() == "400", "what was entered is gone"
    stage.shot(page, "4-copy-refused")
    page.locator("#purpose-text").fill("办理贷款")
    page.locator("#recipient-text").fill("景川银行云栖支行")
    page.locator("#days-number").fill("30")
    page.locator("main form button[type=submit]").click()
    page.locator("h1", has_text="加注件已制成").wait_for()
    stage.shot(page, "4-copy-made")
    files = {}
    for form, start in [("PDF", b"%PDF"), ("OFD", b"PK"), ("JSON", b"ey")]:
        with page.expect_download() as download:
            page.get_by_role("link", name=form).click()
        files[form] = open(download.value.path(), "rb").read()
        assert files[form].startswith(start), files[form][:40]
        assert len(files[form]) < 200_000, (form, len(files[form]))
    page.context.close()

    page = stage.page(device=COUNTER)
    pdf, signed = files["PDF"], files["JSON"]
    at = pdf.index(b"stream", len(pdf) // 8) + 40
    twin = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1:]
    other = signed[:-20] + (b"B" if signed[-20:-19] == b"A" else b"A") + signed[-19:]
    for name, data, outcome in [
        ("copy.pdf", pdf, "copy"), ("copy.ofd", files["OFD"], "copy"), ("copy.jws", signed, "copy"),
        ("copy-twin.pdf", twin, "failed"), ("copy-twin.jws", other, "failed"),
    ]:
        page.goto("/verify")
        page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
        page.locator(f"main section[data-verdict={outcome}]").wait_for()
        assert text(page.locator("h1")) == {"copy": "加注件有效", "failed": "查验不通过"}[outcome], text(page.locator("h1"))
        said = text(page.locator("main"))
        assert outcome == "failed" or all(word in said for word in ["加注件", "办理贷款", "景川银行云栖支行"]), said
        stage.shot(page, f"4-{name.replace('.', '-')}")
    page.context.close()
    # Whoever else sees the license can order one as well; nobody else.
    license = stage.holders_license()["id"]
    for who, there in [("department-market", True), ("clerk", False)]:
        page = stage.page(who, COUNTER)
        page.goto(f"/copies/{license}")
        assert (page.locator("#purpose-text").count() == 1) == there, who
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
        assert "文件" not in said, f"a code is called a file: {said}"
        headings = page.locator("main h2").all_inner_texts()
        assert ("该码所载内容" in headings) == (name == "passed"), (name, headings)
        with page.expect_download() as download:
            page.locator("a[download$='.pdf']").click()
        assert open(download.value.path(), "rb").read(5) == b"%PDF-", name
        if name == "passed":
            download.value.save_as(stage.out / "4-digits.pdf")
        stage.shot(page, f"4-digits-{name}")
    page.context.close()
