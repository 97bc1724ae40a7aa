"""A registry, its seal administrators, and a company's manager."""
from stage import COUNTER, PHONE, text


def company(stage):
    """6 a rule is proposed and approved, the registry hands control over, the manager lets an employee in"""
    first = stage.page("seal-admin-2", COUNTER)
    first.goto("/seals")
    first.get_by_role("link", name="常设批准规则").click()
    first.wait_for_url("**/seals/rules")
    before = first.locator("main section.card").count()
    stage.shot(first, "6-rules")
    first.locator("#field-days").fill("9000")
    first.get_by_label("原因").last.fill("浏览器测试")
    first.get_by_role("button", name="提出规则").click()
    first.locator("#field-days-fault").wait_for()
    stage.shot(first, "6-rule-fault")
    first.locator("#field-days").fill("365")
    first.get_by_role("button", name="提出规则").click()
    first.wait_for_url("**done=proposed")
    assert first.locator("main section.card").count() == before + 1
    assert first.locator("form[action$='/approve']").count() == 0, "one's own proposal can be approved"
    second = stage.page("seal-admin-3", COUNTER)
    second.goto("/seals/rules")
    second.locator("form[action$='/approve'] button").first.click()
    second.wait_for_url("**done=approve")
    assert second.locator("form[action$='/approve']").count() == 0
    stage.shot(second, "6-rule-approved")

    registry = stage.page("department-market", COUNTER)
    registry.goto("/department")
    registry.get_by_role("link", name="企业登记").click()
    stage.shot(registry, "6-businesses")
    registry.get_by_role("link", name="景川市青禾食品有限公司").click()
    assert "存续" in text(registry.locator("main .row-apart .tag").first)
    assert registry.locator("section[aria-labelledby=seals] li").count() == 5
    stage.shot(registry, "6-business")
    registry.get_by_label("称呼").fill("赵经理")
    registry.get_by_role("button", name="移交印章管理权").click()
    token = text(registry.locator(".token"))
    assert token.startswith("yz_"), token
    stage.shot(registry, "6-token")
    # Whoever had control before has it no more.
    status, _ = stage.call("company-manager", "GET", "/v1/space")
    assert status == 401, status
    stage.tokens["company-manager"] = token

    manager = stage.page("company-manager", COUNTER)
    manager.goto("/space")
    assert "景川市青禾食品有限公司" in text(manager.locator("h1"))
    pictures = manager.locator(".seal-item img")
    assert pictures.count() == 5
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)"), "no picture"
    stage.shot(manager, "6-space")
    manager.locator("summary", has_text="添加用印人").click()
    manager.locator("#field-days").fill("0")
    manager.locator("form[action='/space/people'] button").click()
    manager.locator("#field-label-fault, #field-days-fault").first.wait_for()
    stage.shot(manager, "6-let-in-fault")
    manager.locator("#field-label").fill("小周 合同岗")
    manager.locator("#field-days").fill("90")
    manager.locator("form[action='/space/people'] button").click()
    assert text(manager.locator(".token")).startswith("yz_")
    manager.get_by_role("link", name="已保存").click()
    person = manager.locator("section[aria-labelledby=people] li", has_text="小周 合同岗")
    person.get_by_role("button").click()
    manager.wait_for_url("**done=let-go")
    assert manager.locator("section[aria-labelledby=people] li", has_text="小周 合同岗").count() == 0

    manager.get_by_role("link", name="授权用印").click()
    manager.locator("#field-seal").select_option(index=1)
    manager.get_by_role("button", name="授权用印").click()
    manager.locator("#field-credential-fault").wait_for()
    stage.shot(manager, "6-grant-fault")
    manager.locator("#field-credential").select_option(label="青禾食品 小李")
    manager.locator("#field-most").fill("3")
    manager.locator("#field-reason").fill("日常合同")
    manager.get_by_role("button", name="授权用印").click()
    manager.wait_for_url("**done=granted")
    assert "0 / 3" in text(manager.locator("section[aria-labelledby=grants]"))
    stage.shot(manager, "6-granted")
    granted = stage.page("company-sealer", PHONE)
    granted.goto("/space")
    assert "0 / 3" in text(granted.locator("section[aria-labelledby=grants]"))
    granted.context.close()
    grant = manager.locator("section[aria-labelledby=grants]")
    grant.locator("summary", has_text="撤回授权").click()
    grant.get_by_label("原因").fill("岗位调整")
    grant.get_by_role("button", name="撤回授权").click()
    manager.wait_for_url("**done=withdrawn")

    employee = stage.page("company-sealer", PHONE)
    employee.goto("/space")
    assert employee.locator("section[aria-labelledby=people]").count() == 0, "an employee manages people"
    stage.shot(employee, "6-space-employee")
    holder = stage.page("holder", PHONE)
    holder.goto("/space")
    stage.shot(holder, "6-space-person")
    for page in (first, second, registry, manager, employee, holder):
        page.context.close()
