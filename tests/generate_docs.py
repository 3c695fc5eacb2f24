"""Writes again every page that is made from the code: `make docs`. Tests fail where a page is stale."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from adapters import metric_names
from gateway.config import render_example, render_reference
from tests.bench import growth_page
from tests.bench.page import render_page
from tests.bench.plot import render_plot
from tests.status_page import render_status_codes

REPOSITORY = Path(__file__).parents[1]

RENDER_BY_PAGE: Mapping[str, Callable[[], str]] = {
    "docker/smsgw.example.toml": render_example,
    "docs/configuration.md": render_reference,
    "docs/growth.md": growth_page.render_growth,
    "docs/growth-accounts.svg": partial(growth_page.render_plot, "accounts"),
    "docs/growth-messages-stored.svg": partial(growth_page.render_plot, "messages stored"),
    "docs/growth-open-intents.svg": partial(growth_page.render_plot, "open intents"),
    "docs/growth-requests.svg": growth_page.render_requests_plot,
    "docs/metrics.md": metric_names.render_reference,
    "docs/performance.md": render_page,
    "docs/performance.svg": render_plot,
    "docs/status-codes.md": render_status_codes,
}


def write_page(page: str) -> None:
    (REPOSITORY / page).write_text(RENDER_BY_PAGE[page](), encoding="utf-8")


if __name__ == "__main__":
    for page in RENDER_BY_PAGE:
        write_page(page)
