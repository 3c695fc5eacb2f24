"""Pages that are made from the code are the ones that the code makes now."""

import pytest

from tests.generate_docs import RENDER_BY_PAGE, REPOSITORY


@pytest.mark.parametrize("page", RENDER_BY_PAGE)
def test_a_generated_page_is_not_stale(page: str) -> None:
    assert (REPOSITORY / page).read_text(encoding="utf-8") == RENDER_BY_PAGE[page](), "run: make docs"
