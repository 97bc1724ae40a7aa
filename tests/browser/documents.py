"""Documents that people bring to be sealed."""
import json
import pathlib
import urllib.request

from stage import COUNTER, PHONE, text
from tools import credit_code

CONTRACT = pathlib.Path(__file__).parent.parent / "data" / "pdf" / "chromium.pdf"


def fill(page, words, reason="签订采购合同", file=CONTRACT):
    page.locator("#field-file").set_input_files(file)
    page.locator("#how-words").check()
    page.locator("#field-words").fill(words)
    page.locator("#field-reason").fill(reason)


def send(page):
    page.locator("main form[data-document] button[type=submit]").click()


def saved(page, stage, name):
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename.endswith(".pdf"), download.value.suggested_filename
    file = stage.out / name
    download.value.save_as(file)
    return file


def verified(stage, page, file):
    """What the public page says of a file."""
    page.goto("/verify")
    # Choosing it sends it.
    page.locator("#file").set_input_files(file)
    page.locator("[data-verdict]").wait_for()
    return page.locator("[data-verdict]").get_attribute("data-verdict")


def documents(stage):
    """7 a department seals a contract on words and at a point, with slips corrected"""
    page = stage.page("department-market", COUNTER)
    page.goto("/seal-documents")
    stage.shot(page, "7-documents-none")
    page.locator("main").get_by_role("link", name="给文件用印").click()
    assert page.locator("[data-how=point]").is_hidden() and page.locator("[data-how=words]").is_visible()
    stage.shot(page, "7-new")
    page.locator(".seal-choice input").first.check()

    # Nothing given: each fault at its field, and what was chosen stays.
    send(page)
    page.locator(".summary").wait_for()
    assert page.locator("#field-words-fault").count() == 1 and "选择一个文件" in text(page.locator(".summary"))
    assert page.locator(".seal-choice input").first.is_checked(), "the choice is lost"
    stage.shot(page, "7-new-faults")
    # Words that stand in several places: how many, and where.
    fill(page, "盖章")
    send(page)
    page.locator("#field-words-fault").wait_for()
    assert "2 处" in text(page.locator("#field-words-fault")), text(page.locator("#field-words-fault"))
    assert page.locator("#field-words").input_value() == "盖章", "the input is lost"
    stage.shot(page, "7-words-often")
    fill(page, "甲方（盖章）")
    page.locator("#straddling").check()
    send(page)
    page.wait_for_url("**done=sealed")
    assert "chromium.pdf" in text(page.locator("h1")) and "已用印" in text(page.locator("main .tag").first)
    picture = page.locator(".seal-picture img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0"), "the seal has no picture"
    stage.shot(page, "7-sealed")
    file = saved(page, stage, "7-contract.pdf")
    assert file.read_bytes().startswith(CONTRACT.read_bytes()), "a byte of the contract changed"
    assert verified(stage, page, file) == "passed"
    stage.shot(page, "7-report")

    # At a point, pointed at on the sheet.
    page.goto("/seal-documents/new")
    page.locator(".seal-choice input").first.check()
    page.locator("#field-file").set_input_files(CONTRACT)
    page.locator("#field-reason").fill("签订采购合同")
    page.locator("#how-point").check()
    assert page.locator("[data-how=words]").is_hidden()
    sheet = page.locator("[data-sheet]")
    box = sheet.bounding_box()
    sheet.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    assert abs(float(page.locator("#field-x").input_value()) - 105) < 1.5, page.locator("#field-x").input_value()
    assert abs(float(page.locator("#field-y").input_value()) - 148.5) < 1.5
    stage.shot(page, "7-point")
    page.locator("#field-x").fill("5")
    send(page)
    page.locator("#field-x-fault").wait_for()
    assert "边缘" in text(page.locator("#field-x-fault"))
    page.locator("#field-x").fill("105")
    page.locator("#field-file").set_input_files(CONTRACT)
    send(page)
    page.wait_for_url("**done=sealed")
    assert "距左 105.00 毫米" in text(page.locator("main"))
    page.goto("/seal-documents")
    assert page.locator("tbody tr").count() >= 2
    stage.shot(page, "7-documents")
    page.context.close()

    # A form made by hand, without the session's secret.
    forger = stage.page("department-market", COUNTER)
    forger.goto("/seal-documents/new")
    seal = forger.locator(".seal-choice input").first.get_attribute("value")
    body = {"seal": seal, "how": "words", "words": "甲方（盖章）", "reason": "伪造", "key": "k",
            "file": {"name": "a.pdf", "mimeType": "application/pdf", "buffer": CONTRACT.read_bytes()}}
    refused = forger.request.post("/seal-documents", multipart=body)
    assert refused.status == 403, refused.status
    forger.context.close()


def under_grant(stage):
    """8 a clerk seals a document under a grant, on a phone, until it is used up"""
    _, answer = stage.call("operator", "GET", "/v1/credentials?limit=200")
    # A kiosk is a clerk's, too.
    windows = [known for known in json.loads(answer)["items"] if known["role"] == "clerk" and "窗口" in known["label"]]
    clerk = windows[0]["id"]
    administrator = stage.page("seal-admin-1", COUNTER)
    administrator.goto("/seals")
    administrator.locator("li.seal-item a", has_text="景川市市场监督管理局").first.click()
    seal = administrator.url.split("/")[-1].split("?")[0]
    administrator.goto(f"/seals/{seal}/grants/new")
    administrator.locator("#grant-documents").check()
    administrator.locator("#field-credential").fill(clerk)
    administrator.locator("#field-until").fill("2027-11-01")
    administrator.locator("#field-most").fill("1")
    administrator.locator("#field-reason").fill("委托窗口用印")
    stage.shot(administrator, "8-grant-new")
    administrator.locator("main form button[type=submit]").click()
    administrator.wait_for_url("**done=granted")
    grant = administrator.url.split("?")[0]

    page = stage.page("clerk", PHONE)
    page.goto("/seal-documents/new")
    assert "还可用 1 次" in text(page.locator(".seal-choice").last)
    page.locator(".seal-choice input").last.check()
    stage.shot(page, "8-new-phone")
    fill(page, "乙方（盖章）", "受托用印")
    send(page)
    page.wait_for_url("**done=sealed")
    stage.shot(page, "8-sealed-phone")
    page.goto("/seal-documents/new")
    assert page.locator(f"input[value*='{grant.split('/')[-1]}']").count() == 0, "an exhausted grant is offered"
    administrator.goto(grant)
    assert "自带文件" in text(administrator.locator("section[aria-labelledby=uses]"))
    stage.shot(administrator, "8-grant-used")
    page.context.close()
    administrator.context.close()


def once(stage, who, path, body):
    """Calls the API as one of the people, under a key."""
    headers = {"Authorization": f"Bearer {stage.tokens[who]}", "Content-Type": "application/json", "Idempotency-Key": "documents-9"}
    request = urllib.request.Request(stage.base + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def company(stage):
    """A company with its seals: its credit code, and tokens of its manager and of an employee."""
    license = stage.holders_license()
    rule = {"registry": license["issuer"], "purposes": ["legal-name", "contract"], "days": 365, "until": "2027-06-01",
            "reason": "企业开办一件事"}
    _, proposed = stage.call("seal-admin-1", "POST", "/v1/standing-rules", rule)
    status, answer = stage.call("seal-admin-2", "POST", f"/v1/standing-rules/{json.loads(proposed)['id']}/approve")
    assert status == 200, answer
    code = credit_code("91990102MA7K3QH28")
    _, whole = stage.call("department-market", "GET", f"/v1/licenses/{license['id']}")
    data = json.loads(whole)["data"] | {"name": "景川市山雨包装有限公司", "credit_code": code}
    data = {name: value for name, value in data.items() if value not in (None, "")}
    order = {"kind": "business-license", "seal": license["seal"], "data": data, "seals": ["legal-name", "contract"]}
    made = once(stage, "department-market", "/v1/businesses", order)
    assert made["code"] == code, made
    for name, role in (("manager", "company-manager"), ("employee", "sealer")):
        status, answer = stage.call("operator", "POST", "/v1/credentials",
                                    {"label": name, "role": role, "business": code, "days": 30})
        assert status == 201, answer
        given = json.loads(answer)
        stage.tokens[name] = given["token"]
        stage.tokens[f"{name}-id"] = given["credential"]["id"]
    return code


def of_company(stage):
    """9 a company's manager seals a contract, an employee under a grant; who verifies sees the company"""
    company(stage)
    page = stage.page("manager", COUNTER)
    page.goto("/seal-documents/new")
    choice = page.locator(".seal-choice", has_text="合同专用章")
    assert page.locator(".seal-choice").count() == 2, page.locator(".seal-choice").count()
    choice.locator("input").check()
    stage.shot(page, "9-new")
    fill(page, "甲方（盖章）")
    page.locator("#straddling").check()
    send(page)
    page.wait_for_url("**done=sealed")
    stage.shot(page, "9-sealed")
    file = saved(page, stage, "9-contract.pdf")
    seal = page.locator("section[aria-labelledby=evidence] dd").first.inner_text()
    assert verified(stage, page, file) == "passed"
    told = text(page.locator(".findings"))
    assert "景川市山雨包装有限公司" in told and "登记在册" in told and "营业执照现行有效" in told, told
    stage.shot(page, "9-report")
    page.context.close()

    employee = stage.page("employee", COUNTER)
    employee.goto("/seal-documents/new")
    stage.shot(employee, "9-employee-none")
    assert employee.locator(".seal-choice").count() == 0
    grant = {"seal": seal, "credential": stage.tokens["employee-id"], "documents": True, "until": "2027-06-01", "most": 1,
             "reason": "授权采购部用印"}
    status, answer = stage.call("manager", "POST", "/v1/seal-grants", grant)
    assert status == 201, answer
    employee.reload()
    employee.locator(".seal-choice input").check()
    fill(employee, "乙方（盖章）")
    send(employee)
    employee.wait_for_url("**done=sealed")
    stage.shot(employee, "9-employee-sealed")
    employee.context.close()
