"""A department lets another use its seal: from granting over use to exhaustion."""
import datetime

import together
from stage import COUNTER, text

HALL = "景川市民政局"
SOON = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()


def seal_of(stage, page, owner):
    """The address of the page of a department's seal."""
    page.goto("/seals")
    return page.locator("li.seal-item", has_text=owner).first.get_by_role("link").first.get_attribute("href")


def give(stage, page, owner, kind, most, shot=None):
    seal = seal_of(stage, page, owner)
    page.goto(f"{seal}/grants/new")
    page.locator("main form button[type=submit]").last.click()
    page.locator(".summary").wait_for()
    if shot:
        stage.shot(page, f"{shot}-fault")
    page.locator(f"#kind-{kind}").check()
    page.locator("#field-body").select_option(label=HALL)
    page.locator("#field-until").fill(SOON)
    page.locator("#field-most").fill(str(most))
    page.locator("#field-reason").fill("委托办理")
    if shot:
        stage.shot(page, shot)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**done=granted")


def issue(page):
    page.goto("/department/issue/food-operation-permit?example=1")
    page.locator("#seal").select_option(index=0)
    page.locator("main form[data-preview] button[type=submit]").click()


def grants(stage):
    """8 a seal is granted for two uses, used up in the other department's browser, and refused then"""
    sealer = stage.page("seal-admin-2", COUNTER)
    give(stage, sealer, "景川市市场监督管理局", "food-operation-permit", 2, "8-grant")
    address = sealer.url.split("?")[0]
    assert "0 / 2" in text(sealer.locator("main"))
    hall = stage.page("department-civil-affairs", COUNTER)
    hall.goto("/department/issue")
    hall.get_by_role("link", name="食品经营许可证").click()
    hall.get_by_role("link", name="填入示例").click()
    choice = text(hall.locator("#seal option").first)
    assert "景川市市场监督管理局" in choice and "授权" in choice, choice
    assert hall.locator("#seal option").count() == 1, "its own seal seals no food permit"
    hall.wait_for_function("document.querySelector('[data-preview-target]').textContent.includes('市场监督')"
                           " || document.querySelector('[data-preview-target] svg') !== null")
    stage.shot(hall, "8-issue")
    stale = hall.context.new_page()
    stale.goto("/department/issue/food-operation-permit?example=1")
    hall.locator("main form[data-preview] button[type=submit]").click()
    hall.wait_for_url("**/department/grants/**done=issued")
    assert "1 / 2" in text(hall.locator("main")), "the use is not counted"
    stage.shot(hall, "8-used")
    issue(hall)
    hall.wait_for_url("**/department/grants/**done=issued")
    assert "2 / 2" in text(hall.locator("main")) and "次数已用完" in text(hall.locator("main .row-apart .tag"))
    stage.shot(hall, "8-exhausted")

    # The form that was opened before is refused, and keeps what was entered; a new one does not offer the kind.
    stale.locator("main form[data-preview] button[type=submit]").click()
    stale.locator(".summary").wait_for()
    assert "次数已用完" in text(stale.locator(".summary")), text(stale.locator(".summary"))
    assert stale.locator("#field-operator").input_value(), "the input is lost"
    stage.shot(stale, "8-refused")
    hall.goto("/department/issue")
    assert hall.get_by_role("link", name="食品经营许可证").count() == 0, "a kind that it cannot issue is offered"
    sealer.goto(address)
    assert sealer.locator("ol.history li").count() == 2, "two uses, two lines"
    stage.shot(sealer, "8-uses")

    # A yes by the seal that was granted: the envelope that the demo left waits for the environment bureau.
    give(stage, sealer, "景川市生态环境局", "construction-permit", 1)
    hall.goto("/department/envelopes?which=granted")
    stage.shot(hall, "8-envelopes")
    hall.locator("tbody a").first.click()
    assert "景川市生态环境局" in text(hall.locator("#seal option").first)
    stage.shot(hall, "8-envelope")
    together.act(hall, "consent")
    assert hall.locator("form[action$='/consent']").count() == 0
    hall.goto("/department/envelopes?which=granted")
    assert hall.locator("tbody tr").count() == 0, "the grant is used up"
    sealer.reload()
    assert "1 / 1" in text(sealer.locator("main")) and "联合签章" in text(sealer.locator("ol.history"))
    stage.shot(sealer, "8-consent-used")
    hall.context.close()
    sealer.context.close()
