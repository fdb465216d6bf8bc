"""Pages taken apart."""

from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input", "rect"}


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, its text, its tables; refuses tags that do not match."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text, self.tables = [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text.append(data)
        if {"th", "td"} & set(self.open):
            self.tables[-1][-1][-1] += data.strip()

    def table_under(self, first_header):
        return next(table for table in self.tables if table[0][0] == first_header)
