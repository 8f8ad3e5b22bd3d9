"""A form as a browser sends it: every field of the page's main form with the value that is shown."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Collects the fields of the form that holds a field or button with a given name."""

    def __init__(self):
        super().__init__()
        self.forms, self._select, self._textarea = [], None, None

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if tag == "form":
            self.forms.append({})
        if not self.forms or ("name" not in told and tag != "option"):
            return
        fields = self.forms[-1]
        if tag == "input" and told.get("type") not in {"submit", "file"}:
            ticked = told.get("type") in {"checkbox", "radio"}
            if not ticked or "checked" in told:
                fields.setdefault(told["name"], []).append(told.get("value", "on" if ticked else ""))
            else:
                fields.setdefault(told["name"], [])
        elif tag == "select":
            self._select = told["name"]
            fields[self._select] = []
        elif tag == "option" and self._select and ("selected" in told or not fields[self._select]):
            fields[self._select] = [told.get("value", "")]
        elif tag == "textarea":
            self._textarea = told["name"]
            fields[self._textarea] = [""]

    def handle_data(self, data):
        if self._textarea:
            self.forms[-1][self._textarea][0] += data

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            value = self.forms[-1][self._textarea]
            value[0] = value[0].removeprefix("\r\n").removeprefix("\n")
            self._textarea = None


def fields(answer, having):
    """The fields (name → list of values) of the form on the page that has a field of that name."""
    parser = _Form()
    parser.feed(answer.content.decode())
    (found,) = [form for form in parser.forms if having in form]
    return {name: values for name, values in found.items() if name != "csrfmiddlewaretoken"}


def send(client, path, form, **changed):
    """Post the form with some fields changed; a value may be text or a list of texts."""
    filled = {**form, **{name: [value] if isinstance(value, str) else value for name, value in changed.items()}}
    return client.post(path, {name: values for name, values in filled.items() if values})
