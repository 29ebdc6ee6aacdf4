"""Reading policy files: YAML in, policies out, and every fault with its file and line.

Scalars are read as they are written, whatever YAML would make of them: `N` and `no` stay words,
`332` and `"332"` are the same authority.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar, get_args, get_type_hints

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from escalation_service.measures.domain import MEASURES, Measure
from escalation_service.policies import domain
from escalation_service.policies.domain import Policies, Policy, Rule
from escalation_service.policies.repository import words

_POLICY_KEYS: Final = ("policy", "version", "authority", "in_force_from", "source", "rules")

_CODES: Final = tuple[str, ...]
"""The kind of value of a measure that takes codes of absence."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One thing wrong in a policy file; lines count from 1."""

    file: Path
    line: int
    detail: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.detail}"


class PolicyFilesInvalid(Exception):
    """Policy files that cannot be used, with every fault that was found."""

    def __init__(self, faults: Sequence[PolicyFault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def load_policies(folder: Path) -> Policies:
    """Read every `*.yaml` file of a folder, one version of one policy each.

    Raises `PolicyFilesInvalid` with all faults of all files; none is then used, for a council must
    not run on half of its policy. A folder without policies is a fault too.
    """
    readers = [_Reader(path) for path in sorted(folder.glob("*.yaml"))]
    read = [(reader, reader.policy()) for reader in readers]
    faults = [fault for reader in readers for fault in reader.faults]
    if not readers:
        faults.append(PolicyFault(folder, 1, "There are no policies (`*.yaml`) in this folder."))
    if not faults:
        place_of = {id(policy): reader for reader, policy in read}
        faults = [
            PolicyFault(place_of[id(policy)].path, place_of[id(policy)].first_line, clash)
            for policy, clash in domain.clashes([policy for _, policy in read])
        ]
    if faults:
        raise PolicyFilesInvalid(faults)
    return Policies(tuple(policy for _, policy in read))


class _Reader:
    """Reads one file and collects what is wrong with it.

    A value that cannot be read is a fault and a stand-in, so that one reading finds all faults; a
    policy with faults is never used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first_line = 1
        self.faults: list[PolicyFault] = []

    def policy(self) -> Policy:
        fields = self._fields(self._document(), _POLICY_KEYS, "A policy file")
        return Policy(
            name=self._value(fields, "policy", words.a_name, ""),
            version=self._value(fields, "version", words.a_whole_number, 0),
            authority=self._value(fields, "authority", words.an_authority, ""),
            in_force_from=self._value(fields, "in_force_from", words.a_day, date.min),
            source=self._value(fields, "source", words.some_text, ""),
            rules=tuple(self._rules(fields.get("rules"))),
        )

    def _document(self) -> Node | None:
        try:
            document = yaml.compose(self.path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except (yaml.MarkedYAMLError, UnicodeDecodeError, yaml.reader.ReaderError) as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "the file is not text in UTF-8"
            self._fault(0 if mark is None else mark.line, f"This is not YAML: {problem}.")
            return None
        if document is None:
            self._fault(0, "The file is empty; a policy file is a mapping.")
        return document

    def _rules(self, node: Node | None) -> list[Rule]:
        rules: list[Rule] = []
        names: set[str] = set()
        for item in self._items(node, "`rules`"):
            measure = self._measure_named(item)
            parameters = get_type_hints(measure)
            keys = ("rule", "title", *parameters, "case_for")
            fields = self._fields(item, keys, "A rule", may_have=("measure",))
            rule = Rule(
                name=self._value(fields, "rule", words.a_name, ""),
                title=self._value(fields, "title", words.some_text, ""),
                measure=measure(
                    **{key: self._parameter(fields, key, kind) for key, kind in parameters.items()}
                ),
            )
            self._value(fields, "case_for", words.a_choice("attendance-lead"), "")
            if rule.name and rule.name in names:
                self._fault_at(fields["rule"], f"There is already a rule `{rule.name}`.")
            names.add(rule.name)
            rules.append(rule)
        return rules

    def _measure_named(self, rule: Node) -> Callable[..., Measure]:
        """Find which measure a rule names; one that names none adds up sessions."""
        named = rule.value if isinstance(rule, MappingNode) else []
        for key, value in named:
            if key.value == "measure":
                a_measure = words.a_choice(*MEASURES)
                return MEASURES[self._scalar(value, "`measure`", a_measure, "sessions")]
        return MEASURES["sessions"]

    def _parameter(self, fields: dict[str, Node], key: str, kind: object) -> object:
        """Read what a measure is told by a key, by the kind of value it takes."""
        if kind == _CODES:
            return tuple(self._codes(fields.get(key), f"`{key}`"))
        if kind is int:
            return self._value(fields, key, words.a_whole_number, 0)
        return self._value(fields, key, words.a_choice(*get_args(kind)), "")

    def _codes(self, node: Node | None, what: str) -> list[str]:
        codes: list[str] = []
        for item in self._items(node, what):
            code = self._scalar(item, "A code", words.a_code_of_absence, "")
            if code and code in codes:
                self._fault_at(item, f"The code {code} is already in the list.")
            codes.append(code)
        return codes

    def _items(self, node: Node | None, what: str) -> list[Node]:
        if node is None:
            return []
        if not isinstance(node, SequenceNode) or not node.value:
            self._fault_at(node, f"{what} is a list of at least one.")
            return []
        return list(node.value)

    def _fields(
        self, node: Node | None, keys: Sequence[str], what: str, *, may_have: Sequence[str] = ()
    ) -> dict[str, Node]:
        """Read a mapping that has exactly these keys; what is missing, odd or double is a fault."""
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            self._fault_at(node, f"{what} is a mapping with the keys {', '.join(keys)}.")
            return {}
        fields: dict[str, Node] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            if key not in (*keys, *may_have):
                self._fault_at(key_node, f"`{key}` is not a key of this.{_meant(key, keys)}")
            elif key in fields:
                self._fault_at(key_node, f"`{key}` stands here twice.")
            fields[key] = value
        for key in keys:
            if key not in fields:
                self._fault_at(node, f"{what} needs the key `{key}`.")
        return fields

    def _value(self, fields: dict[str, Node], key: str, read: Callable[[str], T], stand_in: T) -> T:
        node = fields.get(key)
        return stand_in if node is None else self._scalar(node, f"`{key}`", read, stand_in)

    def _scalar(self, node: Node, what: str, read: Callable[[str], T], stand_in: T) -> T:
        if not isinstance(node, ScalarNode):
            self._fault_at(node, f"{what} is a single value.")
            return stand_in
        try:
            return read(node.value.strip())
        except words.Unfit as unfit:
            self._fault_at(node, f"{what} is {unfit}.")
            return stand_in

    def _fault_at(self, node: Node, detail: str) -> None:
        self._fault(node.start_mark.line, detail)

    def _fault(self, line_from_zero: int, detail: str) -> None:
        self.faults.append(PolicyFault(self.path, line_from_zero + 1, detail))


def _meant(key: str, keys: Sequence[str]) -> str:
    close = get_close_matches(key, keys, n=1)
    return f" Is `{close[0]}` meant?" if close else f" The keys are {', '.join(keys)}."
