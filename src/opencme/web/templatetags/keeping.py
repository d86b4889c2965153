"""Parts of a page that are rendered once and kept under what they show."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString

from opencme.web.renderings import Renderings

register = template.Library()


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Render the part inside once for each set of values: `{% kept digest one.key %}…{% endkept %}`.

    All that the part shows has to follow from the values named, the language and what never
    changes in a process.
    """
    values = [parser.compile_filter(part) for part in token.split_contents()[1:]]
    inside = parser.parse(("endkept",))
    parser.delete_first_token()
    if inside.get_nodes_by_type(BlockNode):
        message = "A block inside {% kept %} would be that of whichever page came first."
        raise template.TemplateSyntaxError(message)
    return KeptNode(inside, values)


class KeptNode(template.Node):
    """The part with its renderings, which live as long as the parsed template: for good but in debug."""

    child_nodelists = ()  # nothing in here is looked for when templates extend one another

    def __init__(self, inside: NodeList, values: Sequence[FilterExpression]) -> None:
        self.nodelist = inside
        self._values = values
        self._renderings = Renderings()

    def render(self, context: template.Context) -> SafeString:
        """The kept rendering, or a new one."""
        key = tuple(value.resolve(context) for value in self._values)
        return self._renderings.kept(key, lambda: self.nodelist.render(context))
