"""The kiosk: a tall screen, a camera that is a process of its own, one sheet, and nothing left for who comes next."""
import json
import pathlib
import subprocess
import sys

from counter import scan, verdict
from offline import check
from stage import COUNTER, text
from tools import qr_of_pdf

KIOSK = {"width": 1080, "height": 1920}
CAMERA = pathlib.Path(__file__).resolve().parent.parent / "tools" / "kiosk_camera.py"


def camera(stage, session, *more):
    """What the kiosk's camera would do, by a process of its own with the key of the demo's verifier: status and code or state."""
    holder = stage.holders_license()["holder"]["code"]
    command = [sys.executable, CAMERA, "--base", stage.base, "--folder", stage.folder, "--holder", holder, *more, session]
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=60)
    assert done.stdout, done.stderr.decode(errors="replace")[-600:]
    answer = json.loads(done.stdout)
    return answer["status"], answer["said"].get("code") or answer["said"].get("state")


def begin(page):
    """From the first screen to the camera; the session."""
    page.goto("/kiosk")
    page.locator("[data-kiosk=start] form button").click()
    page.locator("[data-kiosk=waiting]").wait_for()
    return page.url.rsplit("/", 1)[-1]


SMALL = """() => {
  const faults = [];
  for (const el of document.querySelectorAll(".kiosk a[href], .kiosk button, .tools a")) {
    const box = el.getBoundingClientRect();
    if (el.checkVisibility() && (box.width < 80 || box.height < 80)) faults.push(`target ${box.width}x${box.height} ${el.textContent}`);
  }
  for (const el of document.querySelectorAll(".kiosk :is(h1, p, strong, span, li)"))
    if (el.checkVisibility() && el.textContent.trim() && parseFloat(getComputedStyle(el).fontSize) < 26) faults.push("small " + el.textContent);
  return faults;
}"""


def look(stage, page, name):
    """A picture; on a tall screen no target is below 80 px and no text below 26."""
    faults = page.evaluate(SMALL)
    assert not faults, f"{name}: {faults}"
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), f"{name}: it scrolls"
    stage.shot(page, name)


def read_sheet(stage, pdf):
    """The digits that a scanner reads off the printed sheet."""
    file = stage.out / "32-sheet.pdf"
    file.write_bytes(pdf)
    digits = qr_of_pdf(file, stage.out)
    assert digits.startswith("81") and digits.isdigit(), digits[:30]
    return digits


def sheet(stage, page, button):
    """Presses the button: the sheet as the browser gets it, beside the page."""
    sheets = []

    def keep(route):
        answer = route.fetch()
        sheets.append((answer.status, answer.headers.get("content-type"), answer.body()))
        route.fulfill(response=answer)

    page.context.route("**/kiosk/*/print", keep)
    button.click()
    page.locator("[data-kiosk=printed]").wait_for()
    page.context.unroute("**/kiosk/*/print")
    [(status, kind, pdf)] = sheets
    assert (status, kind) == (200, "application/pdf") and pdf.startswith(b"%PDF"), (status, kind)
    return pdf


def kiosk(stage):
    """32 whoever is recognised at the kiosk takes one sheet along: read by zbar, checked on the page and at a desk; never two"""
    page = stage.page("kiosk", KIOSK)
    page.goto("/kiosk")
    assert text(page.locator("h1")) == "打印亮证单"
    look(stage, page, "32-kiosk-start")
    session = begin(page)
    look(stage, page, "32-kiosk-waiting")
    assert camera(stage, session) == (201, "recognised")
    page.locator("[data-kiosk=choose]").wait_for()
    assert stage.holders_license()["holder"]["code"] not in page.content(), "a whole number on a screen in a hall"
    look(stage, page, "32-kiosk-choose")
    page.locator(".kiosk-choices a", has_text="营业执照").first.click()
    page.locator("[data-kiosk=purpose]").wait_for()
    look(stage, page, "32-kiosk-purpose")
    form = dict(page.evaluate("[...new FormData(document.querySelector('[data-print]'))]"))
    button = page.locator("[data-print] button").first
    purpose = button.get_attribute("value")
    digits = read_sheet(stage, sheet(stage, page, button))
    look(stage, page, "32-kiosk-printed")

    # A second one is refused, by the page and by the API; the session names nothing any more.
    again = page.request.post(f"/kiosk/{session}/print", form={**form, "purpose": purpose})
    assert again.status == 410 and "一次只打印一张" in again.text(), (again.status, again.text()[:300])
    api = f"/v1/kiosk/sessions/{session}"
    status, answer = stage.call("kiosk", "POST", f"{api}/paper-codes", {"license": 1, "purpose": purpose})
    assert (status, json.loads(answer)["code"]) == (410, "kiosk_session.printed"), (status, answer[:300])
    status, answer = stage.call("kiosk", "GET", api)
    assert (status, json.loads(answer)["licenses"]) == (200, []), answer[:300]
    page.locator("[data-home]").click()
    page.locator("[data-kiosk=start]").wait_for()
    page.context.close()

    # Anybody checks the sheet; a desk does, and its clerk's tick stands in the holder's history.
    said = check(stage, digits)
    assert said["verdict"] == "passed" and said["code"]["purpose"] == purpose, said
    desk = stage.page("clerk", COUNTER)
    desk.goto("/desk")
    scan(desk, digits)
    assert "V02" in verdict(desk, "compare")
    stage.shot(desk, "32-desk-compare")
    desk.get_by_label("已与身份证件核对").check()
    desk.locator("[data-compared-line][data-state=kept]").wait_for()
    assert "核对已记录" in text(desk.locator("[data-compared-line]"))
    stage.shot(desk, "32-desk-compared")
    desk.context.close()
    history = stage.page("holder", COUNTER)
    history.goto("/wallet/looks")
    newest = [text(entry) for entry in history.locator(".history > li").all()[:2]]
    assert "查看方已核对身份证件" in newest[0] and "查看方已核对身份证件" not in newest[1], newest
    assert "打印了纸质亮证单" in newest[1] and "自助终端" in newest[1], newest
    stage.shot(history, "32-looks")
    history.context.close()


def kiosk_twins(stage):
    """32 an assertion with one byte changed, or brought a second time, makes nobody known at the kiosk"""
    page = stage.page("kiosk", KIOSK)
    session = begin(page)
    token = stage.out / "assertion.txt"
    for place in ("20", "120", "-20"):
        status, code = camera(stage, session, f"--flip={place}")
        assert status == 422 and code.startswith("assertion."), (place, status, code)
    assert json.loads(stage.call("kiosk", "GET", f"/v1/kiosk/sessions/{session}")[1])["state"] == "waiting"
    page.wait_for_timeout(2500)
    assert page.locator("[data-kiosk=waiting]").count() == 1, "the screen went on though nobody is known"
    assert camera(stage, session, "--keep", token) == (201, "recognised")
    page.locator("[data-kiosk=choose]").wait_for()
    page.locator("[data-end] button").click()
    page.locator("[data-kiosk=start]").wait_for()
    # The same word again: for the session that is over, and for the next one.
    assert camera(stage, session, "--replay", token) == (409, "assertion.used")
    following = begin(page)
    status, code = camera(stage, following, "--replay", token)
    assert (status, code) == (422, "assertion.other_request"), (status, code)
    assert page.locator("[data-kiosk=waiting]").count() == 1
    page.context.close()


def kiosk_idle(stage):
    """32 a minute in which nobody touches the kiosk brings back its first screen, and the session is over"""
    page = stage.page("kiosk", KIOSK)
    page.clock.install()
    session = begin(page)
    assert camera(stage, session) == (201, "recognised")
    page.clock.run_for(2_000)
    page.locator("[data-kiosk=choose]").wait_for()
    page.clock.run_for(50_000)
    page.locator("h1").click()
    page.clock.run_for(50_000)
    assert page.locator("[data-kiosk=choose]").count() == 1, "a touch did not keep it"
    page.clock.run_for(12_000)
    page.locator("[data-kiosk=start]").wait_for()
    page.goto(f"/kiosk/{session}")
    page.locator("[data-kiosk=expired]").wait_for()
    look(stage, page, "32-kiosk-expired")
    page.context.close()


def kiosk_english(stage):
    """32 the kiosk in English; kiosk and verdicts of the desk in greyscale"""
    page = stage.page("kiosk", KIOSK)
    page.goto("/kiosk")
    page.locator(".tools a[hreflang=en]").click()
    page.locator("html[lang=en]").wait_for()
    assert text(page.locator("h1")) == "Print a license code", text(page.locator("h1"))
    look(stage, page, "32-en-start")
    session = begin(page)
    look(stage, page, "32-en-waiting")
    assert camera(stage, session) == (201, "recognised")
    page.locator("[data-kiosk=choose]").wait_for()
    look(stage, page, "32-en-choose")
    page.locator(".kiosk-choices a").first.click()
    page.locator("[data-kiosk=purpose]").wait_for()
    look(stage, page, "32-en-purpose")
    page.evaluate("document.documentElement.style.filter = 'grayscale(1)'")
    page.screenshot(path=stage.out / "32-grey-kiosk.png", scale="css")
    page.context.close()

    # The eight states beside each other, without a colour: word and outline must do.
    desk = stage.page("clerk", COUNTER)
    desk.goto("/desk")
    desk.evaluate("""() => {
      const seen = new Set();
      const place = document.querySelector("[data-place]");
      place.replaceChildren();
      for (const blank of document.querySelectorAll("[data-blank]")) {
        const outcome = blank.content.cloneNode(true).querySelector("[data-outcome]");
        if (seen.has(outcome.dataset.state)) continue;
        seen.add(outcome.dataset.state);
        place.append(outcome.querySelector(".verdict"));
      }
      document.documentElement.style.filter = "grayscale(1)";
    }""")
    shapes = desk.locator("[data-place] .verdict svg").evaluate_all("all => all.map((one) => one.innerHTML)")
    words = desk.locator("[data-place] .verdict h1").all_inner_texts()
    assert len(shapes) == len(set(shapes)) == len(set(words)) == 8, (len(shapes), words)
    desk.locator("[data-place]").screenshot(path=stage.out / "32-grey-verdicts.png", scale="css")
    desk.context.close()


STORIES = [kiosk, kiosk_twins, kiosk_idle, kiosk_english]
