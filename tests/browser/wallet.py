"""The holder's side: several licenses in one code, a phone without a network, a wrong clock, large print, family."""
import datetime
import json

from counter import draw_code
from stage import PHONE, text
from tools import digits_of

# Of the demo: whom the holder's licenses are about, and a second holder.
DAUGHTER = "990102199302213027"


def redeem(stage, who, digits, matter="浏览器测试"):
    status, answer = stage.call(who, "POST", "/v1/show-codes:redeem", {"code": digits, "matter": matter})
    return status, json.loads(answer)


def second_license(stage):
    """The demo's holder has a business license; the market bureau issues it a permit too, once."""
    _, answer = stage.call("holder", "GET", "/v1/licenses")
    if any(license["kind"] == "food-operation-permit" for license in json.loads(answer)["items"]):
        return
    _, answer = stage.call("department-market", "GET", "/v1/license-kinds/food-operation-permit")
    data = {field["name"]: field["example"] for field in json.loads(answer)["fields"] if field["example"]}
    order = {"kind": "food-operation-permit", "seal": stage.holders_license()["seal"], "data": data}
    status, answer = stage.call("department-market", "POST", "/v1/licenses", order, "stories-second-license")
    assert status == 201, (status, answer[:300])


def wallet_together(stage):
    """2 a holder shows what a purpose needs of several licenses with one code, as QR, bars or digits, and disputes a use"""
    second_license(stage)
    page = stage.page("holder", PHONE)
    page.goto("/wallet")
    cards = page.locator("li.license")
    page.wait_for_function("() => [...document.querySelectorAll('.license-face')].slice(0, 2).every(face => face.complete && face.naturalWidth > 0)")
    stage.shot(page, "2-cards")
    boxes = page.locator("li.license input[name=license]")
    picked = boxes.count()
    if picked < 2:
        raise AssertionError(f"the demo's holder has {cards.count()} licenses, {picked} of them to show")
    for box in boxes.all()[:2]:
        box.check()
    page.get_by_role("button", name="一起亮证").click()
    page.wait_for_url("**/wallet/show?**")
    ticked = lambda: page.locator("input[data-needed]:checked").count()
    page.get_by_label("签订合同、核对主体").check()
    contract = ticked()
    page.get_by_label("接受现场检查").check()
    inspection = ticked()
    everything = page.locator("input[data-needed]").count()
    assert 0 < contract < everything and 0 < inspection < everything and contract != inspection, (contract, inspection, everything)
    stage.shot(page, "2-show-several")
    page.locator("main button[type=submit]").click()
    digits = page.locator("[data-digits]")
    digits.wait_for()
    page.get_by_role("button", name="换成条码").click()
    assert page.locator("[data-qr]").is_hidden() and page.locator("[data-bars] svg").is_visible()
    stage.shot(page, "2-code-bars")
    page.get_by_role("button", name="换成二维码").click()
    stage.shot(page, "2-code-several")
    code = digits_of(digits.inner_text())
    status, shown = redeem(stage, "clerk", code, "办理开户")
    assert status == 200 and len(shown["licenses"]) == 2, (status, shown)
    looked = page.locator("[data-looked]")
    looked.wait_for()

    # A second one with the same code: the phone says so.
    status, answer = redeem(stage, "institution", code)
    assert (status, answer["code"]) == (410, "show_code.used"), answer
    again = page.locator("[data-again]")
    again.wait_for()
    assert "景川银行城东支行" in text(again), text(again)
    stage.shot(page, "2-tried-again")

    looked.get_by_role("link").click()
    newest = page.locator(".history > li").first
    assert "办理开户" in text(newest), text(newest)
    newest.locator("summary").click()
    newest.locator("input[type=text]").fill("我没有去过这个窗口")
    stage.shot(page, "2-dispute")
    newest.get_by_role("button").click()
    page.wait_for_url("**/wallet/looks?done=disputed")
    assert "我没有去过这个窗口" in text(page.locator(".history > li").first)
    page.goto("/wallet/showings")
    assert "又在" in text(page.locator("tbody tr").first), text(page.locator("tbody tr").first)
    stage.shot(page, "2-showings")
    page.context.close()

    operator = stage.page("operator")
    operator.goto("/disputes")
    case = operator.locator("main section").first
    assert "我没有去过这个窗口" in text(case), text(case)
    case.locator("input[type=text]").fill("窗口误扫，已提醒")
    stage.shot(operator, "2-disputes")
    case.get_by_role("button").click()
    operator.wait_for_url("**/disputes?done=answered")
    operator.context.close()
    page = stage.page("holder", PHONE)
    page.goto("/wallet/looks")
    assert "窗口误扫，已提醒" in text(page.locator(".history > li").first)
    stage.shot(page, "2-answered")
    page.context.close()


def wallet_wrong_clock(stage):
    """2 a phone whose clock is a day off shows codes as any other"""
    for hours in (-24, 24):
        page = stage.page("holder", PHONE)
        page.clock.install(time=datetime.datetime.now() + datetime.timedelta(hours=hours))
        first = draw_code(stage, page)
        page.clock.run_for(50_000)
        page.wait_for_function("was => document.querySelector('[data-digits]').textContent.replace(/\\s/g, '') !== was", arg=first)
        second = digits_of(page.locator("[data-digits]").inner_text())
        status, answer = redeem(stage, "clerk", second)
        assert status == 200, (hours, answer)
        page.clock.run_for(5_000)
        page.locator("[data-looked]").wait_for()
        page.context.close()


KEPT = "() => JSON.parse(localStorage.getItem('kept-codes'))"
PHONE_CODES = "() => yinzhengDevice.codes().then(codes => codes.length)"


def keep_codes(stage, page):
    """Ten codes for a bad network."""
    draw_code(stage, page)
    page.locator("[data-keep-button]").click()
    page.locator("[data-keep-link] a").wait_for()
    return [digits_of(one["digits"]) for one in page.evaluate(KEPT)["codes"]]


def wallet_offline(stage):
    """2 a phone keeps ten codes, shows them without a network, and has none left once it is back, though it draws nothing"""
    page = stage.page("holder", PHONE)
    page.clock.install()
    kept = keep_codes(stage, page)
    assert len(kept) == 10
    stage.shot(page, "2-kept")
    # It was not away yet: they stay, and the wallet says so.
    page.goto("/wallet")
    note = page.locator("[data-kept-note]")
    note.locator("button").wait_for()
    assert "10 个备用亮证码" in text(note), text(note)
    stage.shot(page, "2-kept-note")
    stage.expected = ["ERR_INTERNET_DISCONNECTED"]
    page.context.set_offline(True)
    page.goto("/wallet")
    sheet = page.locator("[data-kept]")
    sheet.locator("[data-qr] svg").wait_for()
    assert "10" in text(sheet.locator("[data-count]")), text(sheet)
    stage.shot(page, "2-offline")
    assert digits_of(sheet.locator("[data-digits]").inner_text()) == kept[0]
    sheet.locator("[data-next]").click()
    assert digits_of(sheet.locator("[data-digits]").inner_text()) == kept[1]
    status, shown = redeem(stage, "clerk", kept[0])
    assert status == 200 and shown["way"] == "prefetched", (status, shown)

    # Back, with a code on the screen: it stays good for half a minute, since somebody may be about to scan it.
    page.context.set_offline(False)
    stage.expected = []
    note.get_by_text("半分钟后作废").wait_for()
    stage.shot(page, "2-back")
    page.clock.run_for(20_000)
    status, shown = redeem(stage, "clerk", kept[1])
    assert status == 200, (status, shown)
    page.clock.run_for(15_000)
    note.get_by_text("已经作废").wait_for()
    assert page.evaluate(KEPT) is None and page.locator("[data-none]").is_visible()
    stage.shot(page, "2-dropped")
    status, answer = redeem(stage, "clerk", kept[2])
    assert (status, answer["code"]) == (410, "show_code.withdrawn"), answer

    # Away without anybody looking, and back on a page of the wallet: dropped at once.
    kept = keep_codes(stage, page)
    page.goto("/wallet")
    note.locator("button").wait_for()
    page.context.set_offline(True)
    page.wait_for_function("() => JSON.parse(localStorage.getItem('kept-codes')).away")
    page.context.set_offline(False)
    note.get_by_text("已经作废").wait_for()
    status, answer = redeem(stage, "clerk", kept[0])
    assert (status, answer["code"]) == (410, "show_code.withdrawn"), answer
    # Never away, and given up by hand.
    kept = keep_codes(stage, page)
    page.goto("/wallet")
    note.locator("button").click()
    note.get_by_text("已经作废").wait_for()
    status, answer = redeem(stage, "clerk", kept[9])
    assert (status, answer["code"]) == (410, "show_code.withdrawn"), answer
    page.goto("/wallet/offline")
    assert page.locator("[data-none]").is_visible(), "kept codes that are void are still shown"
    page.context.close()


def wallet_signed_out(stage):
    """2 who signs out leaves no codes behind: neither in the browser, nor on the page that needs no network, nor open at the service"""
    page = stage.page("holder", PHONE)
    license = stage.holders_license()["id"]
    page.goto("/wallet/codes")
    page.locator("#label").fill("要退出的手机")
    page.locator("[data-enrol] button").click()
    page.wait_for_url("**/wallet/codes?done=enrolled")
    csrf = page.locator("input[name=csrf]").first.get_attribute("value")
    page.evaluate("([license, csrf]) => yinzhengDevice.fetchCode(license, ['name'], csrf).then(() => 0)", [license, csrf])
    assert page.evaluate(PHONE_CODES) == 1
    kept = keep_codes(stage, page)
    assert len(kept) == 10
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url(stage.base + "/")
    stage.sessions.pop("holder")
    assert page.evaluate(KEPT) is None, "kept codes outlive the sign-out"
    status, answer = redeem(stage, "clerk", kept[3])
    assert (status, answer["code"]) == (410, "show_code.withdrawn"), answer
    stage.expected = ["ERR_INTERNET_DISCONNECTED"]
    page.context.set_offline(True)
    page.goto("/wallet")
    page.locator("[data-none]").wait_for()
    assert not page.locator("[data-some]").is_visible()
    assert page.evaluate(PHONE_CODES) == 0 and page.locator("[data-phone]").is_hidden(), "the phone's own codes outlive the sign-out"
    stage.shot(page, "2-signed-out")
    stage.expected = []
    page.context.close()


def wallet_family(stage):
    """2 a holder names a family member, who shows on behalf; whoever looks and the holder are told; then it is taken back"""
    status, answer = stage.call("operator", "POST", "/v1/credentials", {"label": "周念安", "role": "holder", "holder": DAUGHTER, "days": 2})
    assert status == 201, answer
    stage.tokens["daughter"] = json.loads(answer)["token"]
    page = stage.page("holder", PHONE)
    page.goto("/wallet/family")
    page.get_by_label("家人的证件号码").fill(DAUGHTER)
    page.get_by_label("怎么称呼").fill("女儿 周念安")
    stage.shot(page, "2-family")
    page.get_by_role("button", name="添加家人").click()
    page.wait_for_url("**/wallet/family?done=named")
    stage.shot(page, "2-family-named")
    hers = stage.page("daughter", PHONE)
    hers.goto("/wallet")
    hers.locator("a[href^='/wallet/family/']").click()
    stage.shot(hers, "2-family-cards")
    hers.locator("li.license", has_text="营业执照").last.get_by_role("link", name="亮证").first.click()
    hers.locator("main button[type=submit]").click()
    digits = hers.locator("[data-digits]")
    digits.wait_for()
    stage.shot(hers, "2-family-code")
    status, shown = redeem(stage, "clerk", digits_of(digits.inner_text()), "代办开户")
    assert status == 200 and shown["deputy"] == "女儿 周念安", (status, shown)
    page.goto("/wallet/looks")
    assert "女儿 周念安代为亮证" in text(page.locator(".history > li").first), text(page.locator(".history > li").first)
    page.goto("/wallet/family")
    page.get_by_role("button", name="收回").click()
    page.wait_for_url("**/wallet/family?done=withdrawn")
    hers.goto("/wallet")
    assert hers.locator("a[href^='/wallet/family/']").count() == 0, "she still may show"
    hers.context.close()
    page.context.close()


STORIES = [wallet_together, wallet_wrong_clock, wallet_offline, wallet_signed_out, wallet_family]
