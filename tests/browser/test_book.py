# SPDX-License-Identifier: MIT
"""The book in a real browser: its pages, links, search, answers, and how it looks and prints."""
import json
import re
import unittest
import urllib.parse

from selenium.webdriver.common.keys import Keys

from case import MUST, Test
from page import AXE, BUILD, Page, open_browser

BOOK = BUILD / "book"
LINKS = """return {
    links: [...[...document.links].map((a) => a.href),
        ...[...document.querySelectorAll("iframe")].map((frame) => frame.src)],
    ids: [...document.querySelectorAll("[id]")].map((node) => node.id),
    loaded: performance.getEntriesByType("resource").map((entry) => entry.name),
    width: document.documentElement.scrollWidth }"""


def is_player(path):
    return path.name.endswith("-run.html")


def lengths_of(path):
    """Of each run in a page of the player, how many events it has."""
    runs = re.findall(r'(?s)class="run"[^>]*>\n(.*?)</script>', path.read_text())
    return [len(json.loads(run)["events"]) for run in runs]


def entries_of_search():
    text = (BOOK / "search.js").read_text()
    return json.loads(text[text.index("["):text.rindex("]") + 1])


class Book(Test):
    """What all of it has in common."""

    def open(self, name, link=""):
        self.page = Page(open_browser(), BOOK / name, link)
        return self.page

    def find(self, selector):
        return open_browser().find_element("css selector", selector)

    def text_of(self, selector):
        return self.page.run("return document.querySelector(arguments[0])?.textContent", selector)

    def is_visible(self, selector):
        return self.page.run("return document.querySelector(arguments[0]).checkVisibility("
                             "{ contentVisibilityAuto: true, visibilityProperty: true })", selector)

    def assertAt(self, name):
        self.assertEqual(self.page.run("return location.pathname.split('/').pop() + location.hash"),
                         name)


class Pages(Book):
    """Every page, and what it leads to."""

    @classmethod
    def setUpClass(cls):
        cls.pages = {}
        for path in sorted(path for path in BOOK.rglob("*.html") if not is_player(path)):
            page = Page(open_browser(), path)
            page.resize(360)
            cls.pages[path] = {**page.run(LINKS), "console": page.console()}
        cls.lengths = {path: lengths_of(path) for path in BOOK.glob("*-run.html")}

    def test_each_opens_without_a_word_in_the_console(self):
        for path, page in self.pages.items():
            with self.subTest(path.name):
                self.assertEqual(page["console"], [])

    def test_each_loads_only_what_is_in_the_book(self):
        for path, page in self.pages.items():
            with self.subTest(path.name):
                self.assertEqual([one for one in page["loaded"]
                                  if not one.startswith(BOOK.as_uri() + "/")], [])

    def test_none_is_wider_than_a_phone(self):
        for path, page in self.pages.items():
            with self.subTest(path.name):
                self.assertLessEqual(page["width"], 360)

    def check_step(self, path, fragment):
        """A link into a player: run, step, and the run beside it."""
        asked = {name: int(number) for name, number in urllib.parse.parse_qsl(fragment)}
        lengths = self.lengths[path]
        self.assertLess(max(asked.get("run", 0), asked.get("beside", 0)), len(lengths))
        self.assertLessEqual(asked.get("step", 0), lengths[asked.get("run", 0)])
        self.assertLessEqual(set(asked), {"run", "step", "beside"})

    def check_link(self, link):
        whole, _, fragment = link.partition("#")
        self.assertTrue(whole.startswith(BOOK.as_uri() + "/"))
        path = BOOK / urllib.parse.unquote(whole[len(BOOK.as_uri()) + 1:])
        self.assertTrue(path.is_file())
        if is_player(path):
            self.check_step(path, fragment)
        elif fragment and not fragment.startswith("find="):
            self.assertIn(urllib.parse.unquote(fragment), self.pages[path]["ids"])

    def test_each_link_leads_to_what_is_there(self):
        links = {link for page in self.pages.values() for link in page["links"]}
        links |= {BOOK.as_uri() + "/" + link for _, link, _ in entries_of_search()}
        self.assertGreater(len(links), 100)
        for link in links:
            with self.subTest(link):
                self.check_link(link)


class Reading(Book):
    """From page to page, as a reader goes."""

    def setUp(self):
        self.open("index.html")

    def tearDown(self):
        self.assertEqual(self.page.console(), [])

    def test_contents_and_next_lead_through_all_chapters_and_previous_back(self):
        names = self.page.run("return [...document.querySelectorAll('.contents a')]"
                              ".map((a) => a.getAttribute('href'))")
        self.page.click(".contents a")
        for number, name in enumerate(names, 1):
            self.assertAt(name)
            self.assertEqual(self.text_of("h1 .number"), str(number))
            if number < len(names):
                self.page.click(".around .next")
        self.assertIsNone(self.text_of(".around .next"))
        self.page.click(".around .previous")
        self.assertAt(names[-2])
        self.page.click("nav.top a:nth-of-type(2)")
        self.assertAt("index.html#contents")

    def test_a_word_of_the_answer_leads_to_the_glossary_and_that_into_a_header(self):
        self.open("demo.html")
        self.page.click(".answer summary")
        self.page.click(".answer a.word[href$='#waker']")
        self.assertAt("glossary.html#waker")
        self.page.click("#waker + dd a")
        self.assertIn("struct edo_waker {", self.text_of(".line:target"))
        self.assertIn("who calls the waker", self.text_of("main p"))

    def test_a_function_of_the_reference_leads_to_others_and_to_its_header(self):
        self.open("reference/index.html")
        self.page.click("a[href='edo_watch.html']")
        self.page.click("a.Xr[href='edo_io.html#edo_io_open']")
        self.assertAt("edo_io.html#edo_io_open")
        self.page.click("a[href='../headers/io.html']")
        self.page.click("a[href='../reference/edo_io.html']")
        self.assertAt("edo_io.html")

    def test_the_answer_is_hidden_until_it_is_asked_for(self):
        self.open("race.html")
        blurred = "return getComputedStyle(document.querySelector('.line.hidden')).filter"
        self.assertFalse(self.is_visible(".answer > p"))
        self.assertNotEqual(self.page.run(blurred), "none")
        self.find(".answer summary").send_keys(Keys.ENTER)
        self.assertTrue(self.is_visible(".answer > p"))
        self.assertEqual(self.page.run(blurred), "none")

    def test_the_solution_is_hidden_too_and_can_be_stepped_beside_the_run_as_it_was(self):
        self.open("race.html")
        self.assertFalse(self.is_visible(".solution pre.diff"))
        self.page.click(".solution summary")
        self.assertTrue(self.is_visible(".solution pre.diff"))
        self.page.click(".solution a[href*='-solved-run.html']")
        self.assertEqual(self.page.run("return views.map((view) => view.run.label)"),
                         ["solved", "as it was"])

    def test_keys_and_the_button_step_the_player_in_the_page(self):
        open_browser().switch_to.frame(self.find("iframe.player"))
        before = self.page.step()
        open_browser().switch_to.default_content()
        self.page.click("#step")
        self.page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
        open_browser().switch_to.frame(self.find("iframe.player"))
        self.page.wait_for("step === %d" % (before + 2))
        open_browser().switch_to.default_content()


class Search(Book):
    """What the search finds, and what it shows of it."""

    def setUp(self):
        self.open("index.html")
        self.texts = {(title, text) for title, _, text in entries_of_search()}

    def tearDown(self):
        self.assertEqual(self.page.console(), [])

    def search(self, words):
        """[title, excerpt] of each that is found."""
        self.find("#find").clear()
        self.find("#find").send_keys(words)
        self.page.wait_for("entries !== null")
        return self.page.run(
            "return [...document.querySelectorAll('#found li')].map((item) => "
            "[...item.querySelectorAll('a, span')].map((node) => node.textContent))")

    def test_words_are_found_and_lead_there(self):
        for words, title, name in [("lost wakeup", " lost wakeup", "lost-wakeup.html"),
                                   ("run queue", "glossary: run queue", "glossary.html#run-queue")]:
            with self.subTest(words):
                self.open("index.html")
                self.assertTrue(self.search(words)[0][0].endswith(title))
                self.page.click("#found a")
                self.assertAt(name)

    def test_what_is_nowhere_is_said_to_be(self):
        self.assertEqual(self.search("nosuchword"), [])
        self.assertEqual(self.text_of("#found"), "nothing has all of these words")

    def test_a_link_can_have_the_words(self):
        self.open("glossary.html", "#find=lost+wakeup")
        self.page.wait_for("document.querySelector('#found a') !== null")
        self.assertEqual(self.find("#find").get_attribute("value"), "lost wakeup")

    def check_excerpt(self, title, excerpt, word):
        """It is a part of the text, of whole words, and says where it is one."""
        begin = "... " if excerpt.startswith("... ") else ""
        end = " ..." if excerpt.endswith(" ...") else ""
        part = excerpt[len(begin):len(excerpt) - len(end)]
        there = re.compile((r"(?<=\s)" if begin else "^") + re.escape(part) +
                           (r"(?=\s)" if end else "$"))
        whole = [text for one, text in self.texts if one == title and there.search(text)]
        self.assertNotEqual(whole, [], excerpt)
        self.assertTrue(word in part.lower() or word in title.lower(), excerpt)
        self.assertLess(len(excerpt), 300)

    def test_an_excerpt_is_of_whole_words(self):
        for word in ["waker", "sleep", "epoll", "edo_", "cancel", "the", "arm"]:
            found = self.search(word)
            self.assertNotEqual(found, [])
            for title, excerpt in found:
                with self.subTest("%s in %s" % (word, title)):
                    self.check_excerpt(title, excerpt, word)


class BookLooks(Book):
    """On a screen of any kind, and on paper."""

    PAGES = ["index.html", "race.html", "glossary.html", "reference/edo_stream.html"]

    @unittest.skipUnless(AXE.exists() or MUST, "axe-core is not here")
    def test_axe_finds_nothing(self):
        for name in self.PAGES:
            page = self.open(name)
            for width in [360, 800, 1600]:
                for scheme in ["light", "dark"]:
                    page.resize(width, scheme=scheme)
                    with self.subTest("%s, %d px, %s" % (name, width, scheme)):
                        self.assertEqual(page.violations(), [])

    def visible(self, selector):
        return self.page.run("return [...document.querySelectorAll(arguments[0])].filter((node) => "
                             "node.checkVisibility()).map((node) => node.textContent || node.id)",
                             selector)

    def check_step_on_paper(self, step):
        """In a page of the player."""
        self.assertEqual(self.visible("button, select, input, label, footer p"), [])
        self.assertTrue(self.visible("#position")[0].startswith("step %d of " % step))
        self.assertEqual(self.visible("[data-part=sentence]"),
                         [self.text_of("[data-part=sentence]")])
        self.assertNotEqual(self.visible(".here"), [])
        self.assertEqual(self.page.run(
            "return [...document.querySelectorAll('.time, .code pre')].filter((node) =>"
            "node.scrollHeight > node.clientHeight).map((node) => node.className)"), [])

    def test_a_player_on_paper_shows_the_step_and_no_buttons(self):
        self.open("race-run.html", "#step=20")
        self.page.emulate("prefers-color-scheme", "light", "print")
        self.check_step_on_paper(20)

    def test_a_chapter_on_paper_has_the_step_the_answer_and_no_buttons(self):
        self.open("race.html")
        self.page.press(*[Keys.ARROW_RIGHT] * 3)
        self.page.emulate("prefers-color-scheme", "light", "print")
        self.assertEqual(self.visible("button, input, nav, .apart"), [])
        self.assertTrue(self.is_visible(".answer > p"))
        self.assertTrue(self.is_visible(".solution pre.diff"))
        self.assertEqual(self.page.run(
            "return getComputedStyle(document.querySelector('.line.hidden')).filter"), "none")
        open_browser().switch_to.frame(self.find("iframe.player"))
        self.page.wait_for("step === 3")
        self.check_step_on_paper(3)
        open_browser().switch_to.default_content()
