"""The walk over a shell line: from its syntax tree to every command in it, with variables, folders, pipes and functions followed.

`shell.py` starts it; each command is judged by its program's model (`programs.py`).
"""

import re
from collections.abc import Sequence
from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from vigie.policy import grammars, models, programs, scripts, shell_builtins
from vigie.policy.call import EMPTY, FOREIGN, Call
from vigie.policy.effects import DANGEROUS, FORBIDDEN, Effect
from vigie.policy.redirection import Redirection
from vigie.policy.words import NO_TAINT, UNKNOWN, Flow, Word, expand, expand_one, join

LENGTH_MAX = 8192
DEPTH_MAX = 12
LEAVES_MAX = 50
NESTING_MAX = 120
_PROGRAM_FOLDERS = re.compile(
    r"(/usr(/local)?)?/s?bin\Z|/snap/bin\Z|/usr/lib/postgresql/\d+/bin\Z|/usr/pgsql-\d+/bin\Z|/usr/local/(nginx|mysql|pgsql|go)/s?bin\Z|/var/lib/rancher/(k3s|rke2)/bin\Z"
)
# The grammar reads no compound command after `!`, which changes nothing of what it does.
_NEGATED = re.compile(r"!(?=[ \t]+(?:if|for|while|until|select|case|function)\b)")

__all__ = ["DEPTH_MAX", "LENGTH_MAX", "State", "TooMuchError", "Walk", "grammars"]


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


class TooMuchError(Exception):
    """The line is larger than what is read."""


class State:
    """What all walks of one line share."""

    def __init__(self, found: list[Effect]) -> None:
        self.found = found
        self.leaves = 0
        self.depth = 0
        self.nesting = 0
        self.flags: set[str] = set()
        self.secrets_at: set[str] = set()  # paths that a secret was written to on this line
        self.links: dict[str, str] = {}  # links made on this line, and where they lead


class Walk(Redirection):
    """A walk over one text in one shell: its variables, functions and folder."""

    def __init__(self, state: State, variables: dict[str, Word], cwd: str | None) -> None:
        self.state = state
        self.variables = variables
        self.functions: set[str] = set()
        self.cwd = cwd
        self.secrets_at = state.secrets_at
        self.links = state.links
        self._stdin = EMPTY
        self._source = b""
        self._written: list[Word] = []

    # What the verbs and grammars ask (call.Runner).

    def note(self, effect: Effect) -> None:
        """Keep an effect."""
        self.state.found.append(effect)

    def flag(self, name: str) -> None:
        """Remember something of the line as a whole."""
        self.state.flags.add(name)

    def shell(self, text: str, stdin: Flow, *, same_shell: bool = False, given: Sequence[Word] = ()) -> Flow:
        """Judge text as shell; a new shell knows nothing of this one's variables, only what it is `given`."""
        if self.state.depth >= DEPTH_MAX or len(text) > LENGTH_MAX:
            raise TooMuchError
        self.state.depth += 1
        named = {str(place): word for place, word in enumerate(given)}
        if given[1:]:
            named |= dict.fromkeys("@*", join(list(given[1:])))
        inner = Walk(self.state, self.variables if same_shell else named, self.cwd)
        if same_shell:
            inner.functions = self.functions
        flow = inner.line(text, stdin)
        if same_shell:
            self.cwd = inner.cwd
        self.state.depth -= 1
        return flow

    def try_shell(self, text: str, stdin: Flow) -> None:
        """Judge text that may be run as shell; keep only what is forbidden."""
        found, flags = self.state.found, set(self.state.flags)
        self.state.found = []
        self.shell(text, stdin)
        found.extend(effect for effect in self.state.found if effect.level is FORBIDDEN)
        self.state.found, self.state.flags = found, flags

    def assign(self, name: str, value: Word, *, for_one: bool) -> None:
        """Judge an assignment; keep it unless it holds for one command only."""
        if shell_builtins.steers(name, value):
            self.note(Effect("environment", f"{name}={value.shown}", DANGEROUS, "steers"))
        if not for_one:
            self.variables[name] = value

    def run(self, words: Sequence[Word], stdin: Flow) -> Flow:
        """Judge an argv."""
        state = self.state
        state.leaves += 1
        if state.leaves > LEAVES_MAX or state.depth > DEPTH_MAX:
            raise TooMuchError
        head = words[0]
        call = Call(self, head.shown, words[1:], stdin)
        name = self._program(head, call)
        if name is None:
            return Flow(None, call.taint)
        call.name = name
        state.depth += 1
        self._judge(call, name)
        state.depth -= 1
        return call.flow

    def _program(self, head: Word, call: Call) -> str | None:
        name = head.value
        if name is None or head.glob:
            foreign = FOREIGN & head.taint
            if foreign:
                call.forbid("exec-opaque", "+".join(sorted(foreign)), "foreign_code")
            else:
                call.danger("unresolved", head.shown, "unresolved_program")
            return None
        if "/" in name:
            folder, _, last = name.rpartition("/")
            if folder == "/etc/init.d":
                call.args = (Word(last), *call.args)
                return "service"
            if not _PROGRAM_FOLDERS.match(folder):
                call.danger("exec-opaque", name, "script_file")
                return None
            return last
        return name

    def _judge(self, call: Call, name: str) -> None:
        if name in self.functions:
            return  # its body was judged where it was defined, with unknown arguments
        known = scripts.known(name, call.args, call.stdin.text)
        if known is not None:
            for effect in known:
                self.note(effect)
            return
        builtin = shell_builtins.BUILTINS.get(name)
        if builtin is not None:
            builtin(call)
            return
        model = models.model_of(name)
        if model is None:
            call.danger("unknown", name or "''", "unknown_program")
        else:
            programs.judge(call, model, call.args)

    # What expansion asks (words.Scope).

    def text(self, node: Node) -> str:
        """Return the source text of a node."""
        return self._source[node.start_byte : node.end_byte].decode()

    def between(self, start: int, end: int) -> str:
        """Return the source text between two bytes."""
        return self._source[start:end].decode()

    def substitute(self, node: Node) -> Flow:
        """Walk a substitution, in a shell of its own."""
        kept = self.cwd, dict(self.variables)
        flow = self._sequence(node, self._stdin)
        self.cwd, self.variables = kept
        return flow

    # The walk itself.

    def line(self, text: str, stdin: Flow) -> Flow:
        """Parse and walk a text."""
        self._source = _NEGATED.sub(" ", text).encode("utf-8", "replace")
        root = _parser().parse(self._source).root_node
        if root.has_error and "<>" in text:  # the grammar does not know it; what it opens may be written
            self._source = self._source.replace(b"<>", b">")
            root = _parser().parse(self._source).root_node
        if root.has_error:
            self.note(Effect("unreadable", "", DANGEROUS, "parse_error"))
            self._salvage(root)
            return Flow(None)
        return self._sequence(root, stdin)

    def _salvage(self, node: Node) -> None:
        """Judge the commands of a text that cannot be read whole: what they do can only make it worse."""
        for child in node.children:
            if child.type == "command" and not child.has_error:
                self.walk(child, Flow(None))
            elif self.state.leaves < LEAVES_MAX:
                self._salvage(child)

    def walk(self, node: Node, stdin: Flow) -> Flow:
        """Walk a node with what flows into it; return what flows out."""
        state = self.state
        state.nesting += 1
        if state.nesting > NESTING_MAX:
            raise TooMuchError
        kept, self._stdin = self._stdin, stdin
        walker = _WALKERS.get(node.type)
        if walker is None:
            self.note(Effect("unreadable", node.type, DANGEROUS, "parse_error"))
            flow = Flow(None)
        else:
            flow = getattr(self, walker)(node, stdin)
        self._stdin = kept
        state.nesting -= 1
        return flow

    def _sequence(self, node: Node, stdin: Flow) -> Flow:
        taint, texts, known = NO_TAINT, [], True
        like: tuple[Word, ...] = ()
        for child in node.children:
            if child.is_named and child.type != "comment":
                flow = self.walk(child, stdin)
                taint |= flow.taint
                like += flow.like
                known = known and flow.text is not None
                texts.append(flow.text or "")
                if stdin.text:
                    stdin = Flow(None, stdin.taint)  # the first command may have taken some of it
        return Flow("".join(texts) if known else None, taint, like)

    def _command(self, node: Node, stdin: Flow, more: Sequence[Word] = ()) -> Flow:
        words: list[Word] = []
        assignments: list[Node] = []
        before = len(self._written)
        at = node.start_byte
        for child in node.children:
            if child.start_byte > at and self._source[at : child.start_byte].strip(b" \t\n\\"):
                self.note(Effect("unreadable", "", DANGEROUS, "parse_error"))
            at = child.end_byte
            kind = child.type
            if kind == "variable_assignment":
                assignments.append(child)
            elif kind == "herestring_redirect":
                stdin = self._herestring(child)
            elif kind == "file_redirect":
                stdin, extra = self._file(child, stdin)
                words.extend(extra)
            elif kind == "command_name":
                words.extend(expand(child.children[0], self) if child.child_count == 1 else expand(child, self))
            elif child.is_named and kind != "comment":
                words.extend(expand(child, self))
        words.extend(more)
        for assignment in assignments:
            self._assignment(assignment, for_one=bool(words), command=words[0].shape if words else "")
        flow = self.run(words, stdin) if words else EMPTY
        self._follow(flow, before)
        return flow

    def _assignment(self, node: Node, *, for_one: bool, command: str = "") -> None:
        target, value = node.children[0], node.children[-1]
        name = self.text(target)
        if target.type != "variable_name" or value.type == "array":
            self._scan(node)
            self.variables[name.partition("[")[0]] = Word(UNKNOWN)
            return
        word = expand_one(value, self) if value.is_named and value.id != target.id else Word("")
        if node.child_count > 1 and node.children[1].type == "+=":
            before = self.variables.get(name, Word(UNKNOWN))
            word = Word(before.shape + word.shape, before.taint | word.taint)
        if name == "IFS" and command != "read":
            self.note(Effect("environment", "IFS", DANGEROUS, "steers"))
        elif name != "IFS":
            self.assign(name, word, for_one=for_one)

    def _assignments(self, node: Node, stdin: Flow) -> Flow:
        for child in (node,) if node.type == "variable_assignment" else node.children:
            if child.type == "variable_assignment":
                self._assignment(child, for_one=False)
        return EMPTY

    def _declaration(self, node: Node, stdin: Flow) -> Flow:
        self._assignments(node, stdin)
        if node.child_count > 1 and node.children[1].start_byte == node.children[0].end_byte:
            self.note(Effect("unreadable", self.text(node), DANGEROUS, "parse_error"))  # `export""fs` is another program
        shows = node.type == "declaration_command"
        for child in node.children:
            shows = shows and not (child.is_named and not self._is_option(child))
            if child.type in ("raw_string", "string"):
                self._scan(child)
            if child.is_named and child.type != "variable_assignment":
                for word in expand(child, self):
                    name, equals, value = word.shape.partition("=")
                    if node.type == "unset_command" and shell_builtins.HISTORY.match(name):
                        self.note(Effect("environment", name, DANGEROUS, "steers"))
                    if equals or UNKNOWN in name:
                        self.assign(name, Word(value, word.taint), for_one=False)
        if shows:
            self.note(Effect("read-secret", self.text(node), DANGEROUS, "secret"))
            return Flow(None, frozenset(("secret",)))
        return EMPTY

    def _is_option(self, node: Node) -> bool:
        return node.type != "variable_assignment" and all(
            word.maybe_option or word.shape[:1] == "-" for word in expand(node, self)
        )

    def _pipeline(self, node: Node, stdin: Flow) -> Flow:
        flow = stdin
        for child in node.children:
            if child.is_named and child.type != "comment":
                flow = self.walk(child, flow)
        return flow

    def _substituted(self, node: Node, stdin: Flow) -> Flow:
        return self.substitute(node)


_WALKERS = {
    **dict.fromkeys(
        ("list", "if_statement", "elif_clause", "else_clause", "do_group", "negated_command", "program"), "_sequence"
    ),
    "command": "_command",
    "pipeline": "_pipeline",
    "redirected_statement": "_redirected",
    "variable_assignment": "_assignments",
    "variable_assignments": "_assignments",
    "declaration_command": "_declaration",
    "unset_command": "_declaration",
    "for_statement": "_for",
    "c_style_for_statement": "_c_style",
    "while_statement": "_while",
    "function_definition": "_function",
    "subshell": "_subshell",
    "file_redirect": "_only_file",
    "compound_statement": "_compound",
    "case_statement": "_case",
    "test_command": "_test",
}
