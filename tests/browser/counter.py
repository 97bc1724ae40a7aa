"""The holder's wallet and the clerk's desk."""
import json

from says import read
from stage import COUNTER, PHONE, text
from tools import digits_of, other_digit


def draw_code(stage, page, fields=("name", "credit_code")):
    """The holder opens a license, chooses what to show, and draws a code: its digits."""
    page.goto("/wallet")
    card = page.locator("li.license", has_text="营业执照").last
    card.get_by_role("link", name="亮证").first.click()
    page.get_by_label("办理银行业务").check()
    for box in page.locator("input[type=checkbox]:not([disabled])").all():
        box.set_checked(box.get_attribute("value") in fields)
    page.locator("main button[type=submit]").click()
    digits = page.locator("[data-digits]")
    digits.wait_for()
    return digits_of(digits.inner_text())


def wallet(stage):
    """2 a holder's phone shows a code that rolls without hurry, can be withdrawn, and learns who looked"""
    page = stage.page("holder", PHONE)
    page.clock.install()
    page.goto("/wallet")
    assert "景川市云栖茶业有限公司" in text(page.locator("li.license").last)
    stage.shot(page, "2-wallet")
    page.locator("li.license", has_text="营业执照").last.get_by_role("link", name="亮证").first.click()
    stage.shot(page, "2-show")
    first = draw_code(stage, page)
    assert len(first) == 27 and first.isdigit(), first
    page.clock.run_for(2_000)
    assert not any(c.isdigit() for c in text(page.locator("[data-left-text]"))), "a countdown presses whoever shows"
    page.clock.run_for(10_000)
    picture = page.locator("[data-qr]").inner_html()
    stage.shot(page, "2-code")

    # It rolls before it runs low.
    page.clock.run_for(40_000)
    page.wait_for_function("was => document.querySelector('[data-digits]').textContent.replace(/\\s/g, '') !== was", arg=first)
    second = digits_of(page.locator("[data-digits]").inner_text())
    assert page.locator("[data-qr]").inner_html() != picture, "new digits under the old picture"
    assert text(page.locator("[data-status]")), "the new code is not announced"

    # Withdrawn: it opens nothing, and the holder's list says so.
    page.get_by_role("button", name="收回").click()
    page.wait_for_url("**/wallet/showings?done=withdrawn")
    assert "已收回" in text(page.locator(".note")), text(page.locator(".note"))
    stage.shot(page, "2-withdrawn")
    status, answer = stage.call("clerk", "POST", "/v1/show-codes:redeem", {"code": second, "matter": "浏览器测试"})
    assert status == 410 and json.loads(answer)["code"] == "show_code.withdrawn", (status, answer[:300])

    # Somebody looks while the code is open: the phone says who.
    third = draw_code(stage, page)
    status, answer = stage.call("institution", "POST", "/v1/show-codes:redeem", {"code": third, "matter": "开立账户"})
    assert status == 200, (status, answer[:300])
    page.clock.run_for(5_000)
    looked = page.locator("[data-looked]")
    looked.wait_for()
    assert "景川银行城东支行" in text(looked), text(looked)
    assert page.locator("[data-live]").is_hidden(), "the used code is still shown"
    stage.shot(page, "2-looked")
    looked.get_by_role("link").click()
    newest = page.locator(".history > li").first
    assert "景川银行城东支行" in text(newest) and "开立账户" in text(newest), text(newest)
    assert "法定代表人" not in text(newest), "a field is listed that was not shown"
    stage.shot(page, "2-looks")

    page.context.close()


# Marks the verdict that stands there, so that it is not taken for the next one.
BEFORE = "document.querySelector('main section[data-verdict]')?.setAttribute('data-before', '')"


def verdict(page, name):
    """Waits for the verdict of that name, another than stood there before the scan; its text."""
    shown = page.locator(f"main section[data-verdict='{name}']:not([data-before])")
    shown.wait_for()
    assert page.locator("main section[data-verdict]").count() == 1, "two verdicts"
    page.wait_for_function("() => document.activeElement.matches('section[data-verdict] h1')", timeout=5000)
    read(page)
    return text(shown)


def scan(page, digits):
    """As a scanner does: fast keys and Enter, wherever the focus is."""
    page.evaluate(BEFORE)
    page.keyboard.type(digits)
    page.keyboard.press("Enter")


def enter(page, digits):
    """As if pasted, on a screen that shows nothing any more: some hundred keys take seconds."""
    page.keyboard.press("Escape")
    page.locator("#code").fill(digits)
    page.locator("#code").press("Enter")


def nothing_shown(page, secret="景川市云栖茶业有限公司"):
    assert secret not in page.locator("main").inner_text(), "a refused code shows whose license it is"
    assert page.locator("[data-shown]").count() == 0, "a refused code shows fields"


def desk(stage):
    """3 a window clerk scans: in force with exactly the shown fields, used, misread, forged, other codes, by picture"""
    phone = stage.page("holder", PHONE)
    digits = draw_code(stage, phone)
    page = stage.page("clerk", COUNTER)
    page.goto("/desk")
    stage.shot(page, "3-desk")
    page.locator("#matter").fill("食品经营许可证办理")
    page.locator("h1").click()
    scan(page, digits)
    said = verdict(page, "valid")
    assert said.startswith("证照有效") and "景川市云栖茶业有限公司" in said, said
    shown = page.locator("[data-shown] dt").all_inner_texts()
    assert shown == ["名称", "统一社会信用代码"], shown
    assert "林知微" not in page.locator("main").inner_text(), "a field that was not shown"
    assert page.locator("#matter").input_value() == "食品经营许可证办理", "the matter is lost"
    stage.shot(page, "3-valid")
    phone.context.close()

    scan(page, digits)
    said = verdict(page, "used")
    assert said.startswith("此码已用过") and "窗口" in said, said
    nothing_shown(page)
    stage.shot(page, "3-used")

    # The scanner types while the cursor stands in another field: the field keeps its text.
    page.locator("#matter").click()
    page.keyboard.press("End")
    scan(page, other_digit(digits, 26))
    assert verdict(page, "misread").startswith("读数有误")
    nothing_shown(page)
    assert page.locator("#matter").input_value() == "食品经营许可证办理", page.locator("#matter").input_value()
    stage.shot(page, "3-misread")

    # As slowly as a busy machine hands it on.
    page.locator("#matter").click()
    page.keyboard.press("End")
    page.evaluate(BEFORE)
    page.keyboard.type(other_digit(digits, 20), delay=130)
    page.keyboard.press("Enter")
    verdict(page, "misread")
    assert page.locator("#matter").input_value() == "食品经营许可证办理", page.locator("#matter").input_value()

    scan(page, "134529876543210987")
    assert verdict(page, "payment").startswith("不是亮证码")
    stage.shot(page, "3-not-ours")

    # By hand with spaces, slower than a scanner.
    page.locator("#code").fill(" ".join([digits[:9], digits[9:18], digits[18:]]))
    page.locator("#code").press("Enter")
    verdict(page, "used")

    # A picture of the code, and one without.
    phone = stage.page("holder", PHONE)
    draw_code(stage, phone)
    photo = stage.out / "photo.png"
    phone.screenshot(path=photo)
    phone.context.close()
    page.locator("#picture").set_input_files(photo)
    verdict(page, "valid")
    page.locator("#picture").set_input_files(stage.out / "3-not-ours.png")
    status = page.locator("[data-camera-status]")
    page.wait_for_function("() => document.querySelector('[data-camera-status]').textContent.includes('没有读到')")
    assert "图片里没有读到亮证码" in text(status)
    stage.shot(page, "3-picture-none")

    # No network: a word that claims nothing.
    stage.expected = ["ERR_INTERNET_DISCONNECTED"]
    page.context.set_offline(True)
    page.locator("h1").click()
    scan(page, digits)
    assert verdict(page, "network").startswith("暂时无法确认")
    stage.shot(page, "3-network")
    page.context.set_offline(False)
    scan(page, digits)
    verdict(page, "used")
    stage.expected = []
    page.context.close()


def draw_early(stage):
    """Draws the shortest-lived code, for the last story: by then its time is over."""
    license = stage.holders_license()["id"]
    request = {"fields": ["name"], "purpose": "浏览器测试", "seconds": 10}
    status, answer = stage.call("holder", "POST", f"/v1/licenses/{license}/show-codes", request)
    assert status in (200, 201), (status, answer[:300])
    stage.early = json.loads(answer)["code"]


def expired(stage):
    """3 a code whose minute is over opens nothing"""
    page = stage.page("clerk", COUNTER)
    page.goto("/desk")
    scan(page, digits_of(stage.early))
    assert verdict(page, "expired").startswith("此码已过时")
    nothing_shown(page)
    stage.shot(page, "3-expired")
    page.context.close()
