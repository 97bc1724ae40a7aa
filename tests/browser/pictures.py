"""The pictures of the README: what stands on a screen, not the whole page."""
from counter import draw_code, scan, verdict
from stage import COUNTER, PHONE

def take(stage, folder):
    """Leaves issue.png, wallet.png, desk.png and verify.png."""
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page, name):
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=folder / f"{name}.png", animations="disabled", scale="css")

    page = stage.page("department-market", COUNTER)
    page.goto("/department/issue/business-license")
    page.get_by_role("link", name="填入示例").click()
    page.locator("[data-preview-target] svg").wait_for()
    keep(page, "issue")
    page.context.close()

    phone = stage.page("holder", PHONE)
    digits = draw_code(stage, phone)
    keep(phone, "wallet")
    phone.context.close()

    page = stage.page("clerk", COUNTER)
    page.goto("/desk")
    page.get_by_label("办理事项").fill("食品经营许可证办理")
    scan(page, digits)
    verdict(page, "valid")
    keep(page, "desk")
    page.context.close()

    page = stage.page(device=COUNTER)
    page.goto("/verify")
    page.locator("#file").set_input_files({"name": "license.pdf", "mimeType": "application/pdf", "buffer": stage.holders_file()})
    page.locator("section[data-verdict=passed]").wait_for()
    keep(page, "verify")
    page.context.close()
