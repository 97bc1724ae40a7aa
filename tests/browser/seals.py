"""Three seal administrators."""
import hashlib
import struct
import zlib

from stage import COUNTER, text


def png(width, height):
    """A handwritten stroke, so to say: a black diagonal on nothing."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + b"".join(b"\0\0\0\xff" if abs(x * height - y * width) < 3 * height else b"\0\0\0\0" for x in range(width))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def act(page, name, reason="浏览器测试", waits=False):
    details = page.locator(f"details:has(form[action$='/{name}'])")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    details.get_by_label("原因").fill(reason)
    details.locator("button[type=submit]").click()
    page.wait_for_url("**done=waits" if waits else "**done=done")


def state(page):
    return text(page.locator("main .row-apart .tag"))


def seals(stage):
    """5 a seal is requested by one administrator, approved by two others, suspended and resumed by two"""
    first = stage.page("seal-admin-1", COUNTER)
    first.goto("/seals")
    assert first.locator("li.seal-item").count() >= 5
    stage.shot(first, "5-seals")
    first.get_by_role("link", name="申请印章").click()
    first.locator("#field-days").fill("9000")
    first.locator("main button[type=submit]").click()
    first.locator("#field-owner_code-fault, #field-days-fault").first.wait_for()
    assert first.locator("#field-days").input_value() == "9000", "the input is lost"
    stage.shot(first, "5-request-fault")
    first.locator("#field-owner_code").select_option(label="景川市自然资源局")
    first.get_by_label("业务专用章").check()
    first.locator("#field-purpose_words").fill("林权登记专用章")
    first.locator("#field-days").fill("365")
    first.locator("main button[type=submit]").click()
    first.wait_for_url("**done=requested")
    address = first.url.split("?")[0]
    assert "林权登记专用章" in text(first.locator("h1"))
    assert first.locator("form[action$='/approve']").count() == 0, "the first person is offered to approve"
    assert "另外两位管理员" in text(first.locator("section[aria-labelledby=acts]"))
    stage.shot(first, "5-requested")

    # Nor by a form made by hand.
    csrf = first.locator("input[name=csrf]").first.get_attribute("value")
    refused = first.request.post(f"{address}/approve", form={"csrf": csrf, "reason": ""})
    assert refused.status == 403, refused.status
    first.reload()
    assert first.locator("form[action$='/suspend']").count() == 0, "the seal came into use"

    second = stage.page("seal-admin-2", COUNTER)
    second.goto(address)
    stage.shot(second, "5-to-approve")
    act(second, "approve", "", waits=True)
    assert "还须另一人" in text(second.locator("main .note-unclear").first)
    assert second.locator("form[action$='/approve']").count() == 0, "one person is offered to approve twice"
    stage.shot(second, "5-waits")
    third = stage.page("seal-admin-3", COUNTER)
    third.goto(address)
    act(third, "approve", "")
    second.reload()
    in_use = state(second)
    picture = second.locator(".seal-picture img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0"), "the seal has no picture"
    stage.shot(second, "5-approved")
    act(second, "suspend")
    assert state(second) != in_use, "suspended, and looks the same"
    stage.shot(second, "5-suspended")
    act(second, "resume", waits=True)
    third.reload()
    act(third, "resume")
    second.reload()
    assert state(second) == in_use, (state(second), in_use)
    assert second.locator("ol.history li").count() >= 4
    first.context.close()
    second.context.close()
    third.context.close()


def signature(stage):
    """5 a person's handwritten signature is asked for with its picture and a paper, which those who decide download"""
    first = stage.page("seal-admin-1", COUNTER)
    first.goto("/seals/request")
    first.locator("#field-owner_code").select_option(value="person")
    first.locator("#field-identity_number").fill("11010519491231002X")
    first.locator("#field-owner_name").fill("李建国")
    first.locator("#field-area_code").fill("990100")
    first.get_by_label("手写签名").check()
    first.locator("#field-purpose_words").fill("")
    first.locator("main button[type=submit]").click()
    first.locator("#field-picture-fault").wait_for()
    stage.shot(first, "5-signature-fault")
    paper = b"%PDF-1.7 consent"
    picture = {"name": "signature.png", "mimeType": "image/png", "buffer": png(300, 120)}
    first.locator("#field-picture").set_input_files(picture)
    first.locator("#field-picture_width").fill("40")
    first.locator("#field-picture_height").fill("16")
    first.locator("#field-paper_files").set_input_files({"name": "同意书.pdf", "mimeType": "application/pdf", "buffer": paper})
    first.locator("main button[type=submit]").click()
    first.wait_for_url("**done=requested")
    address = first.url.split("?")[0]
    assert first.locator(".seal-picture img").evaluate("image => image.complete && image.naturalWidth > 0"), "no picture"
    stage.shot(first, "5-signature")
    second = stage.page("seal-admin-2", COUNTER)
    second.goto(address)
    with second.expect_download() as download:
        second.get_by_role("link", name="同意书.pdf").click()
    assert hashlib.sha256(download.value.path().read_bytes()).digest() == hashlib.sha256(paper).digest()
    assert download.value.suggested_filename.endswith(".pdf"), download.value.suggested_filename
    act(second, "approve", "", waits=True)
    third = stage.page("seal-admin-3", COUNTER)
    third.goto(address)
    act(third, "approve", "")
    assert third.locator("form[action$='/suspend']").count() == 1, "not in use"
    for page in (first, second, third):
        page.context.close()
