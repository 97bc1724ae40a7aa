"""Who sees little, no colours, or nothing: the numbers of the rules for the elderly (MIIT 2021), axe-core, and pictures in grey."""
import pathlib

import axe_playwright_python

from asking import ask, look as open_request
from counter import draw_code, scan, verdict
from kiosk import KIOSK, begin, camera
from stage import COUNTER, PHONE
from tools import flipped

# Of one page: text and its lines, what is pressed, the room between paragraphs, and whether it scrolls sideways.
NUMBERS = r"""
(want) => {
  const faults = [];
  const say = (what, el) => faults.push(what + ": " + el.outerHTML.slice(0, 100).replace(/\s+/g, " "));
  const shown = (el) => {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || el.closest(".unseen, .skip")) return false;
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };
  const size = (el) => parseFloat(getComputedStyle(el).fontSize);
  const line = (el) => parseFloat(getComputedStyle(el).lineHeight) || 1.2 * size(el);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || seen.has(el) || el.closest("svg, template, script, style, option, datalist") || !shown(el)) continue;
    seen.add(el);
    if (size(el) < want.text) say(`text of ${size(el)} px`, el);
    if (want.lines && line(el) < 1.3 * size(el) - 0.1) say(`lines ${(line(el) / size(el)).toFixed(2)} apart`, el);
  }
  for (const el of document.querySelectorAll("h1")) if (shown(el) && size(el) < want.heading) say(`heading of ${size(el)} px`, el);
  if (size(document.body) < want.body) say(`body text of ${size(document.body)} px`, document.body);
  for (const el of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!shown(el)) continue;
    // A box is as large as its label, a door's link as its door. A link within a sentence is as large as its words (WCAG 2.5.8).
    const own = el.matches("[type=checkbox], [type=radio]") ? el.labels[0] || el : el.closest(".door") || el;
    const box = own.getBoundingClientRect();
    const sentence = el.matches("a") && getComputedStyle(el).display === "inline"
      && el.parentElement.textContent.trim().length > el.textContent.trim().length;
    if (!sentence && (box.width < want.target - 0.5 || box.height < want.target - 0.5)) say(`target ${Math.round(box.width)}×${Math.round(box.height)}`, el);
  }
  // From line to line: from the last of a paragraph to the first of the next it is 1.3 times as far as within it.
  for (const el of document.querySelectorAll("main p + p")) {
    const before = el.previousElementSibling;
    if (!want.lines || !shown(el) || !shown(before)) continue;
    const gap = el.getBoundingClientRect().top - before.getBoundingClientRect().bottom;
    if (gap > -1 && gap < 0.3 * line(before) - 0.5) say(`paragraphs ${gap.toFixed(1)} px apart`, el);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} of ${innerWidth}`);
  return faults;
}
"""
EDITIONS = {
    "normal": {"text": 12, "heading": 24, "body": 16, "target": 44, "lines": False},
    "large": {"text": 18, "heading": 30, "body": 18, "target": 60, "lines": True},
    "largest": {"text": 18, "heading": 30, "body": 30, "target": 60, "lines": True},
}


def numbers(page, edition, name):
    assert page.locator(f"html[data-size={edition}]").count() == 1, f"{name}: {edition} is not remembered"
    faults = page.evaluate(NUMBERS, EDITIONS[edition])
    assert not faults, f"{name}, {edition}: " + "; ".join(faults[:20])


def wallet_large(stage):
    """2 large print: entered from the first page, remembered, made larger still; each number of the rules for the elderly on each page of the wallet"""
    license = stage.holders_license()["id"]
    places = {
        "cards": "/wallet", "show": f"/wallet/show?license={license}", "looks": "/wallet/looks", "showings": "/wallet/showings",
        "family": "/wallet/family", "codes": "/wallet/codes", "print": f"/wallet/{license}/print", "offline": "/wallet/offline",
        "requests": "/wallet/requests", "copy": f"/copies/{license}",
    }
    page = stage.page("holder", PHONE)

    def walk(edition, pictures):
        for name, place in places.items():
            page.goto(place)
            numbers(page, edition, name)
            if name in pictures:
                stage.shot(page, f"2-{edition}-{name}")
        draw_code(stage, page)
        numbers(page, edition, "code")
        if pictures:
            stage.shot(page, f"2-{edition}-code")

    walk("normal", ())
    page.goto("/")
    page.get_by_role("link", name="长辈版").first.click()
    page.locator("html[data-size=large]").wait_for()
    numbers(page, "large", "home")
    walk("large", ("cards", "show", "codes", "print"))
    page.goto("/wallet")
    page.get_by_role("link", name="大一号").first.click()
    page.locator("html[data-size=largest]").wait_for()
    walk("largest", ("cards", "show"))
    page.goto("/")
    page.get_by_role("link", name="标准").first.click()
    page.locator("html[data-size=normal]").wait_for()
    page.context.close()


SERIOUS = """async () => {
  const results = await axe.run(document, { resultTypes: ["violations"] });
  const grave = results.violations.filter((v) => ["serious", "critical"].includes(v.impact));
  return grave.map((v) => `${v.id}: ${v.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3).join(" | ")}`);
}"""
SCRIPT = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Every verdict as it looks, one below the other.
ALL_VERDICTS = """() => {
  const blanks = [...document.querySelectorAll("[data-blank]")];
  document.querySelector("[data-place]").replaceChildren(...blanks.map((blank) => blank.content.cloneNode(true)));
  return blanks.length;
}"""


def grey(stage, page, name):
    """A picture without colours."""
    page.evaluate("document.documentElement.style.filter = 'grayscale(1)'")
    page.screenshot(path=stage.out / f"{name}.png", full_page=True, animations="disabled", scale="css")
    page.evaluate("document.documentElement.style.filter = ''")


def axe(stage):
    """axe-core finds nothing serious on desk, verdicts, requests, wallet, kiosk and the public pages, in both languages and in large print; pictures in grey"""
    looked = []

    def look(page, name):
        page.evaluate(SCRIPT + "; undefined")
        found = page.evaluate(SERIOUS)
        assert not found, f"{name}: " + "; ".join(found)
        looked.append(name)

    license = stage.holders_license()["id"]
    everywhere = ["/wallet", "/wallet/looks", f"/wallet/show?license={license}"]
    once = ["/wallet/showings", "/wallet/codes", f"/wallet/{license}/print", "/wallet/family", "/wallet/offline", "/wallet/requests", f"/copies/{license}"]
    digits = None
    for locale, places in (("zh-CN", everywhere + once), ("en-US", everywhere)):
        page = stage.page("holder", PHONE, locale=locale)
        for place in places:
            page.goto(place)
            look(page, f"{place} {locale}")
        if locale == "zh-CN":
            digits = draw_code(stage, page)
        else:
            page.goto(f"/wallet/show?license={license}")
            page.locator("input[name=purpose]").first.check()
            page.locator("main button[type=submit]").click()
            page.locator("[data-digits]").wait_for()
        look(page, f"code {locale}")
        grey(stage, page, f"2-grey-code-{locale[:2]}")
        page.context.close()

        page = stage.page(None, COUNTER, locale=locale)
        page.goto("/verify")
        look(page, f"/verify {locale}")
        pdf = stage.holders_file()
        reports = {"passed": pdf, "failed": flipped(pdf, len(pdf) // 2)}
        for outcome, data in reports.items() if locale == "zh-CN" else [("failed", reports["failed"])]:
            page.goto("/verify")
            page.locator("#file").set_input_files({"name": "license.pdf", "mimeType": "application/pdf", "buffer": data})
            page.locator(f"section[data-verdict={outcome}]").wait_for()
            if locale == "zh-CN":
                grey(stage, page, f"4-grey-{outcome}")
            look(page, f"report {outcome} {locale}")
        page.context.close()

        page = stage.page("clerk", COUNTER, locale=locale)
        page.goto("/desk")
        if locale == "zh-CN":
            look(page, f"/desk {locale}")
            scan(page, digits)
            verdict(page, "valid")
            page.locator(".evidence summary").click()
            look(page, "valid")
        assert page.evaluate(ALL_VERDICTS) >= 20
        look(page, f"every verdict {locale}")
        page.context.close()

    # The counter asks, a phone looks.
    desk, phone = stage.page("clerk", COUNTER), stage.page("holder", PHONE)
    desk.goto("/desk/ask")
    look(desk, "/desk/ask")
    digits, _ = ask(stage, desk)
    look(desk, "asked")
    open_request(phone, digits)
    phone.locator(".asker h1").wait_for()
    look(phone, "request")
    phone.get_by_role("button", name="不同意").click()
    phone.get_by_role("heading", name="已拒绝").wait_for()
    look(phone, "declined")
    desk.context.close()
    # Large print is the same page with other numbers.
    phone.goto("/preferences?size=largest&back=/wallet")
    for place in ("/wallet", "/wallet/codes"):
        phone.goto(place)
        look(phone, f"{place} largest")
    draw_code(stage, phone)
    look(phone, "code largest")
    phone.context.close()

    page = stage.page("kiosk", KIOSK)
    page.goto("/kiosk")
    look(page, "/kiosk")
    session = begin(page)
    look(page, "kiosk waiting")
    assert camera(stage, session) == (201, "recognised")
    page.locator("[data-kiosk=choose]").wait_for()
    look(page, "kiosk choose")
    page.locator(".kiosk-choices a").first.click()
    page.locator("[data-kiosk=purpose]").wait_for()
    look(page, "kiosk purpose")
    page.context.close()
    print(f"     axe-core: {len(looked)} pages")


STORIES = [wallet_large, axe]
