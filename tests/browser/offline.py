"""Offline codes: the holder prints a sheet and ends it; a phone's own key signs a code that the service takes."""
import json
import pathlib
import subprocess

from stage import PHONE, text


def check(stage, digits):
    status, answer = stage.call(None, "POST", "/v1/offline-codes:check", {"code": digits})
    assert status == 200, (status, answer[:300])
    return json.loads(answer)


def license_of(page):
    page.goto("/wallet")
    card = page.locator("li.license", has_text="营业执照").last
    return card.get_by_role("link", name="打印纸质亮证单").get_attribute("href").split("/")[2]


def photographed(stage, picture, verdict, word, name):
    """What a stranger is told who brings a photo to the public page."""
    page = stage.page(device=PHONE)
    page.goto("/verify")
    page.locator("#file").set_input_files(picture)
    page.locator(f"main section[data-verdict={verdict}]").wait_for()
    assert word in text(page.locator("main")), text(page.locator("main"))
    stage.shot(page, name)
    page.context.close()


def offline_paper(stage):
    """30 a holder prints a sheet that any scanner reads, and ends it when it is lost"""
    page = stage.page("holder", PHONE)
    license = license_of(page)
    stage.shot(page, "30-wallet")
    page.goto(f"/wallet/{license}/print")
    stage.shot(page, "30-print")
    page.get_by_label("用途").fill("办理银行开户")
    page.get_by_label("仅供谁使用").fill("景川银行城东支行")
    page.get_by_label("30 天").check()
    # A browser without a viewer for PDF saves the sheet: what the form sends is what is asked for here.
    form = page.evaluate("[...new FormData(document.querySelector('main form'))]")
    sheet = page.request.post(f"/wallet/{license}/print", form=dict(form))
    assert sheet.ok and sheet.headers["content-type"] == "application/pdf", (sheet.status, sheet.text()[:300])
    file = pathlib.Path(stage.out, "sheet.pdf")
    file.write_bytes(sheet.body())
    digits = None
    for dpi in (300, 150):
        picture = pathlib.Path(stage.out, f"30-sheet-{dpi}")
        subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-singlefile", file, picture], check=True)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", f"{picture}.png"], capture_output=True).stdout.decode().strip()
        assert read.startswith("81") and digits in (None, read), (dpi, read[:20])
        digits = read
    said = check(stage, digits)
    assert said["verdict"] == "passed" and said["code"]["recipient"] == "景川银行城东支行", said

    # Anybody takes a photo of the sheet.
    photographed(stage, f"{picture}.png", "code", "景川银行城东支行", "30-photo")

    # What no sheet may say comes back with the form, and the form keeps what was entered.
    page.get_by_label("用途").fill("开户😀")
    page.locator("main form button").click()
    summary = page.locator(".summary")
    summary.wait_for()
    assert "无法打印" in text(summary), text(summary)
    assert page.get_by_label("仅供谁使用").input_value() == "景川银行城东支行"
    stage.shot(page, "30-fault")

    page.goto("/wallet/codes")
    stage.shot(page, "30-codes")
    page.locator("[data-paper]").first.get_by_role("button", name="作废").click()
    page.wait_for_url("**/wallet/codes?done=ended")
    assert "已作废" in text(page.locator("[data-paper]").first)
    stage.shot(page, "30-ended")
    codes = [finding["code"] for finding in check(stage, digits)["findings"]]
    assert "offline.status_ended" in codes, codes
    photographed(stage, f"{picture}.png", "failed", "已失效", "30-photo-ended")
    page.context.close()


def offline_wallet(stage):
    """32 a phone without a network shows a code that it signs itself: read from the screen, the service takes it"""
    page = stage.page("holder", PHONE)
    page.goto("/wallet/codes")
    page.get_by_label("给这部手机起个名字").fill("路上用的手机")
    page.get_by_role("button", name="登记这部手机").click()
    page.wait_for_url("**/wallet/codes?done=enrolled")
    form = page.locator("[data-fetch] form", has_text="营业执照").last
    form.locator("summary").click()
    stage.shot(page, "32-fetch")
    form.get_by_role("button", name="存到手机").click()
    form.locator("[data-fetched]", has_text="已存").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.wait_for_function("async () => Boolean(await caches.match('/wallet/offline'))")
    stage.expected = ["ERR_INTERNET_DISCONNECTED"]
    page.context.set_offline(True)
    page.goto("/wallet")
    place = page.locator("[data-phone]")
    place.locator("[data-licenses] input").first.wait_for()
    assert page.locator("[data-kept]").is_hidden(), "an empty card above the phone's own codes"
    stage.shot(page, "32-choose")
    place.get_by_label("用途").fill("入住登记")
    place.locator("[data-choose] button").click()
    place.locator("[data-phone-qr] svg").wait_for()
    stage.shot(page, "32-shown")
    picture = pathlib.Path(stage.out, "32-code.png")
    place.locator("[data-phone-qr]").screenshot(path=picture)
    read = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True).stdout.decode().strip()
    typed = "".join(place.locator("[data-phone-digits]").text_content().split())
    assert read == typed and read.startswith("91"), (read[:40], typed[:40])
    place.get_by_role("button", name="出示完毕").click()
    assert place.locator("[data-choose]").is_visible() and not place.locator("[data-phone-qr]").is_visible()
    # Whatever the field lets in, a code has no room for it.
    page.evaluate("document.getElementById('phone-purpose').removeAttribute('maxlength')")
    place.get_by_label("用途").fill("长" * 300)
    place.locator("[data-choose] button").click()
    place.locator("[data-said]", has_text="用途太长").wait_for()
    page.context.set_offline(False)
    stage.expected = []
    said = check(stage, read)
    assert said["verdict"] == "passed" and said["code"]["medium"] == "phone", said
    assert said["code"]["purpose"] == "入住登记", said
    page.context.close()


def offline_phone(stage):
    """31 a phone enrols a key that cannot be taken out, and signs a code again and again without asking the service"""
    page = stage.page("holder", PHONE)
    license = license_of(page)
    page.goto("/wallet/codes")
    page.get_by_label("给这部手机起个名字").fill("我的手机")
    stage.shot(page, "31-enrol")
    page.get_by_role("button", name="登记这部手机").click()
    page.wait_for_url("**/wallet/codes?done=enrolled")
    page.locator("[data-this]:not([hidden])").first.wait_for()
    stage.shot(page, "31-enrolled")
    extractable = page.evaluate("yinzhengDevice.current().then(device => device.key.extractable)")
    assert extractable is False
    csrf = page.locator("input[name=csrf]").first.get_attribute("value")
    page.evaluate("([license, csrf]) => yinzhengDevice.fetchCode(license, ['name'], csrf).then(() => 0)", [license, csrf])
    # From here on without a network.
    page.context.set_offline(True)
    show = "([license, purpose, ago]) => yinzhengDevice.show(license, purpose, Date.now() - ago * 1000)"
    shown = page.evaluate(show, [license, "入住登记", 0])
    stale = page.evaluate(show, [license, "入住登记", 120])
    refused = page.evaluate("license => yinzhengDevice.show(license, '长'.repeat(40)).catch(e => e.message)", license)
    assert refused == "purpose", refused
    page.context.set_offline(False)
    said = check(stage, shown)
    assert said["verdict"] == "passed" and said["code"]["medium"] == "phone", said
    assert said["code"]["purpose"] == "入住登记", said
    codes = [finding["code"] for finding in check(stage, stale)["findings"]]
    assert "offline.proof_stale" in codes, codes
    forged = page.evaluate(
        """async ([license]) => {
            const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
            const code = (await yinzhengDevice.codeOf(license)).bytes;
            const proof = await yinzhengDevice.prove(code, Math.floor(Date.now() / 1000), '入住登记', pair.privateKey);
            return yinzhengDevice.digitsOf('91', [...code, ...proof]);
        }""",
        [license],
    )
    codes = [finding["code"] for finding in check(stage, forged)["findings"]]
    assert codes[-1] == "offline.proof_forged", codes

    page.locator("[data-device]").first.get_by_role("button", name="注销").click()
    page.wait_for_url("**/wallet/codes?done=withdrawn")
    again = page.evaluate(show, [license, "入住登记", 0])
    codes = [finding["code"] for finding in check(stage, again)["findings"]]
    assert "offline.status_ended" in codes, codes
    page.context.close()
