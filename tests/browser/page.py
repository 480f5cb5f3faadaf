# SPDX-License-Identifier: MIT
"""A chromium that shows pages of the player, and what the tests ask of it."""
import atexit
import functools
import json
import os
import pathlib
import re
import subprocess

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.wait import WebDriverWait

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
WORK = BUILD / "browser"
AXE = WORK / "node_modules/axe-core/axe.min.js"


@functools.cache
def open_browser():
    """The same one for all tests."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    options.add_argument("--headless=new")
    options.add_argument("--disable-dev-shm-usage")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    atexit.register(browser.quit)
    return browser


def make_run(name, command, **environment):
    """Runs it. The page and the trace of the same run."""
    WORK.mkdir(parents=True, exist_ok=True)
    page, trace = WORK / (name + ".html"), WORK / (name + ".tsv")
    subprocess.run([*command, "--html", page, "--trace", trace], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env={**os.environ, **environment})
    return page, trace


def make_placed_run(name, command):
    """The page and, by step, where the wheel had its timers: level and slot by id."""
    places = WORK / (name + ".places")
    page, _ = make_run(name, command, EDO_PLACES=str(places))
    with places.open() as file:
        return page, {event + 1: {number: (level, slot) for number, level, slot in placed}
                      for event, placed in map(json.loads, file)}


def join_runs(name, **pages):
    """A page with the runs of several, by their labels."""
    page = WORK / (name + ".html")
    with page.open("wb") as file:
        subprocess.run(["scripts/join-runs", *map("%s=%s".__mod__, pages.items())], check=True,
                       stdout=file)
    return page


def steps_of(trace, every=1):
    """What model_steps says: of the whole, and of each step."""
    said = subprocess.run([WORK / "model_steps", trace, str(every)], check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    whole, *steps = map(json.loads, said.split("\n")[:-1])
    return whole, steps


def record_of(page):
    """The run that is in it."""
    text = page.read_text(encoding="utf-8")
    script = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S)
    return json.loads(script[1])


def events_of(trace):
    """Its lines, as a list of dictionaries."""
    lines = trace.read_text(encoding="latin-1").split("\n")[:-1]
    lines = [line for line in lines if line[0] != "#"]
    columns = lines[0].split("\t")
    return [dict(zip(columns, line.split("\t"))) for line in lines[1:]]


class Page:
    """A page of the player in the browser."""

    def __init__(self, browser, path, link=""):
        self.browser = browser
        browser.get("about:blank")  # or another link to the same page does not load it again
        browser.get_log("browser")
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
        browser.get(pathlib.Path(path).as_uri() + link)

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def walk(self, steps, view=0):
        """Goes to each of the steps. What the model has and the page shows there, in that view."""
        return self.run((HERE / "walk.js").read_text(), list(steps), view)

    def shown(self):
        """What the model has and the page shows, wherever it is."""
        return self.walk([None])[0]

    def touch(self, steps):
        """Goes to each of the steps. How many nodes of the page each has touched."""
        return self.run((HERE / "touch.js").read_text(), list(steps))

    def look(self):
        """What is wrong with how it looks at this width."""
        return self.run((HERE / "look.js").read_text())

    def violations(self):
        """What axe-core finds: rule, why, where."""
        self.run(AXE.read_text())
        return self.browser.execute_async_script("""
            axe.run(document, { resultTypes: ["violations"] }).then((found) => arguments[0](
                found.violations.map(({ id, help, nodes }) => [id, help,
                    nodes.map((node) => node.html.slice(0, 100) + " " + node.failureSummary)])),
                (error) => arguments[0](String(error)))""")

    def step(self):
        return self.run("return step")

    def press(self, *keys):
        """Where the focus is."""
        ActionChains(self.browser).send_keys(*keys).perform()

    def click(self, selector):
        self.browser.find_element("css selector", selector).click()

    def wait_for(self, script):
        """Until it is true; so long that only what never comes is too late."""
        WebDriverWait(self.browser, 60).until(lambda _: self.run("return " + script))

    def console(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def count_requests(self):
        return self.run("return performance.getEntriesByType('resource').length")

    def resize(self, width, height=900, scheme="light"):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.emulate("prefers-color-scheme", scheme)

    def emulate(self, feature, value, media=""):
        """For a reader who prefers that, or on that medium."""
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media, "features": [{"name": feature, "value": value}]})
