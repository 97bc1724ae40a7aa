"""Several departments seal one license together, in their browsers."""
from stage import COUNTER, PHONE, text

PROJECT = "景川市青禾文化中心工程"
WRONG, RIGHT = "景川市云栖区望江路以北", "景川市云栖区望江路以南"
LIST = "/department/envelopes"


def act(page, name, done=True):
    """Unfolds an act of the page and sends its form."""
    details = page.locator(f"details:has(form[action$='/{name}'])")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    details.locator("button[type=submit]").click()
    if done:
        page.wait_for_url(f"**done={name}")


def give_back(page, reason):
    details = page.locator("details:has(form[action$='/return'])")
    details.locator("summary").click()
    details.get_by_label("原因").fill(reason)
    details.locator("button[type=submit]").click()
    page.wait_for_url("**/department/envelopes?done=return")


def state(page):
    return text(page.locator("main .row-apart .tag"))


def visit(stage, who, address, device=COUNTER):
    page = stage.page(who, device)
    page.goto(address)
    return page


def downloads(page):
    for name, ending, beginning in [("下载PDF文件", ".pdf", b"%PDF-"), ("下载OFD文件", ".ofd", b"PK\x03\x04")]:
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending), download.value.suggested_filename
        with open(download.value.path(), "rb") as file:
            assert file.read(5).startswith(beginning), f"the file is no {ending}"


def envelope(stage):
    """7 district, city and province seal a permit together, with one return for correction, and amend it"""
    county = visit(stage, "department-county-housing", "/department/issue")
    county.get_by_role("link", name="建设工程施工许可证").click()
    county.get_by_role("link", name="填入示例").click()
    county.locator("#field-project").fill(PROJECT)
    county.locator("#field-site").fill(WRONG)
    stage.shot(county, "7-open")
    county.locator("main form[data-preview] button[type=submit]").click()
    county.wait_for_url("**done=open")
    address = county.url.split("?")[0]
    assert PROJECT not in text(county.locator("h1")), "the holder is the developer, not the project"
    assert PROJECT in text(county.locator("main")) and "草稿" in state(county), state(county)
    stage.shot(county, "7-draft")
    act(county, "send")
    act(county, "consent")
    assert county.locator("form[action$='/consent']").count() == 0, "it is asked twice"

    # Nobody of the province knows of it before its stage.
    province = visit(stage, "department-province-housing", LIST)
    assert province.locator("tbody tr").count() == 0, "the province is asked too early"
    stage.shot(province, "7-nothing-asked")
    city = visit(stage, "department-city-housing", LIST)
    mine = address.removeprefix(stage.base)
    city.locator(f"tbody a[href='{mine}']").click()
    city.locator("main").get_by_text(WRONG).first.wait_for()
    stage.shot(city, "7-asked")
    assert city.locator("a[download]").count() == 0, "a file before it is sealed"
    give_back(city, "建设地址有误，请核对")
    assert "已办理" in text(city.get_by_role("status")) and city.locator(f"tbody a[href='{mine}']").count() == 0
    stage.shot(city, "7-returned")

    county.goto(address)
    assert "市住房城乡建设局退回：建设地址有误" in text(county.locator("main .note-unclear").first)
    stage.shot(county, "7-came-back")
    county.get_by_role("link", name="修改内容").click()
    assert county.locator("#field-site").input_value() == WRONG, "the content is lost"
    county.locator("#field-site").fill(RIGHT)
    county.locator("main form[data-preview] button[type=submit]").click()
    county.wait_for_url("**done=correct")
    changed = text(county.locator("section[aria-labelledby=changes]"))
    assert WRONG in changed and RIGHT in changed, changed
    stage.shot(county, "7-corrected")
    act(county, "send")
    act(county, "consent")
    city.goto(address)
    assert RIGHT in text(city.locator("main")) and WRONG not in text(city.locator("main"))
    act(city, "consent")
    environment = visit(stage, "department-environment", address, PHONE)
    stage.shot(environment, "7-asked-phone")
    act(environment, "consent")
    planning = visit(stage, "department-resources", address)
    assert planning.locator("form[action$='/consent']").count() == 0, "its answer is not needed any more"

    province.goto(LIST)
    province.locator(f"tbody a[href='{mine}']").click()
    stage.shot(province, "7-last")
    act(province, "consent")
    assert "已签发" in state(province) or "完成" in state(province), state(province)
    downloads(province)
    stage.shot(province, "7-finished")
    planning.goto(address)
    assert planning.locator("a[download]").count() == 0, "its seal is not on it"
    assert planning.request.get(f"{address}/file?format=pdf").status == 403
    province.get_by_role("link", name="审计单").click()
    assert province.locator("details .tag-good").count() == 5, "two versions: the first of one, the second of four"
    history = text(province.locator("ol.history"))
    assert "建设地址有误" in history and "市级会签部门" in history and "云泽省" in history, history
    stage.shot(province, "7-audit")

    # The district amends it: again by an envelope, which says what it replaces.
    county.goto(address)
    county.get_by_role("link", name="查看证照").click()
    county.locator("main").get_by_text(RIGHT).first.wait_for()
    stage.shot(county, "7-license")
    county.get_by_role("link", name="变更").click()
    county.get_by_label("原因").fill("工期调整")
    county.locator("#field-days").fill("600")
    stage.shot(county, "7-amend")
    county.locator("main form[data-preview] button[type=submit]").click()
    county.wait_for_url("**/department/envelopes/**done=open")
    assert "工期调整" in text(county.locator("main"))
    stage.shot(county, "7-amending")
    for page in (county, city, environment, planning, province):
        page.context.close()
