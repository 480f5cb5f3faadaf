# SPDX-License-Identifier: MIT
"""What the tests in the browser have in common."""
import os
import re
import unittest

from expected import Expected
from page import BUILD, Page, open_browser, record_of, steps_of

MUST = bool(os.environ.get("MUST"))  # what is not here is an error
DEMO = BUILD / "demo"
SLOT = re.compile("^id ([0-9]+) (.*) level ([0-9]+) slot ([0-9]+)$", re.MULTILINE)


class Test(unittest.TestCase):
    longMessage = True
    maxDiff = 4000

    def assertSilent(self, page):
        """No error and no warning in the console, and nothing was loaded from elsewhere."""
        self.assertEqual(page.console(), [])
        self.assertEqual(page.count_requests(), 0)


class Walk(Test):
    """Steps, forwards and backwards."""

    def check_step(self, expected, step, shown):
        where = "at step %d" % step["step"]
        self.assertEqual(shown["model"], step, where)
        machine = {row: SLOT.sub(r"id \1 \2", text)
                   for row, text in shown["page"]["machine"].items()}
        self.assertEqual(machine, expected.machine(step), where)
        self.assertEqual(shown["page"]["tasks"], expected.tasks(step), where)
        self.assertEqual(shown["page"]["scrub"], str(step["step"]), where)
        for text in shown["page"]["texts"]:
            self.assertNotRegex(text, "undefined|NaN|null|object", where)
        self.assertNotEqual(shown["page"]["texts"][0], "", where)

    def check_queue(self, steps):
        """Who is polled next was the first in the run queue."""
        for step, following in zip(steps, steps[1:]):
            if not step["polled"] and following["polled"] in step["ready"]:
                if following["step"] == step["step"] + 1:
                    self.assertEqual(step["ready"][0], following["polled"],
                                     "at step %d" % step["step"])

    def check_walk(self, html, trace, every=1):
        """The page, and what it has shown."""
        whole, steps = steps_of(trace, every)
        self.check_queue(steps)
        page = Page(open_browser(), html)
        numbers = [step["step"] for step in steps]
        forwards = page.walk(numbers)
        backwards = page.walk(reversed(numbers))
        expected = Expected(whole, steps, record_of(html))
        for step, shown in zip(steps, forwards):
            self.check_step(expected, step, shown)
        for one, other in zip(forwards, reversed(backwards)):
            self.assertEqual(one, other, "backwards at step %d" % one["model"]["step"])
        self.assertSilent(page)
        return page, forwards
