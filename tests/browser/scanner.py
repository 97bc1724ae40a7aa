"""A scanner at the desk. It does not wait for a key to be taken before it sends the next one; a page of Playwright's blocking
interface does. So this story has a browser and a loop of its own."""
import asyncio
import concurrent.futures
import random

from playwright.async_api import async_playwright

from stage import COUNTER, chromium
from tools import check_pair

CODES = 1000
KEY = 0.002  # seconds from one key to the next
PLACES = ["#code", "h1", "#matter", "body"]  # where the focus is, by turns
# What the service would answer, from within the page, after a moment as over a network.
ANSWERS = """
() => {
  window.sent = [];
  const shown = `<main id="main">${document.querySelector("[data-blank=V00]").innerHTML}</main>`;
  const beyond = window.fetch;
  window.fetch = async (where, how) => {
    if (where !== "/desk" || how?.method !== "POST") return beyond(where, how);
    window.sent.push(how.body.get("code"));
    window.newest = performance.now();
    await new Promise((done) => setTimeout(done, 20));
    return new Response(shown, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  };
}
"""


def well_formed(chance):
    body = "71" + "".join(chance.choice("0123456789") for _ in range(23))
    return body + check_pair(body)


def scanner(stage):
    """3 a scanner types 1,000 codes at a scanner's pace, into a Chinese input method and under Caps Lock too: all arrive whole"""
    signed_in = stage.page("clerk", COUNTER).context
    state = signed_in.storage_state()
    signed_in.close()
    chance = random.Random(1)
    codes = [well_formed(chance) for _ in range(CODES)]
    with concurrent.futures.ThreadPoolExecutor(1) as apart:
        sent, matters = apart.submit(asyncio.run, scanned(stage, state, codes)).result()
    wrong = [(want, got) for want, got in zip(codes, sent) if want != got]
    assert len(sent) == CODES and not wrong, f"{len(sent)} arrived, {len(wrong)} of them wrong, first {wrong[:1]}"
    assert len(matters) == 1, f"digits stayed in another field: {matters}"


async def scanned(stage, state, codes):
    """Types the codes; what the service got, and whatever stood in the field of the matter meanwhile."""
    matters = set()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**chromium())
        context = await browser.new_context(viewport=COUNTER, locale="zh-CN", base_url=stage.base, storage_state=state)
        context.on("weberror", lambda error: stage.complain(f"script error: {error.error}"))
        page = await context.new_page()
        await page.goto("/desk")
        await page.evaluate(ANSWERS)
        keys = await context.new_cdp_session(page)
        for number, code in enumerate(codes):
            if number % 50 == 0:
                matters.add(await page.locator("#matter").input_value())
                at = PLACES[number // 50 % len(PLACES)]
                await page.evaluate("at => (document.querySelector(at) || document.body).focus()", at)
            await asyncio.gather(*[asyncio.ensure_future(press(keys, *key)) async for key in pressed(number, code)])
        await page.wait_for_function("n => window.sent.length >= n || performance.now() - window.newest > 5000", arg=len(codes))
        sent = await page.evaluate("window.sent")
        matters.add(await page.locator("#matter").input_value())
        await browser.close()
    return sent, matters


async def press(keys, kind, key):
    await keys.send("Input.dispatchKeyEvent", {"type": kind, **key})


async def pressed(number, code):
    """The keys of a code, one after the other in their time: every third into an input method, every third under Caps Lock.
    That digits come up again is left out: nothing listens to it."""
    lock = {"code": "CapsLock", "key": "CapsLock", "windowsVirtualKeyCode": 20}
    enter = {"code": "Enter", "key": "Enter", "windowsVirtualKeyCode": 13}
    composing, locked = number % 3 == 1, number % 3 == 2
    if locked:
        yield "keyDown", lock
        yield "keyUp", lock
    for digit in code:
        at = {"code": f"Digit{digit}", "modifiers": 0}
        if composing:
            yield "rawKeyDown", {**at, "key": "Process", "windowsVirtualKeyCode": 229}
        else:
            yield "keyDown", {**at, "key": digit, "text": digit, "windowsVirtualKeyCode": ord(digit)}
        await asyncio.sleep(KEY)
    yield "keyDown", {**enter, "text": "\r"}
    yield "keyUp", enter
    if locked:
        yield "keyDown", lock
        yield "keyUp", lock
