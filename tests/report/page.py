"""What a report says, read with Python's own HTML parser, which is none of the program's."""
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input", "col"}
ENDS_BEFORE = {"tr": {"td", "th", "tr"}, "td": {"td", "th"}, "th": {"td", "th"}, "tbody": {"td", "th", "tr", "thead"}}
MAY_STAY_OPEN = {"td", "th", "tr", "tbody", "thead"}


class Page(HTMLParser):
    """ids, links, tables (caption, head, rows of texts), figures (id -> title, caption), texts; mistakes in structure."""

    def __init__(self, html):
        super().__init__()
        self.mistakes, self.open = [], []
        self.ids, self.links, self.scripts, self.tables, self.figures, self.sections = [], [], 0, [], {}, []
        self.text, self.pre = "", ""
        self.feed(html)
        self.close()
        if self.open:
            self.mistakes.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.mistakes.append(f"an attribute twice in {tag} {attributes}")
        values = dict(attributes)
        while self.open and self.open[-1] in ENDS_BEFORE.get(tag, ()):
            self.open.pop()
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if "href" in values:
            self.links.append(values["href"])
        self.scripts += tag == "script"
        if tag == "section":
            self.sections.append(values["id"])
        elif tag == "table":
            self.tables.append({"caption": "", "head": [], "rows": []})
        elif tag == "th":
            self.tables[-1]["head"].append("")
        elif tag == "tr" and "thead" not in self.open:
            self.tables[-1]["rows"].append([])
        elif tag == "td":
            self.tables[-1]["rows"][-1].append("")
        elif tag == "figure":
            self.figure = self.figures[values["id"]] = {"title": "", "caption": "", "drawn": False}
        elif tag in ("svg", "img") and "figure" in self.open:
            self.figure["drawn"] = bool(values.get("aria-label") or values.get("alt"))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open[-1] != tag and self.open[-1] in MAY_STAY_OPEN:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> in line {self.getpos()[0]} ends nothing")

    def handle_data(self, data):
        if "script" in self.open or "style" in self.open:
            return
        self.text += data
        if "pre" in self.open:
            self.pre += data
        if "caption" in self.open:
            self.tables[-1]["caption"] += data
        elif "th" in self.open and "small" not in self.open:
            self.tables[-1]["head"][-1] += data.strip()
        elif "td" in self.open:
            self.tables[-1]["rows"][-1][-1] += data.rstrip("\n")
        elif "figcaption" in self.open:
            self.figure["caption"] += data
        elif "h3" in self.open and "figure" in self.open:
            self.figure["title"] += data

    def table(self, caption):
        return next(table for table in self.tables if table["caption"].startswith(caption))

    def column(self, caption, head):
        table = self.table(caption)
        return [row[table["head"].index(head)] for row in table["rows"]]


def number(text):
    """The first number of a cell."""
    text = text.split("±")[0].replace("\u2212", "-").replace("\u202f", "").strip()
    return float("nan") if text == "–" else float(text)
