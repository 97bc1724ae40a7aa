"""What a stranger sees: the verify page and the page behind the printed code."""
import base64
import json
import urllib.parse

from stage import COUNTER, PHONE, text
from tools import flipped, qr_of_pdf

DROP = """
([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "application/pdf" }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector("h1").dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
}
"""


def drop(page, name, data):
    page.evaluate(DROP, [name, base64.b64encode(data).decode()])


def weights(page):
    return [step.get_attribute("data-weight") for step in page.locator(".findings .word").all()]


def verify(stage):
    """4 anybody chooses a file: passed with its steps; its twin with one byte changed, dropped: failed; no PDF: said so"""
    data = stage.holders_file()
    license = stage.holders_license()
    original = stage.out / "license.pdf"
    original.write_bytes(data)
    page = stage.page(device=COUNTER)
    page.goto("/verify")
    stage.shot(page, "4-verify")
    page.locator("#file").set_input_files(original)
    page.locator("section[data-verdict=passed]").wait_for()
    assert text(page.locator("h1")) == "查验通过"
    steps = weights(page)
    assert len(steps) >= 6 and set(steps) <= {"good", "note"}, steps
    said = text(page.locator("main"))
    assert license["number"] in said and license["id"] in said and "景川市市场监督管理局" in said
    with page.expect_download() as download:
        page.locator("a[download$='.json']").click()
    report = json.loads(open(download.value.path(), encoding="utf-8").read())
    assert report["verdict"] == "passed", report["verdict"]
    with page.expect_download() as download:
        page.locator("a[download$='.pdf']").click()
    assert open(download.value.path(), "rb").read(5) == b"%PDF-"
    stage.shot(page, "4-passed")
    page.get_by_role("link", name="再查一份").click()
    page.wait_for_url("**/verify")

    # One byte of a compressed page stream, dropped on the page.
    at = data.index(b"stream", len(data) // 8) + 40
    drop(page, "twin.pdf", flipped(data, at))
    page.locator("section[data-verdict=failed]").wait_for()
    assert text(page.locator("h1")) == "查验不通过"
    assert "bad" in weights(page), weights(page)
    assert license["number"] not in text(page.locator("section[data-verdict]")), "a failed file's claims in large letters"
    assert page.evaluate("scrollY") == 0, "the verdict is off the screen"
    stage.shot(page, "4-failed")

    page.goto("/verify")
    drop(page, "letter.pdf", "这不是 PDF".encode())
    fault = page.locator(".summary")
    fault.wait_for()
    assert "PDF" in text(fault), text(fault)
    stage.shot(page, "4-no-pdf")
    page.locator("form:has(#file) button[type=submit]").click()
    assert page.url.endswith("/verify") and page.locator("section[data-verdict]").count() == 0, "nothing chosen, yet a verdict"
    page.context.close()


def verify_ofd(stage):
    """4 anybody chooses an OFD file and a seal: passed, each step with its standard; the OFD's twin: failed"""
    data = stage.holders_file("ofd")
    original = stage.out / "license.ofd"
    original.write_bytes(data)
    page = stage.page(device=COUNTER)
    page.goto("/verify")
    page.locator("#file").set_input_files(original)
    page.locator("section[data-verdict=passed]").wait_for()
    said = text(page.locator("main"))
    assert "GB/T 38540-2020" in said and stage.holders_license()["number"] in said, said
    stage.shot(page, "4-passed-ofd")

    # One byte of the stored seal inside, dropped on the page.
    page.goto("/verify")
    drop(page, "twin.ofd", flipped(data, data.index(b"Seal.esl") + 400))
    page.locator("section[data-verdict=failed], section[data-verdict=indeterminate]").wait_for()
    stage.shot(page, "4-failed-ofd")

    seal = stage.holders_license()["seal"]
    status, object = stage.call("department-market", "GET", f"/v1/seals/{seal}/seal.esl")
    assert status == 200, status
    place = stage.out / "seal.esl"
    place.write_bytes(object)
    page.goto("/verify")
    page.locator("#file").set_input_files(place)
    page.locator("section[data-verdict=passed]").wait_for()
    stage.shot(page, "4-passed-seal")


def printed_code(stage):
    """4 anybody reads the QR on the printed page: state and masked fields; a wrong key: unknown"""
    pdf = stage.out / "license.pdf"
    pdf.write_bytes(stage.holders_file())
    license = stage.holders_license()
    address = qr_of_pdf(pdf, stage.out)
    assert address.startswith(stage.base + "/c/"), address
    page = stage.page(device=PHONE)
    page.goto(address)
    page.locator("section[data-verdict=in-force]").wait_for()
    said = text(page.locator("main"))
    assert license["holder"]["name"] in said and "有效" in text(page.locator("h1"))
    person = license["data"]["legal_representative"]
    stage.shot(page, "4-printed")

    parts = urllib.parse.urlsplit(address)
    key = urllib.parse.parse_qs(parts.query)["k"][0]
    page.goto("/c")
    stage.shot(page, "4-printed-form")
    page.locator("#identifier").fill(license["id"])
    page.locator("#k").fill(key)
    page.locator("main button[type=submit]").click()
    page.locator("section[data-verdict=in-force]").wait_for()

    wrong = ("1" if key[0] != "1" else "2") + key[1:]
    page.goto(address.replace(f"k={key}", f"k={wrong}"))
    page.locator("section[data-verdict=unknown]").wait_for()
    said = text(page.locator("main"))
    assert license["holder"]["name"] not in said and person not in said, "a wrong key shows something"
    stage.shot(page, "4-printed-unknown")
    page.context.close()


def masked(stage):
    """4 the printed code of a license about persons shows them masked"""
    found = None
    for department in ("department-civil-affairs", "department-health"):
        _, answer = stage.call(department, "GET", "/v1/licenses")
        found = found or next(iter(json.loads(answer)["items"]), None)
    assert found, "no license about persons was issued"
    page = stage.page(device=PHONE)
    page.goto(f"/c/{found['id']}?k={found['check_code']}")
    page.locator("section[data-verdict=in-force]").wait_for()
    said = text(page.locator("main"))
    for name, value in found["data"].items():
        if name.endswith(("_id_number", "identity_number")) or "identity" in name:
            assert value not in said, f"{name} is shown in full"
    stage.shot(page, "4-printed-masked")
    page.context.close()
