"""Asks Wikipedia for the first paragraph about an author. Its text is CC BY-SA: show it with its link."""

from alexandria.biblio.answers import AuthorAnswer
from alexandria.config import ProviderSettings
from alexandria.net.client import PATIENCE, Client
from alexandria.net.gate import Call, Lane
from alexandria.net.messages import Note, Reply, Request, decode
from alexandria.providers.provider import Found, NotFound
from alexandria.providers.wikipedia.parse import check_item, check_language, read_summary, summary_path
from alexandria.providers.wikipedia.wire import SummaryWire

_ABSENT = (404, 410)


class Wikipedia:
    """One Wikipedia. `{language}` in the address of the settings stands for its language.

    Raises ProviderFailed, and waits up to `patience` seconds for each request.
    """

    def __init__(self, client: Client, settings: ProviderSettings, language: str = "en") -> None:
        self._client, self._settings = client, settings
        self._language = check_language(language)
        self._url = settings.url.replace("{language}", self._language)

    @property
    def wiki(self) -> str:
        """The name under which Wikidata has the titles of this Wikipedia (`sitelinks`)."""
        return f"{self._language.replace('-', '_')}wiki"

    async def author(
        self, item: str, title: str, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[AuthorAnswer] | NotFound:
        """The summary of the page, for the author whom Wikidata knows as `item` and whose page has this `title`.

        NotFound when there is no such article, and when it is not known to be about the item.
        """
        item, path = check_item(item), summary_path(title)

        def read(reply: Reply) -> tuple[Found[AuthorAnswer] | NotFound, Note]:
            is_page = reply.headers.get("content-type", "").startswith("text/html")
            if reply.status in _ABSENT and not is_page:  # a web page says that the address is wrong
                return NotFound(), Note(found=0)
            wire = decode(reply, SummaryWire)
            answer = read_summary(wire, item, title, self._language)
            if answer is None:
                return NotFound(), Note(found=0)
            record = f"{self.wiki}:{answer.metadata['bio_title']}"
            revision = str(wire.revision) if wire.revision else None
            return Found(answer, record, reply.received_at, revision), Note(found=1)

        request = Request(url=self._url + path, timeout=self._settings.timeout, redirects=())
        call = Call(self._settings.bucket, lane, "summary")
        return await self._client.ask(request, call, read, patience=patience)
