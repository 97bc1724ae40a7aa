"""A department's clerk issues licenses by form."""
from stage import COUNTER, text
from tools import credit_code

COMPANY = "景川市青禾文具有限公司"


def issue(stage):
    """1 a clerk of a department issues a business license, with a slip corrected, and a second kind"""
    page = stage.page(device=COUNTER)
    page.goto("/department")
    assert page.url.startswith(stage.base + "/sign-in?next="), page.url
    stage.shot(page, "1-sign-in")
    page.get_by_label("凭证").fill("yz_nonsense")
    page.locator("main button[type=submit]").click()
    page.get_by_role("alert").get_by_text("没有登录成功").wait_for()
    stage.shot(page, "1-sign-in-refused")
    page.get_by_label("凭证").fill(stage.tokens["department-market"])
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/department")
    stage.sessions["department-market"] = page.context.storage_state()
    assert text(page.locator("h1")) == "景川市市场监督管理局"

    page.get_by_role("link", name="签发新证照").click()
    stage.shot(page, "1-kinds")
    page.get_by_role("link", name="营业执照").click()
    page.get_by_role("link", name="填入示例").click()
    preview = page.locator("[data-preview-target] svg")
    preview.wait_for()
    before = preview.inner_html()
    page.locator("#field-name").fill(COMPANY)
    page.wait_for_function("was => document.querySelector('[data-preview-target] svg').innerHTML !== was", arg=before)
    assert page.locator("[data-preview-status]").inner_text().strip(), "the preview says nothing of having been redrawn"

    right = credit_code("91990102MA7K3QH06")
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    page.locator("#field-credit_code").fill(wrong)
    page.locator("main form[data-preview] button[type=submit]").click()
    page.locator("#field-credit_code-fault").wait_for()
    assert "校验" in text(page.locator("#field-credit_code-fault")), text(page.locator("#field-credit_code-fault"))
    summary = page.locator(".summary")
    assert "统一社会信用代码" in text(summary), text(summary)
    assert page.evaluate("document.activeElement.matches('.summary')"), "the summary of faults has no focus"
    assert page.locator("#field-name").input_value() == COMPANY, "the input is lost"
    assert page.locator("#field-credit_code").input_value() == wrong, "the input is lost"
    assert page.locator(".field.wrong").count() == 1, "more than one field is called wrong"
    stage.shot(page, "1-issue-fault")
    summary.get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "field-credit_code", "the summary does not lead to the field"

    page.locator("#field-credit_code").fill(right)
    page.locator("main form[data-preview] button[type=submit]").click()
    page.wait_for_url("**/department/licenses/**done=issued")
    assert COMPANY in text(page.locator("h1")), text(page.locator("h1"))
    assert "有效" in text(page.locator("main .tag").first)
    assert right in text(page.locator("main"))
    stage.shot(page, "1-license")
    for name, ending, beginning in [("下载PDF文件", ".pdf", b"%PDF-"), ("下载OFD文件", ".ofd", b"PK\x03\x04")]:
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending), download.value.suggested_filename
        with open(download.value.path(), "rb") as file:
            assert file.read(5).startswith(beginning), f"the file is no {ending}"

    # A second kind, empty first: every required field is named at once.
    page.goto("/department/issue/food-operation-permit")
    page.locator("main form[data-preview] button[type=submit]").click()
    page.locator(".summary").wait_for()
    assert page.locator(".field.wrong").count() >= 6, "an empty form has few faults"
    stage.shot(page, "1-issue-empty")
    page.get_by_role("link", name="填入示例").click()
    page.wait_for_url("**example=1")
    page.locator("main form[data-preview] button[type=submit]").click()
    page.wait_for_url("**/department/licenses/**done=issued")
    assert "食品经营许可证" in text(page.locator("h1"))
    stage.shot(page, "1-license-food")

    # Suspend and resume, as the acts of the page.
    acts = page.locator("section[aria-labelledby=acts]")
    for name, state in (("suspend", "暂扣"), ("resume", "有效")):
        details = acts.locator(f"details:has(form[action$='/{name}'])")
        details.locator("summary").click()
        details.get_by_label("原因").fill("浏览器测试")
        details.locator("button[type=submit]").click()
        page.wait_for_url("**done=**")
        page.locator(".tag", has_text=state).first.wait_for()
    page.goto("/department")
    rows = page.locator("tbody tr")
    assert rows.filter(has_text=COMPANY).count() == 1, "the list lacks the new license"
    page.locator("#number").fill(right)
    page.locator("form.filters button").click()
    page.wait_for_url("**number=**")
    assert page.locator("tbody tr").count() == 1, "the search by number finds more or less than one"
    page.context.close()


def persons(stage):
    """1 a registrar issues a marriage certificate by form, example and all"""
    page = stage.page("department-civil-affairs", COUNTER)
    page.goto("/department/issue/marriage-certificate?example=1")
    page.locator("main form[data-preview] button[type=submit]").click()
    page.wait_for_url("**/department/licenses/**done=issued")
    stage.shot(page, "1-license-marriage")
    page.context.close()
