"""What a shell does with commands: loops, branches, functions and tests. `walk.py` is the walk that this is a part of."""

from abc import ABC, abstractmethod

from tree_sitter import Node

from vigie.policy import shell_builtins
from vigie.policy.call import EMPTY
from vigie.policy.effects import DANGEROUS, FORBIDDEN, SAFE, Effect
from vigie.policy.words import NO_TAINT, UNKNOWN, Flow, Word, expand, join

_LOOPS_MAX = 8


class Control(ABC):
    """The part of a walk that decides how often, and with what known, a command is walked."""

    variables: dict[str, Word]
    functions: set[str]
    cwd: str | None

    @abstractmethod
    def text(self, node: Node) -> str:
        """Return the source text of a node."""

    @abstractmethod
    def between(self, start: int, end: int) -> str:
        """Return the source text between two bytes."""

    @abstractmethod
    def note(self, effect: Effect) -> None:
        """Keep an effect."""

    @abstractmethod
    def assign(self, name: str, value: Word, *, for_one: bool) -> None:
        """Judge an assignment; keep it unless it holds for one command only."""

    @abstractmethod
    def substitute(self, node: Node) -> Flow:
        """Walk a substitution, in a shell of its own."""

    @abstractmethod
    def walk(self, node: Node, stdin: Flow) -> Flow:
        """Walk a node with what flows into it; return what flows out."""

    @abstractmethod
    def _sequence(self, node: Node, stdin: Flow) -> Flow:
        """Walk the children of a node, one after the other."""

    def _for(self, node: Node, stdin: Flow) -> Flow:
        name = self.text(node.children[1])
        values = [
            word for child in node.children[2:] if child.is_named and child.type != "do_group" for word in expand(child, self)
        ]
        body = node.children[-1]
        if values and len(values) <= _LOOPS_MAX and all(word.value is not None and not word.glob for word in values):
            flow = EMPTY
            for value in values:
                self.assign(name, value, for_one=False)
                flow = self.walk(body, stdin)
            return Flow(None, flow.taint)
        self.assign(name, join(values), for_one=False)
        return Flow(None, self.walk(body, stdin).taint)

    def _while(self, node: Node, stdin: Flow) -> Flow:
        condition = next((child for child in node.children if child.is_named), None)
        if condition is not None and self.text(condition).strip() in ("true", ":", "false"):
            self.note(Effect("unbounded", "loop", SAFE, "unbounded"))
        for child in node.children:
            if child.is_named:
                self._forget(child)
        return Flow(None, self._sequence(node, stdin).taint)

    def _forget(self, node: Node) -> None:
        """Take back what is known of variables that a loop's body sets: they change between its rounds."""
        for child in node.children:
            if child.type == "variable_assignment":
                self.variables[self.text(child.children[0])] = Word(UNKNOWN)
            elif child.child_count:
                self._forget(child)

    def _function(self, node: Node, stdin: Flow) -> Flow:
        name = next(self.text(child) for child in node.children if child.type == "word")
        self.functions.add(name)
        body = node.children[-1]
        if self._calls_itself(body, name) and self._spreads(body):
            self.note(Effect("fork-bomb", name, FORBIDDEN, "fork_bomb"))
        kept = self.cwd, dict(self.variables)
        self._forget(body)
        self.walk(body, Flow(None))
        self.cwd, self.variables = kept
        self._forget(body)
        return EMPTY

    def _calls_itself(self, node: Node, name: str) -> bool:
        if node.type == "command_name" and self.text(node) == name:
            return True
        return any(self._calls_itself(child, name) for child in node.children)

    def _spreads(self, node: Node) -> bool:
        return node.type in ("pipeline", "&") or any(self._spreads(child) for child in node.children)

    def _subshell(self, node: Node, stdin: Flow) -> Flow:
        kept = self.cwd, dict(self.variables)
        flow = self._sequence(node, stdin)
        self.cwd, self.variables = kept
        return flow

    def _compound(self, node: Node, stdin: Flow) -> Flow:
        if node.children[0].type == "((":
            self._scan(node)
            return EMPTY
        return self._sequence(node, stdin)

    def _case(self, node: Node, stdin: Flow) -> Flow:
        self._scan(node.children[1])
        items = [self._branch(child, stdin) for child in node.children if child.type == "case_item"]
        return Flow(None, NO_TAINT.union(*(flow.taint for flow in items)))

    def _branch(self, node: Node, stdin: Flow) -> Flow:
        patterns = True
        taint = NO_TAINT
        for child in node.children:
            if child.type == ")":
                patterns = False
            elif patterns:
                self._scan(child)
            elif child.is_named:
                taint |= self.walk(child, stdin).taint
        return Flow(None, taint)

    def _test(self, node: Node, stdin: Flow) -> Flow:
        self._scan(node)
        return EMPTY

    def _scan(self, node: Node) -> None:
        """Walk the substitutions below a node that is itself harmless."""
        if node.type in ("command_substitution", "process_substitution"):
            self.substitute(node)
            return
        if node.type in ("raw_string", "string") and shell_builtins.SUBSCRIPT.search(self.text(node)):
            self.note(Effect("exec-opaque", self.text(node), DANGEROUS, "opaque"))
        for child in node.children:
            self._scan(child)

    def _c_style(self, node: Node, stdin: Flow) -> Flow:
        for child in node.children[:-1]:
            self._scan(child)
        self._forget(node)
        return Flow(None, self.walk(node.children[-1], stdin).taint)
