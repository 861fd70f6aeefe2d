"""An edition as its form sends it."""

FORM = {
    "slug": "hnzcyz-2027",
    "kind": "conference",
    "title_zh": "招才引智大会",
    "title_en": "Talent conference",
    "unit": "410000",
    "starts_at": "2027-10-23T09:00",
    "ends_at": "2027-10-24T17:00",
    "timezone": "Asia/Shanghai",
}
