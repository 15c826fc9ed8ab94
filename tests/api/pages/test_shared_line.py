"""Pages of doctors who share a line."""

from tests.api.browser import signed_in
from tests.api.client import ApiClient
from tests.filled_day import share_raos_line


async def test_the_desk_names_who_shares_a_line_and_follows_them(filled: ApiClient) -> None:
    await share_raos_line(filled)
    desk = await signed_in(filled)
    page = (await desk.get("/desk/rao")).text
    assert "One line with Ravi Sen" in page
    assert 'data-doctors="rao sen"' in page  # whose changes move the line
    page = (await desk.get("/desk")).text
    assert page.count("One line with Ravi Sen") == page.count("One line with Asha Rao") == 1
    assert "One line with" not in (await desk.get("/desk/iyer")).text


async def test_a_board_follows_who_shares_its_doctors_line(filled: ApiClient) -> None:
    await share_raos_line(filled)
    desk = await signed_in(filled)
    assert 'data-doctors="sen rao ' in (await desk.get("/board?doctor=sen")).text
