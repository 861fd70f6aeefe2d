"""Wrong codes of every kind are refused, and nothing fails: the trial of benchmarks/trials with small numbers."""

import httpx
import pytest
from benchmarks.trials import codes as trial

from tests.checkin.hall import Hall, open_hall


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


async def test_no_wrong_code_is_admitted(client: httpx.AsyncClient, hall: Hall) -> None:
    genuine = [await hall.badge() for _ in range(4)]
    answers, wrong, good = await trial.through_service(genuine, 400, hall.device)
    assert wrong == []
    assert good > 0, "the gate was open"
    assert set(answers) <= {"malformed", "forged", "keyboard", "wrong_event", "unknown"}
    statuses, wrong = await trial.through_http(client, hall.token, genuine, 200)
    assert wrong == []
    assert set(statuses) <= {200, 400, 404, 422}
    assert statuses[200] > 0
