# SPDX-License-Identifier: MIT
"""The playhead is dragged, by mouse and by finger, in a run of the demo."""
from selenium.webdriver.common.keys import Keys

from case import DEMO, Test
from page import Page, events_of, make_run, open_browser, steps_of

LEFT, WIDTH = 170, 630  # of the time in the picture, as in player.js
MS = 1000000


class Drag(Test):
    """At a width at which all of the timeline is there, and at one at which it is not."""

    @classmethod
    def setUpClass(cls):
        cls.html, trace = make_run("demo", [DEMO, "--virtual", "--quiet"])
        cls.steps = steps_of(trace)[1]
        cls.last = len(events_of(trace))
        cls.end = cls.steps[-1]["t"]

    def setUp(self):
        self.open(1600)

    def tearDown(self):
        """Wherever the test went, the page shows what is true there."""
        step = self.page.step()
        self.assertEqual(self.page.shown()["model"], self.steps[step])
        self.assertSilent(self.page)

    def open(self, width):
        self.page = Page(open_browser(), self.html)
        self.page.resize(width)

    def step_at(self, ms):
        return sum(step["t"] <= ms * MS for step in self.steps[1:])

    def box(self, selector="svg"):
        """Of the picture, or of its place."""
        return self.page.run(
            "const place = document.querySelector('[data-part=timeline]');"
            "const { left, right, top, bottom } = (arguments[0] === 'svg' ?"
            " place.shadowRoot.querySelector('svg') : place).getBoundingClientRect();"
            "return { left, right, top, bottom }", selector)

    def at(self, ms):
        """The place of a time, in the window."""
        box = self.box()
        return box["left"] + LEFT + WIDTH * ms * MS / self.end, box["top"] + 60

    def mouse(self, kind, x, y, button="left", buttons=1):
        open_browser().execute_cdp_cmd("Input.dispatchMouseEvent", {
            "type": "mouse" + kind, "x": x, "y": y, "button": button, "buttons": buttons,
            "clickCount": 1})

    def press(self, x, y):
        self.mouse("Moved", x, y, "none", 0)
        self.mouse("Pressed", x, y)

    def touch(self, kind, *points):
        open_browser().execute_cdp_cmd("Input.dispatchTouchEvent", {
            "type": "touch" + kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    def assertAt(self, step):
        self.page.run("return new Promise(requestAnimationFrame)")
        self.assertEqual(self.page.step(), step)

    def test_pressed_moved_and_released_the_step_follows(self):
        self.press(*self.at(150))
        self.assertAt(self.step_at(150))
        for ms in [250, 350, 475, 350, 50]:
            self.mouse("Moved", *self.at(ms))
            self.assertAt(self.step_at(ms))
        self.mouse("Released", *self.at(50), buttons=0)
        self.mouse("Moved", *self.at(350), "none", 0)
        self.assertAt(self.step_at(50))

    def test_dragged_there_the_page_shows_what_it_shows_after_the_keys(self):
        self.press(*self.at(50))
        self.mouse("Moved", *self.at(250))
        self.mouse("Released", *self.at(250), buttons=0)
        dragged = self.page.shown()
        self.open(1600)
        self.page.press(*[Keys.ARROW_RIGHT] * self.step_at(250))
        self.assertEqual(self.page.shown(), dragged)

    def test_outside_of_the_timeline_the_drag_goes_on(self):
        self.press(*self.at(150))
        below = self.box()["bottom"] + 100
        self.mouse("Moved", self.at(250)[0], below)
        self.assertAt(self.step_at(250))
        self.mouse("Moved", self.at(350)[0], 2)
        self.assertAt(self.step_at(350))
        self.mouse("Released", self.at(350)[0], below, buttons=0)
        self.mouse("Moved", *self.at(150), "none", 0)
        self.assertAt(self.step_at(350))

    def test_past_an_end_it_is_at_that_end(self):
        self.press(*self.at(150))
        y = self.at(0)[1]
        for x, step in [(self.box()["left"] + 5, 0), (self.box()["right"] - 5, self.last),
                        (-400, 0), (2400, self.last), (1, 0)]:
            self.mouse("Moved", x, y)
            self.assertAt(step)
        self.mouse("Released", 1, y, buttons=0)

    def test_only_the_first_button_drags(self):
        self.mouse("Pressed", *self.at(150), "right", 2)
        self.mouse("Moved", *self.at(250), "right", 2)
        self.mouse("Released", *self.at(250), "right", 0)
        self.assertAt(0)

    def test_what_is_dragged_over_is_not_selected(self):
        x, y = self.box()["left"] + 20, self.at(0)[1]
        self.press(x, y)
        self.mouse("Moved", *self.at(350))
        self.mouse("Released", *self.at(350), buttons=0)
        self.assertEqual(self.page.run(
            "return String(document.querySelector('[data-part=timeline]').shadowRoot"
            ".getSelection())"), "")

    def test_a_finger_drags_too(self):
        for width in [1600, 360]:
            self.open(width)
            x, y = self.box("place")["left"] + LEFT + 20, self.at(0)[1]
            self.touch("Start", (x, y))
            first = self.page.step()
            self.assertNotEqual(first, 0)
            for more in range(10, 110, 10):
                self.touch("Move", (x + more, y))
            self.touch("End")
            with self.subTest(width):
                self.assertUnderThePlayhead(x + 100)
                self.assertEqual(self.page.run(
                    "return document.querySelector('[data-part=timeline]').scrollLeft"), 0)

    def assertUnderThePlayhead(self, x):
        """Where the time of the step is, or less than the distance of two events away."""
        step = self.page.step()
        after = self.steps[min(step + 1, self.last)]["t"]
        self.assertLessEqual(self.at(self.steps[step]["t"] / MS)[0], x + 1)
        self.assertGreaterEqual(self.at(after / MS)[0], x - 1)

    def test_held_at_the_edge_of_a_narrow_place_it_does_not_run_away(self):
        self.open(360)
        x, y = self.box("place")["right"] - 10, self.at(0)[1]
        self.press(x, y)
        for more in [1, 0, 1]:
            self.mouse("Moved", x + more, y)
        self.mouse("Released", x, y, buttons=0)
        self.assertLess(self.page.step(), self.step_at(300))

    def test_beyond_the_edge_of_a_narrow_place_it_goes_on_to_the_end(self):
        self.open(360)
        place, y = self.box("place"), self.at(0)[1]
        self.press(place["right"] - 60, y)
        for x, end in [(place["right"] + 40, self.last), (place["left"] - 10, 0)]:
            while self.page.step() != end:
                left = self.box()["left"]
                self.mouse("Moved", x, y)
                self.mouse("Moved", x + 1, y)
                self.assertNotEqual(self.box()["left"], left)
        self.mouse("Released", place["left"], y, buttons=0)
