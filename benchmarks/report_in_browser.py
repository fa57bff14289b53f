"""A report in headless Chromium: the page loads nothing, draws its curves, and obeys the keyboard.

    python benchmarks/report_in_browser.py --page=runs/0001-digits-wgan-gp/report.html --pictures=pictures

Chromium or Chrome has to be installed (Debian: `apt-get install chromium`); it is spoken to over a pipe. The slider of
the samples is moved and a curve is walked by real key presses, and what the page then says is compared with the numbers
in it. Every check is a line; the exit status is 1 where one fails. `--pictures` also writes what a person sees: wide
and narrow, light and dark, and printed.
"""

import argparse
import base64
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, "Tab": 9, " ": 32}
_SIZES = {"wide": (1400, 900), "narrow": (400, 800)}
_POINTS = 20  # of other runs that may come before the first of a curve
_SECONDS = 60  # that the page may take to draw


class Browser:
    """A page in headless Chromium, over the pipe of its DevTools protocol."""

    def __init__(self, program, profile):
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # the browser reads what it is asked at 3 and answers at 4; out of their way first
        high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]

        def connect():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]
        self._process = subprocess.Popen(
            [program, *flags, "about:blank"],
            preexec_fn=connect,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (to_browser, from_browser, *high):
            os.close(end)
        self._rest, self._number, self._session, self.events = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        """What the browser answers to a call of its protocol; events meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        while b"\0" not in self._rest:
            part = os.read(self._read, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def value(self, expression):
        """The value of a JavaScript expression, awaited."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def open(self, page):
        """Opens a file and waits until it says that it is drawn, or that it cannot be."""
        self.ask("Page.navigate", url=page.resolve().as_uri())
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(RuntimeError):  # the page before this one is gone
                drawn = self.value("document.documentElement ? document.documentElement.dataset.drawn : null")
                if drawn:
                    return drawn
            time.sleep(0.05)
        return None

    def press(self, key, times=1):
        """Presses a key, as a person would."""
        text = {"text": key} if len(key) == 1 else {}
        for _ in range(times):
            for kind in ("keyDown", "keyUp"):
                code = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": _KEYS[key]}
                self.ask("Input.dispatchKeyEvent", type=kind, **code, **(text if kind == "keyDown" else {}))

    def look(self, width, height, theme):
        """Makes the window of a size, and the system light or dark."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.value("new Promise((done) => setTimeout(done, 700))")  # charts follow the size after a moment

    def picture(self, path):
        """The whole page as a person sees it, as a PNG file."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        taken = self.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))

    def close(self):
        with contextlib.suppress(Exception):
            self._session = None
            self.ask("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def check(browser, page):
    """Yields (what is expected, whether it holds)."""
    yield "the page says that it is drawn", browser.open(page) == "yes"
    asked = [
        event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"
    ]
    elsewhere = [url for url in asked if not url.startswith(("data:", "blob:")) and url != page.resolve().as_uri()]
    yield f"it asks for nothing from elsewhere {elsewhere}", not elsewhere
    faults = [event for event in browser.events if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
    yield f"it meets no error {[fault['params'] for fault in faults]}", not faults
    charts = browser.value('document.querySelectorAll(".chart").length')
    drawn = browser.value('document.querySelectorAll(".chart .main-svg .trace").length')
    series = browser.value(
        'JSON.parse(document.getElementById("report-data").textContent).charts.flatMap((c) => c.series).length'
    )
    yield f"its {charts} charts have {series} curves", drawn == series
    yield from _slider(browser)
    if charts:
        yield from _curve(browser)
        yield from _hidden_curve(browser)
    yield from _theme(browser)
    for name, (width, height) in _SIZES.items():
        browser.look(width, height, "light")
        over = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        yield f"{name}, nothing stands out at the side ({over} pixels)", over <= 0


def _slider(browser):
    steps = browser.value('[...document.querySelectorAll("img[data-step]")].map((one) => Number(one.dataset.step))')
    if len(steps) < 3:
        return
    seen = 'document.querySelector(".slider output").value'
    shown = '[...document.querySelectorAll("img[data-step]:not([hidden])")].map((one) => Number(one.dataset.step))'
    browser.value('document.querySelector(".slider input").focus()')
    for key, times, place in (("Home", 1, 0), ("ArrowRight", 2, 2), ("ArrowLeft", 1, 1), ("End", 1, len(steps) - 1)):
        browser.press(key, times)
        said, alone = browser.value(seen), browser.value(shown)
        yield (
            f"{key} moves the slider to step {steps[place]}: {said!r}",
            (alone == [steps[place]] and said.startswith(f"step {steps[place]:,} ")),
        )


def _curve(browser):
    """The first chart, walked by keyboard: what is said is a number of the page's data."""
    data = json.loads(browser.value('document.getElementById("report-data").textContent'))
    series = data["charts"][0]["series"][0]
    columns = data["runs"][series["run"]]["columns"]
    values = dict(zip(columns["step"], columns[series["name"]], strict=True))
    browser.value('document.querySelector("[data-chart=\\"0\\"] .plot").focus()')
    browser.press("Home")
    browser.press("ArrowRight", 2)
    browser.press("ArrowLeft")
    for _ in range(_POINTS):
        said = browser.value('document.querySelector("[data-chart=\\"0\\"] .reading").textContent')
        step, _, numbers = said.removeprefix("step ").partition(": ")
        found = [part for part in numbers.split("; ") if part.startswith(f"{series['label']} ")]
        if found:  # another run may have logged at other steps
            break
        browser.press("ArrowRight")
    read = float(found[0].removeprefix(f"{series['label']} ").split()[0].replace(",", "")) if found else float("nan")
    value = values.get(int(step.replace(",", "")), float("nan"))
    yield f"a point of the first curve is {value}: {said!r}", abs(read - value) <= 1e-3 * abs(value)
    boxes = browser.value('document.querySelectorAll("[data-chart=\\"0\\"] .hoverlayer text").length')
    yield f"its box is shown ({boxes} texts)", boxes > 0


def _hidden_curve(browser):
    seen = 'document.querySelector("[data-chart=\\"0\\"] .plot").data[0].visible'
    browser.value('document.querySelector("[data-chart=\\"0\\"] .key input").focus()')
    browser.press(" ")
    yield "the space key hides a curve", browser.value(seen) is False
    browser.press(" ")
    yield "and shows it again", browser.value(seen) is True


def _theme(browser):
    browser.look(*_SIZES["wide"], "dark")
    color = "getComputedStyle(document.body).backgroundColor"
    dark = browser.value(color)
    browser.value('document.getElementById("theme").focus()')
    browser.press(" ")
    light = browser.value(color)
    yield f"dark as the system is ({dark}), light by its button ({light})", dark != light == "rgb(255, 255, 255)"
    browser.value("delete document.documentElement.dataset.theme")


def draw(browser, page, out):
    """Pictures of the page, as a person sees it."""
    out.mkdir(parents=True, exist_ok=True)
    for name, (width, height) in _SIZES.items():
        for theme in ("light", "dark"):
            browser.look(width, height, theme)
            browser.picture(out / f"{page.stem}-{name}-{theme}.png")
            if browser.value('document.querySelectorAll(".chart").length'):
                browser.value('document.querySelector("[data-chart=\\"0\\"] .plot").focus()')
                browser.press("End")
                browser.picture(out / f"{page.stem}-{name}-{theme}-hover.png")
                browser.value("document.activeElement.blur()")
    browser.look(*_SIZES["wide"], "dark")
    printed = browser.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
    (out / f"{page.stem}.pdf").write_bytes(base64.b64decode(printed["data"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=pathlib.Path, required=True, help="a page that `report` wrote")
    parser.add_argument("--pictures", type=pathlib.Path, help="folder for pictures of the page")
    arguments = parser.parse_args()
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        parser.error(f"expected one of {', '.join(_NAMES)} to be installed")
    if not arguments.page.is_file():
        parser.error(f"expected a page. Received: --page={arguments.page}")
    failed = 0
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(program, profile)
        try:
            for what, holds in check(browser, arguments.page):
                print(f"{'holds' if holds else 'FAILS'}: {what}", flush=True)
                failed += not holds
            if arguments.pictures:
                draw(browser, arguments.page, arguments.pictures)
        finally:
            browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
