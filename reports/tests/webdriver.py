"""A WebDriver client, as small as the browser test needs it: chromedriver is started here and speaks JSON over
HTTP on the loopback. Works as root in a bare chroot: no sandbox, no /dev/shm, no D-Bus."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

START_SECONDS = 30
CALL_SECONDS = 60
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def check_localhost() -> None:
    """chromedriver finds its browser by that name."""
    try:
        socket.getaddrinfo("localhost", None)
    except OSError:
        raise BrowserError('"localhost" is no known name here: write "127.0.0.1 localhost" to /etc/hosts') from None


class BrowserError(Exception):
    """The browser is missing, or it refused."""


def find_program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path="/usr/bin:/usr/lib/chromium")
    if not path:
        raise BrowserError(f"{name} is not installed: ./dev setup installs it")
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Browser:
    """One window; `with Browser(folder) as browser`. The folder holds its profile and the driver's log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = f"http://127.0.0.1:{free_port()}"
        self.session = ""
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __enter__(self) -> Browser:
        driver, browser = find_program("chromedriver"), find_program("chromium")
        command = [driver, f"--port={self.base.rsplit(':', 1)[1]}"]
        self.log = (self.folder / "chromedriver.log").open("wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            check_localhost()
            self.wait_until_ready()
            self.session = self.call("POST", "/session", self.capabilities(browser))["sessionId"]
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.call("DELETE", f"/session/{self.session}")
        finally:
            self.stop()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def capabilities(self, browser: str) -> dict[str, Any]:
        options = {
            "binary": browser,
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--window-size=1400,1000",
                f"--user-data-dir={self.folder / 'profile'}",
            ],
        }
        always = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        return {"capabilities": {"alwaysMatch": always}}

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise BrowserError(f"chromedriver ended with status {self.process.returncode}")
            try:
                if self.call("GET", "/status")["ready"]:
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise BrowserError(f"chromedriver did not answer within {START_SECONDS} s")

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body or {}).encode() if method == "POST" else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with self.opener.open(request, timeout=CALL_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise BrowserError(f"{path}: {value['error']}: {value['message']}") from error

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.call("POST", f"/session/{self.session}{path}", body)

    # --- what tests say ---

    def open(self, path: Path, fragment: str = "") -> None:
        self.post("/url", {"url": "about:blank"})
        self.post("/url", {"url": path.as_uri() + fragment})

    def run(self, script: str, *values: Any) -> Any:
        return self.post("/execute/sync", {"script": script, "args": list(values)})

    def find(self, selector: str) -> str:
        value = self.post("/element", {"using": "css selector", "value": selector})
        return value[ELEMENT]

    def click(self, selector: str) -> None:
        self.post(f"/element/{self.find(selector)}/click")

    def keys(self, selector: str, text: str) -> None:
        self.post(f"/element/{self.find(selector)}/value", {"text": text})

    def resize(self, width: int, height: int) -> None:
        """Of the page itself: a window can not be as narrow as a telephone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        command = {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics}
        self.post("/goog/cdp/execute", command)

    def dark(self, is_dark: bool) -> None:
        feature = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        command = {"cmd": "Emulation.setEmulatedMedia", "params": {"features": [feature]}}
        self.post("/goog/cdp/execute", command)

    def messages(self) -> list[str]:
        """What the browser complained of since the last call."""
        entries = self.post("/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self, path: Path) -> None:
        data = self.call("GET", f"/session/{self.session}/screenshot")
        path.write_bytes(base64.b64decode(data))
