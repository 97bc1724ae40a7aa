"""The operators: webhooks with a receiver that fails, and another region's trust list."""
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import pathlib
import tempfile
import threading

from stage import COUNTER, text
from tools import run


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes messages, or refuses them while it is told to."""
    heard, failing = [], False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append((dict(self.headers.items()), body))
        self.send_response(500 if type(self).failing else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


def verifies(secret, headers, body):
    """As docs/webhooks.md has it for receivers."""
    headers = {name.lower(): value for name, value in headers.items()}
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return right in headers["webhook-signature"].split()


def said(page, row, words, seconds=60):
    """Looks again until the row says so."""
    for _ in range(seconds * 2):
        page.reload()
        if words in text(page.locator("tbody tr").nth(row)):
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{words} not in: {text(page.locator('tbody tr').nth(row))}")


def act(page, name, done):
    details = page.locator(f"details:has(form[action$='/{name}'])").first
    details.locator("summary").click()
    details.locator("button[type=submit]").click()
    page.wait_for_url(f"**done={done}")


def register(stage, page, base, address, topics):
    page.goto(base)
    page.get_by_role("link", name="登记").first.click()
    page.locator("#field-url").fill("http://hooks.example.gov.cn/")
    page.locator("main button[type=submit]").click()
    page.locator("#field-url-fault").wait_for()
    page.locator("#field-url").fill(address)
    page.locator("#field-topics").fill(topics)
    page.locator("#field-description").fill("浏览器测试")
    page.locator("main button[type=submit]").click()
    secret = page.get_by_text("whsec_").inner_text()
    stage.shot(page, f"7-secret-{base.split('/')[1]}")
    page.locator("main a.button").click()
    assert "whsec_" not in page.content(), "the secret is shown twice"
    return secret


def webhooks(stage):
    """7 an operator registers an address whose receiver fails, sees it, and has it told again; a department its own"""
    Receiver.heard, Receiver.failing = [], True
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/hook"
    page = stage.page("operator", COUNTER)
    secret = register(stage, page, "/operator/webhooks", address, "show.withdrawn")
    here = page.url.split("?")[0]
    act(page, "test", "sent")
    said(page, 0, "500")
    assert "待发" in text(page.locator("tbody tr").first), text(page.locator("tbody tr").first)
    stage.shot(page, "7-webhook-failing")
    Receiver.failing = False
    said(page, 0, "已送达")
    assert len(Receiver.heard) >= 2 and all(verifies(secret, *one) for one in Receiver.heard)
    assert not verifies(secret, Receiver.heard[0][0], b"{}"), "the twin"
    identity = Receiver.heard[0][0]["webhook-id"]
    assert all(headers["webhook-id"] == identity for headers, _ in Receiver.heard), "another message"

    before = len(Receiver.heard)
    page.locator("tbody tr").first.locator("button").click()
    page.wait_for_url("**done=sent")
    said(page, 0, "已送达")
    assert page.locator("tbody tr").count() == 2 and len(Receiver.heard) == before + 1
    headers, body = Receiver.heard[-1]
    assert headers["webhook-id"] == identity and body == Receiver.heard[0][1], "told again, and otherwise"
    stage.shot(page, "7-webhook-told-again")
    act(page, "disable", "done")
    stage.shot(page, "7-webhook-off")
    page.context.close()

    # A department has a page of its own, and does not see the operators' addresses.
    page = stage.page("department-market", COUNTER)
    page.goto("/department")
    page.get_by_role("link", name="网络回调").click()
    assert address not in page.content()
    answer = page.goto(here.replace("/operator/", "/department/"))
    assert answer.status == 404, answer.status
    register(stage, page, "/department/webhooks", address, "license.*")
    act(page, "test", "sent")
    said(page, 0, "已送达")
    stage.shot(page, "7-department-webhook")
    act(page, "remove", "done")
    assert address not in page.content()
    page.context.close()
    server.shutdown()


def moment(days=0):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days, minutes=-1)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Region:
    """Another region: a root of its own, and somebody who signs its trust list, made and signed by OpenSSL."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.make("root", "Yunshan Root", "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
        self.make("list", "Yunshan List", "basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature",
                  "extendedKeyUsage=0.4.0.2231.3.0")

    def path(self, name):
        return self.folder / name

    def make(self, name, subject, *extensions):
        more = [word for extension in extensions for word in ("-addext", extension)]
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", f"/CN={subject}", "-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.pem"), *more)

    def signed(self, sequence, **changes):
        root = run("openssl", "x509", "-in", self.path("root.pem"), "-outform", "DER")
        entry = {"service": "root-ca", "name": {"zh": "云山市根证书机构", "en": "Yunshan Root"},
                 "x509": base64.b64encode(root).decode(), "valid_from": "2026-01-01T00:00:00Z", "status": "granted", **changes}
        document = {"format": "yinzheng/trust-list/1", "territory": {"code": "980100", "name": {"zh": "云山市", "en": "Yunshan"}},
                    "operator": {"zh": "云山市政务服务局", "en": "Yunshan Services"}, "sequence": sequence,
                    "issued": moment(), "next_update": moment(14), "entries": [entry]}
        self.path("json").write_text(json.dumps(document, ensure_ascii=False))
        out = self.path(f"list-{sequence}.p7m")
        run("openssl", "cms", "-sign", "-binary", "-nodetach", "-in", self.path("json"), "-signer", self.path("list.pem"),
            "-inkey", self.path("list.key"), "-md", "sha256", "-outform", "DER", "-out", out)
        return out


def bring(page, path):
    page.locator("input[type=file]").set_input_files(path)
    page.locator("form[action$='/preview'] button").click()


def trust_lists(stage):
    """7 one operator names who signs another region's list, a second one confirms, and a version is looked at and taken"""
    place = "980100"
    region = Region(tempfile.mkdtemp())
    if "operator-2" not in stage.tokens:
        request = {"label": "第二位运维员", "role": "operator", "days": 30}
        stage.tokens["operator-2"] = json.loads(stage.call("operator", "POST", "/v1/credentials", request)[1])["token"]
    first = stage.page("operator", COUNTER)
    first.goto("/operator/webhooks")
    first.get_by_role("link", name="其他地区的信任列表").click()
    stage.shot(first, "7-trust-lists-none")
    first.get_by_role("link", name="登记签名者").click()
    first.locator("#field-territory").fill("98")
    first.locator("#field-signer").set_input_files(region.path("root.pem"))
    first.locator("main button[type=submit]").click()
    for name in ("territory", "name_zh", "signer"):
        assert first.locator(f"#field-{name}-fault").count() == 1, f"no fault at {name}"
    stage.shot(first, "7-trust-list-signer-fault")
    first.locator("#field-territory").fill(place)
    first.locator("#field-name_zh").fill("云山市")
    first.locator("#field-name_en").fill("Yunshan")
    first.locator("#field-signer").set_input_files(region.path("list.pem"))
    first.locator("main button[type=submit]").click()
    first.wait_for_url("**done=named")
    assert first.locator("form[action$='/confirm']").count() == 0, "one person is offered to do both"
    assert first.locator("form[action$='/preview']").count() == 0, "a list can be brought too early"
    stage.shot(first, "7-trust-list-waiting")

    second = stage.page("operator-2", COUNTER)
    second.goto("/operator/trust-lists")
    act(second, "confirm", "confirmed")
    # Looked at, and not taken yet.
    bring(second, region.signed(1))
    second.locator("h2#changes").wait_for()
    assert "新增" in text(second.locator("tbody tr").first) and "云山市根证书机构" in text(second.locator("tbody tr").first)
    stage.shot(second, "7-trust-list-preview")
    page = stage.page(device=COUNTER)
    page.goto("/trust")
    assert "云山市" not in text(page.locator("main")), "taken before anybody said so"
    second.locator("form[action$='/take'] button").click()
    second.wait_for_url("**done=taken")
    stage.shot(second, "7-trust-list-taken")
    page.reload()
    assert "云山市根证书机构" in text(page.locator("main"))

    # The next one withdraws; an older one and one that is no list are refused where they were brought.
    bring(second, region.signed(2, status="withdrawn", since="2026-06-01T00:00:00Z"))
    second.locator("h2#changes").wait_for()
    assert "撤回" in text(second.locator("tbody tr").first), text(second.locator("tbody tr").first)
    stage.shot(second, "7-trust-list-withdraws")
    second.locator("form[action$='/take'] button").click()
    second.wait_for_url("**done=taken")
    for wrong, words in [(region.path("list-1.p7m"), "版"), (region.path("root.pem"), "签名")]:
        bring(second, wrong)
        second.locator(".summary").wait_for()
        assert words in text(second.locator(".summary")), text(second.locator(".summary"))
    stage.shot(second, "7-trust-list-refused")
    second.goto("/operator/trust-lists")
    act(second, "end", "ended")
    page.reload()
    assert "云山市" not in text(page.locator("main")), "relied on after its signer was ended"
    for one in (first, second, page):
        one.context.close()
