"""The page of sendsms.asmx in a browser: what it lists, shows and sends."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser import open_page
from tests.processes import ProcessSystem, running_processes

ARGUMENTS = {
    "konto": "ip1-12345",
    "passwd": "demo-key",
    "till": "46712345678",
    "from": "iP1",
    "meddelande": "Räksmörgås <3 & 10 € \N{PARTY POPPER}",
    "prio": "1",
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessSystem]:
    with running_processes(tmp_path_factory.mktemp("system"), more="[soap]\nhttp_bindings = true\n") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with open_page() as page:
        yield page


@pytest.fixture
def page(browser: Page, system: ProcessSystem) -> Page:
    browser.goto(f"{system.url}/sendsms/sendsms.asmx")
    return browser


def test_the_page_lists_the_operations_and_says_what_is_original(page: Page) -> None:
    expect(page).to_have_title("sendSms Web Service")
    assert page.get_by_role("listitem").get_by_role("link").all_text_contents()[:2] == ["sms", "balans"]
    expect(page.get_by_text("Still original:")).to_be_visible()
    expect(page.get_by_role("link", name="Service Description")).to_have_attribute("href", "sendsms.asmx?WSDL")


def test_each_operation_has_a_page_that_leads_back(page: Page) -> None:
    for name in page.get_by_role("listitem").get_by_role("link").all_text_contents():
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        page.get_by_role("link", name="here").click()
        expect(page.get_by_text("The following operations are supported.")).to_be_visible()


@pytest.mark.parametrize("version", ["SOAP 1.1", "SOAP 1.2"])
def test_a_sample_works_once_its_placeholders_are_filled_in(
    version: str, page: Page, system: ProcessSystem
) -> None:
    page.goto(f"{page.url}?op=sms")
    sample = page.locator(f"h3:has-text('{version}') ~ pre").first.inner_text()
    before = len(system.received())
    answer = post_sample(system.url, sample)
    assert re.search(r"<smsResult>\d{4,}</smsResult>", answer)
    assert [batch["body"] for batch in system.received()][before:] == [ARGUMENTS["meddelande"]]


def post_sample(url: str, sample: str) -> str:
    head, _, envelope = sample.partition("\n\n")
    request_line, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers.pop("Content-Length") == "length"
    assert headers.pop("Host") == url.removeprefix("http://")
    for name, value in ARGUMENTS.items():
        escaped = value.replace("&", "&amp;").replace("<", "&lt;")
        envelope = envelope.replace(f"<{name}>string</{name}>", f"<{name}>{escaped}</{name}>")
    method, path, _ = request_line.split()
    with urlopen(Request(url + path, envelope.encode(), headers, method=method)) as answer:
        return str(answer.read().decode())


def test_the_form_sends_and_shows_the_id(page: Page, system: ProcessSystem) -> None:
    page.goto(f"{page.url}?op=sms")
    for name, value in ARGUMENTS.items():
        page.get_by_label(f"{name}:").fill(value)
    before = len(system.received())
    with page.expect_response("**/sendsms.asmx/sms") as shown:
        page.get_by_role("button", name="Invoke").click()
    assert shown.value.headers["content-type"] == "text/xml; charset=utf-8"
    assert re.fullmatch(r'<\?xml [^>]+>\r\n<string xmlns="[^"]+">\d{4,}</string>', shown.value.text())
    expect(page.locator("body")).to_contain_text("<string")
    assert [batch["body"] for batch in system.received()][before:] == [ARGUMENTS["meddelande"]]


def test_no_page_is_wider_than_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    for address in (page.url, f"{page.url}?op=sms"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.set_viewport_size({"width": 1000, "height": 900})


def test_there_is_no_form_unless_the_bindings_are_switched_on(page: Page, tmp_path: Path) -> None:
    with running_processes(tmp_path) as closed:
        page.goto(f"{closed.url}/sendsms/sendsms.asmx?op=sms")
        expect(
            page.get_by_text("The test form is only available for requests from the local machine.")
        ).to_be_visible()
        assert page.get_by_role("textbox").count() == 0
        shown = page.goto(f"{closed.url}/sendsms/sendsms.asmx/sms?konto=ip1-12345&passwd=demo-key")
        assert shown is not None
        assert shown.status == 500
        assert closed.received() == []
