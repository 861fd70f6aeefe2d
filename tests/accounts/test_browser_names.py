"""How browsers are called on the account's page."""

import httpx
import pytest

from fairs.accounts import services
from fairs.accounts.browser_names import MOST, browser_name, names
from fairs.core.i18n import language
from tests.cast import make_actor, sign_in

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS, PHONE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (Linux; Android 14; 23013RK75C; wv)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"

SEEN = [
    (f"{WINDOWS} {WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows", "Windows上的Chrome"),
    (f"{WINDOWS} {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows", "Windows上的Edge"),
    (f"{WINDOWS} {WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0", "Opera on Windows", "Windows上的Opera"),
    ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer on Windows", "Windows上的IE浏览器"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android", "安卓上的Chrome"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android", "安卓上的三星浏览器"),
    ("Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0", "Firefox on Android", "安卓上的Firefox"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux", "Linux上的Firefox"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome on ChromeOS", "ChromeOS上的Chrome"),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {IOS} Version/18.5 Safari/605.1.15", "Safari on macOS", "macOS上的Safari"),
    (f"{IPHONE} {IOS} Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone", "iPhone上的Safari"),
    (f"{IPHONE} {IOS} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1", "Chrome on iPhone", "iPhone上的Chrome"),
    (f"{IPHONE} {IOS} FxiOS/143.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone", "iPhone上的Firefox"),
    (f"{IPHONE} {IOS} Mobile/15E148 MicroMessenger/8.0.50(0x1800323d) NetType/WIFI Language/zh_CN", "WeChat on iPhone", "iPhone上的微信"),
    (f"Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) {IOS} Version/16.6 Mobile/15E148 Safari/604.1", "Safari on iPad", "iPad上的Safari"),
    (f"{PHONE} {WEBKIT} Version/4.0 Chrome/126.0.6478.188 Mobile Safari/537.36 XWEB/1260 MMWEBSDK/20240501 MicroMessenger/8.0.50.2701 WeChat/arm64 Weixin", "WeChat on Android", "安卓上的微信"),
    (f"{WINDOWS} {WEBKIT} Chrome/122.0.0.0 Safari/537.36 wxwork/4.1.36 MicroMessenger/7.0.1", "WeCom on Windows", "Windows上的企业微信"),
    (f"{PHONE} {WEBKIT} Version/4.0 Chrome/89.0 MQQBrowser/6.2 TBS/046033 Mobile Safari/537.36 V1_AND_SQ_8.9.68 QQ/8.9.68.11565", "QQ on Android", "安卓上的QQ"),
    (f"Mozilla/5.0 (Linux; U; Android 13; zh-cn) {WEBKIT} Version/4.0 Chrome/109.0 MQQBrowser/14.6 Mobile Safari/537.36", "QQ Browser on Android", "安卓上的QQ浏览器"),
    (f"Mozilla/5.0 (Linux; U; Android 13; zh-CN) {WEBKIT} Version/4.0 Chrome/100.0 UCBrowser/16.4.6 Mobile Safari/537.36", "UC Browser on Android", "安卓上的UC浏览器"),
    (f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {WEBKIT} Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.1.4", "Huawei Browser on HarmonyOS", "鸿蒙上的华为浏览器"),
    ("Mozilla/5.0 (Linux; U; Android 2.3.5; de-de) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1", "Android Browser on Android", "安卓上的安卓自带浏览器"),
    ("Firefox/143.0", "Firefox", "Firefox"),
    ("", "Unknown browser", "未知浏览器"),
    ("curl/8.14.1", "curl/8.14.1", "curl/8.14.1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "english", "chinese"), SEEN, ids=[row[1] for row in SEEN])
def test_a_browser_is_called_by_its_name(text: str, english: str, chinese: str) -> None:
    with language("en"):
        assert browser_name(text) == english
    with language("zh"):
        assert browser_name(text) == chinese


def test_what_names_nothing_known_is_shortened() -> None:
    text = "An agent of ours/1.0  (a machine that nobody knows; " + "x" * 200
    with language("en"):
        assert browser_name(text) == "An agent of ours/1.0 (a machine that no…"
        assert len(browser_name("y" * 300)) == MOST
        assert browser_name("y" * MOST) == "y" * MOST


def test_each_row_of_the_table_names_another() -> None:
    for rows in names().values():
        assert len({row.en for row in rows}) == len({row.zh for row in rows}) == len(rows) > 5


async def test_account_page_shows_names_and_keeps_the_whole_text(client: httpx.AsyncClient) -> None:
    alice = await make_actor("candidate")
    phone, odd = SEEN[4][0], 'Odd "<b>agent</b>" ' + "z" * 100
    for text in (phone, odd):
        await services.open_session(alice.account_id or 0, ip="", user_agent=text)
    await sign_in(client, alice)
    page = (await client.get("/account?lang=en")).text
    assert f'<span title="{phone}">Chrome on Android</span>' in page
    whole = odd.replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")
    assert f'title="{whole}">Odd &#34;&lt;b&gt;agent&lt;/b&gt;&#34; zzz' in page
    assert "安卓上的Chrome" in (await client.get("/account?lang=zh")).text
