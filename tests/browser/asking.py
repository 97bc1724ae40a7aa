"""The counter asks, the holder answers: two screens, one number."""
from stage import COUNTER, PHONE, text
from tools import digits_of


def ask(stage, page, matter="企业开立银行账户"):
    """The clerk asks for a matter: the digits of the request and its number."""
    page.goto("/desk/ask")
    page.locator("li.matter", has_text=matter).get_by_role("button").click()
    page.locator("[data-number]").wait_for()
    return digits_of(text(page.locator("[data-digits]"))), text(page.locator("[data-number]"))


def look(page, digits):
    page.goto("/wallet/requests")
    page.locator("#code").fill(digits)
    page.get_by_role("button", name="打开请求").click()


def asked_and_approved(stage):
    """8 a counter asks; a phone says who asks for what, compares the number, and says yes to what it chose"""
    desk, phone = stage.page("clerk", COUNTER), stage.page("holder", PHONE)
    desk.goto("/desk/ask")
    assert desk.locator("li.matter").count() >= 12
    desk.locator("li.matter", has_text="企业开立银行账户").locator("summary").click()
    stage.shot(desk, "8-matters")
    digits, number = ask(stage, desk)
    assert len(digits) == 27 and digits.startswith("51") and len(number) == 2, (digits, number)
    stage.shot(desk, "8-asked")

    phone.goto("/wallet/requests")
    stage.shot(phone, "8-answer")
    look(phone, digits)
    who = text(phone.locator(".asker h1"))
    assert "窗口" in who or "局" in who, who
    assert number not in text(phone.locator("main")).split(), "the number is for the other screen"
    stage.shot(phone, "8-look")
    phone.get_by_label("注册资本").check()

    # Another number: said at the field, nothing shown.
    phone.locator("#number").fill("10" if number != "10" else "11")
    phone.get_by_role("button", name="同意出示").click()
    phone.locator(".summary").wait_for()
    assert "还可再试 2 次" in text(phone.locator(".summary")), text(phone.locator(".summary"))
    assert phone.get_by_label("注册资本").is_checked(), "the choice was lost"
    stage.shot(phone, "8-wrong-number")
    phone.locator("#number").fill(number)
    phone.get_by_role("button", name="同意出示").click()
    phone.get_by_role("heading", name="已同意").wait_for()
    stage.shot(phone, "8-approved")

    # The counter's screen goes on by itself.
    desk.locator("[data-verdict=valid]").wait_for()
    shown = text(desk.locator("main"))
    assert "景川市云栖茶业有限公司" in shown and "注册资本" in shown and "经营范围" not in shown, shown
    stage.shot(desk, "8-shown")
    phone.goto("/wallet/looks")
    assert "企业开立银行账户" in text(phone.locator("main"))


def asked_and_declined(stage):
    """8 a phone says no, and the counter learns just that; a request taken back opens nothing"""
    desk, phone = stage.page("clerk", COUNTER), stage.page("holder", PHONE)
    digits, _ = ask(stage, desk)
    look(phone, digits)
    phone.get_by_role("button", name="不同意").click()
    phone.get_by_role("heading", name="已拒绝").wait_for()
    desk.locator("[data-verdict=declined]").wait_for()
    stage.shot(desk, "8-declined")
    digits, _ = ask(stage, desk)
    desk.get_by_role("button", name="撤回请求").click()
    desk.wait_for_url("**/desk/ask")
    look(phone, digits)
    assert "撤回" in text(phone.locator(".summary")), text(phone.locator("main"))
    stage.shot(phone, "8-withdrawn")
