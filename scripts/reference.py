# SPDX-License-Identifier: MIT
# reference.py - the man pages as parts of the book: for make-book
import html
import os
import pathlib
import re
import shutil
import subprocess


def man_pages(folder):
    """{name: (section, path)} of the pages that make-man has made, and {other name: its page}."""
    pages, others = {}, {}
    folder = pathlib.Path(folder)
    for path in [path for n in "731" for path in sorted(folder.glob(f"man{n}/*"))]:
        leads_to = re.match(r"\.so man\d/(\w+)", path.read_text(encoding="utf-8"))
        if leads_to:
            others[path.stem] = leads_to[1]
        else:
            pages[path.stem] = (path.suffix[1:], path)
    return pages, others


def brief_of(path):
    return re.search(r"(?m)^\.Nd (.*)", path.read_text(encoding="utf-8"))[1]


def as_html(path):
    """The page's body: mandoc's, without its head and foot, under a heading of the book."""
    done = subprocess.run(
        ["mandoc", "-Thtml", "-O", "fragment,man=%N.html", path],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    body = re.sub(r'<table class="(?:head|foot)">.*?</table>\n', "", done.stdout, flags=re.DOTALL)
    for head, book in (("2", "3"), ("1", "2")):
        body = re.sub(rf"(</?)h{head}\b", rf"\g<1>h{book}", body)
    body = re.sub(r'<a class="In">(.*?)</a>', r"\1", body)
    return body.replace("<pre>", '<pre tabindex="0">')


def text_of(body):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", body))).strip()


def make_reference(folder):
    """[(name, section, brief, body, text)] of the pages, and {other name: its place in them}.
    Nothing where there is no mandoc."""
    if shutil.which("mandoc") is None:
        return [], {}
    pages, others = man_pages(folder)
    bodies = {name: as_html(path) for name, (_, path) in pages.items()}
    places = {name: f"{name}.html" for name in pages}
    for name, page in others.items():
        places[name] = f"{page}.html" + (f"#{name}" if f'id="{name}"' in bodies[page] else "")

    def link(found):
        name, text = found.groups()
        if name in places:
            return f'<a class="Xr" href="{places[name]}">{text}</a>'
        return f'<span class="Xr">{text}</span>'  # a page of the system's

    rows = []
    for name, (section, path) in pages.items():
        linked = re.sub(r'(?s)<a class="Xr" href="([^"]*)\.html">(.*?)</a>', link, bodies[name])
        rows.append((name, section, brief_of(path), linked, text_of(linked)))
    return rows, {name: places[name] for name in others}
