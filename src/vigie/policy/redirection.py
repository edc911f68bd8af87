"""What a shell does with redirections: files read and written, here-documents, here-strings. `walk.py` is the walk."""

import re
from abc import abstractmethod
from collections.abc import Sequence

from tree_sitter import Node

from vigie.policy.call import EMPTY, Call
from vigie.policy.control import Control
from vigie.policy.effects import DANGEROUS, FORBIDDEN, Effect
from vigie.policy.paths import normal
from vigie.policy.verbs import VERBS
from vigie.policy.words import Flow, Word, expand, expand_one
from vigie.policy.writes import write

_SOCKET = re.compile(r"/dev/(tcp|udp)/")


class Redirection(Control):
    """The part of a walk that follows what flows in and out of commands by files."""

    secrets_at: set[str]
    links: dict[str, str]
    _source: bytes
    _written: list[Word]

    @abstractmethod
    def run(self, words: Sequence[Word], stdin: Flow) -> Flow:
        """Judge an argv."""

    @abstractmethod
    def flag(self, name: str) -> None:
        """Remember something of the line as a whole."""

    @abstractmethod
    def shell(self, text: str, stdin: Flow, *, same_shell: bool = False, given: Sequence[Word] = ()) -> Flow:
        """Judge text as shell."""

    @abstractmethod
    def try_shell(self, text: str, stdin: Flow) -> None:
        """Judge text that may be run as shell; keep only what is forbidden."""

    @abstractmethod
    def _command(self, node: Node, stdin: Flow, more: Sequence[Word] = ()) -> Flow:
        """Walk one command, with words that stood behind its redirections."""

    @abstractmethod
    def _pipeline(self, node: Node, stdin: Flow) -> Flow:
        """Walk commands, each fed by the one before."""

    def _redirected(self, node: Node, stdin: Flow) -> Flow:
        after: list[Node] = []
        body: Node | None = None
        more: list[Word] = []
        before = len(self._written)
        for child in node.children:
            match child.type:
                case "file_redirect":
                    stdin, extra = self._file(child, stdin)
                    more.extend(extra)
                case "heredoc_redirect":
                    stdin = self._heredoc(child, stdin, after, more)
                case "herestring_redirect":
                    stdin = self._herestring(child)
                case _:
                    body = child
        if body is None:
            flow = self.run(more, stdin) if more else EMPTY
        elif body.type == "command" and more:
            flow = self._command(body, stdin, more)
        else:
            flow = self.walk(body, stdin)
            if more:
                self.note(Effect("unreadable", "", DANGEROUS, "parse_error"))
        self._follow(flow, before)
        for node_after in after:
            flow = self._pipeline(node_after, flow) if node_after.type == "pipeline" else self.walk(node_after, EMPTY)
        return flow

    def _only_file(self, node: Node, stdin: Flow) -> Flow:
        """A redirection without a command: `$(< file)` is the file, `> file` empties it."""
        return self._file(node, EMPTY)[0]

    def _heredoc(self, node: Node, stdin: Flow, after: list[Node], more: list[Word]) -> Flow:
        flow = Flow(None)
        for child in node.children:
            match child.type:
                case "heredoc_start":
                    is_raw = self.text(child)[:1] in "'\"\\"
                case "heredoc_body":
                    body = Word(self.text(child), quoted=True) if is_raw else expand_one(child, self)
                    self._shown(body)
                    flow = Flow(body.value, body.taint)
                case "file_redirect":
                    more.extend(self._file(child, stdin)[1])
                case "heredoc_end" | "file_descriptor":
                    pass
                case _ if child.is_named:
                    after.append(child)
        return flow

    def _shown(self, word: Word) -> None:
        """Text that is fed to a command is shown by it, as a rule."""
        if "named-secret" in word.taint:
            self.note(Effect("read-secret", "variable", DANGEROUS, "secret"))

    def _herestring(self, node: Node) -> Flow:
        word = expand_one(node.children[-1], self)
        self._shown(word)
        return Flow(None if word.value is None else word.value + "\n", word.taint)

    def _file(self, node: Node, stdin: Flow) -> tuple[Flow, list[Word]]:
        """Judge a redirection; return what standard input then is, and words that are arguments of the command after all."""
        operator = ""
        targets: list[Node] = []
        for child in node.children:
            if child.is_named and child.type != "file_descriptor":
                targets.append(child)
            elif not child.is_named:
                operator = child.type
        if len(targets) > 1 and targets[-1].type == "number" and self._source[node.end_byte : node.end_byte + 1] in (b"<", b">"):
            targets.pop()  # `>f 0>&1`: the number belongs to the redirection after it
        if not targets or (operator in (">&", "<&") and targets[0].type == "number"):
            return stdin, [word for target in targets[1:] for word in expand(target, self)]
        # The grammar reads words after a redirection's target as further targets; to the shell they are arguments.
        more = [word for target in targets[1:] for word in expand(target, self)]
        words = expand(targets[0], self)
        if len(words) != 1:
            self.note(Effect("write", "", DANGEROUS, "unresolved_target"))
            return Flow(None), more
        return self._redirect(operator, words[0], stdin), more

    def _redirect(self, operator: str, word: Word, stdin: Flow) -> Flow:
        call = Call(self, operator, (), stdin)
        if _SOCKET.match(word.shape):
            self.flag("socket")
            if operator != "<":
                call.danger("network-out", word.shown, "data_out")
                self._written.append(word)
            return Flow(None, frozenset(("network",)))
        if operator.startswith("<") and operator != "<>":
            VERBS["read"](call, (word,), "")
            if word.shape == "/dev/null":
                return EMPTY
            return Flow(None, word.taint | call.taint)
        if "stream" not in word.taint:
            write(call, word, "append" if operator in (">>", "&>>") else "overwrite")
            self._written.append(word)
        return stdin

    def _follow(self, flow: Flow, before: int) -> None:
        """Remember where a secret was written to; on another machine it is lost."""
        if "secret" in flow.taint:
            for word in self._written[before:]:
                if _SOCKET.match(word.shape):
                    self.note(Effect("network-out", word.shown, FORBIDDEN, "secret_out"))
                self.secrets_at.add(normal(word.shape, self.cwd))
        del self._written[before:]
