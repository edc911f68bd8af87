"""What SQL text does: reads, makes an index, or anything else. Also the meta commands of psql and sqlite3."""

import re
from typing import NamedTuple

from vigie.policy.call import Call
from vigie.policy.words import UNKNOWN, Word

_STRING = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|/\*(?!!).*?\*/"
_SKIP = {
    "postgres": re.compile(_STRING + r"|--[^\n]*|(?<![\w$])\$(\w*)\$.*?\$\1\$", re.DOTALL),
    "sqlite": re.compile(_STRING + r"|--[^\n]*|\[[^\]]*\]", re.DOTALL),
    "mysql": re.compile(_STRING + r"|--(?=\s)[^\n]*|#[^\n]*", re.DOTALL),
}
# Where dialects disagree about what ends a string or a comment, nothing is believed.
_DOUBTFUL = re.compile(r"\\['\"]|/\*(?:(?!\*/).)*/\*", re.DOTALL)
_READ_FIRST = frozenset(
    [
        "select",
        "explain",
        "show",
        "describe",
        "desc",
        "table",
        "values",
        "with",
        "use",
        "begin",
        "start",
        "commit",
        "end",
        "rollback",
        "help",
        "set",
        "pragma",
        "copy",
        "declare",
        "fetch",
        "close",
    ]
)
# Words that write wherever they stand in a statement, behind WITH or EXPLAIN ANALYZE too.
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|truncate|drop|alter|create|grant|revoke|replace\s+into|vacuum|reindex|refresh|call|do|execute|prepare|load|lock|attach|detach|import|comment\s+on"
    r"|into\s+(outfile|dumpfile|temp|temporary|unlogged|table|@?\w+)|for\s+(no\s+key\s+)?(update|share)|for\s+key\s+share|lock\s+in\s+share\s+mode)\b"
)
_FUNCTIONS = re.compile(
    r"\b(pg_(terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile|pg_switch_wal|pg_create_\w+|pg_drop_\w+|pg_promote|pg_(read|ls|stat)_\w*file\w*|pg_read_binary_file|pg_ls_dir|pg_file_\w+|pg_logical_\w+|pg_replication_\w+|pg_advisory_\w*lock\w*|pg_try_advisory\w*"
    r"|pg_start_backup|pg_stop_backup|pg_backup_\w+|pg_stat_reset\w*|pg_notify|pg_import_\w+|pg_wal_replay_\w+|pg_stat_statements_reset|lo_\w+|dblink\w*|setval|nextval|set_config|query_to_xml|database_to_xml|load_file|load_extension|sys_exec|sys_eval|writefile|readfile|edit|fts3_tokenizer|xp_\w+"
    r"|sleep|pg_sleep\w*|benchmark|get_lock|release_lock|master_pos_wait)\s*\("
)
_INDEX = re.compile(r"create\s+(unique\s+)?index\b")
_SETTING = re.compile(
    r"set\s+(local\s+|session\s+)?(transaction\b|session\s+characteristics\b|time\s+zone\b|names\b|(statement_timeout|lock_timeout|idle_in_transaction_session_timeout|client_min_messages|client_encoding|search_path|work_mem|enable_\w+|max_execution_time|sql_mode|profiling)\b)"
)
# The accounts of MySQL by name and rights alone: their hashes are in other columns.
_ACCOUNTS = re.compile(
    r"select\s+(?:distinct\s+)?(?:(?:user|host|plugin|account_locked|password_expired|\w+_priv)(?:\s*,\s*|\s+))+from\s+mysql\.user\b[^()]*"
)
_SECRET_TABLES = re.compile(r"\b(pg_shadow|pg_authid|mysql\.user|pg_user_mapping\w*|pg_subscription)\b|authentication_string")
_PRAGMA_READS = re.compile(
    r"pragma\s+(\w+\.)?(table_info|table_xinfo|table_list|index_list|index_info|index_xinfo|foreign_key_list|foreign_key_check|integrity_check|quick_check|database_list|compile_options|collation_list|function_list)\b(\s*\(.*\))?\s*\Z"
    r"|pragma\s+(\w+\.)?(journal_mode|page_count|page_size|freelist_count|encoding|user_version|application_id|schema_version|auto_vacuum|cache_size|synchronous|busy_timeout|foreign_keys|data_version|locking_mode|wal_autocheckpoint)\s*\Z"
)
_COPY_OUT = re.compile(r"copy\b.*\bto\s+stdout\b(?!.*\bprogram\b)", re.DOTALL)
_PSQL_READS = re.compile(
    r"\\(d[a-zA-Z]*[+S]*|l\+?|list\+?|z|sf\+?|sv\+?|conninfo|timing|x|pset|a|t|encoding|q|echo|\?|h|copyright|c|connect|errverbose|if|endif|set|unset|prompt|warn|qecho|H|f|C|T|watch)(\s|\Z)"
)
_PSQL_HARMS = re.compile(
    r"\||`|\\(g|gx|o|set)\s+\S*[|/`]|\\(copy|i|ir|o|w|e|ef|ev|s|!|cd|gexec|gset|setenv|lo_\w+|password|include|out|write|edit)\b|\\!"
)
_SQLITE_READS = re.compile(
    r"\.(tables?|schema|indexes|indices|databases|dbinfo|dbconfig|headers?|mode|width|timeout|timer|echo|bail|nullvalue|separator|show|stats|fullschema|dump|help|quit|exit|lint|sha3sum|eqp|explain|changes|print|version|vfsinfo|prompt|limit|parameter)\b"
)


class Reading(NamedTuple):
    """What a statement was read as: `read`, `index`, `write` or `secret`."""

    kind: str
    shown: str


def judge(call: Call, word: Word, dialect: str) -> None:
    """Note what a text of SQL does. `dialect` is `postgres`, `sqlite` or `mysql`."""
    for reading in readings(word.shape, dialect):
        match reading.kind:
            case "write":
                call.danger("sql", reading.shown, "sql_write")
            case "index":
                call.change("sql", reading.shown, "sql_index")
            case "secret":
                call.danger("read-secret", reading.shown, "secret")


def readings(text: str, dialect: str) -> list[Reading]:
    """Return what each statement and meta command of a text does."""
    if dialect == "mysql":
        text = re.sub(r"\\[Gg]\s*(?=;|\Z)", ";", text)
    if UNKNOWN in text or _DOUBTFUL.search(text):
        return [Reading("write", _shown(text))]
    found = []
    lines = []
    for line in text.splitlines() or [text]:
        stripped = line.strip()
        if dialect == "postgres" and stripped.startswith("\\"):
            found.append(_psql(stripped))
        elif dialect == "sqlite" and stripped.startswith("."):
            found.append(_sqlite(stripped))
        else:
            lines.append(line)
    for statement in _statements("\n".join(lines), dialect):
        if (dialect == "postgres" and re.search(r"\\[a-zA-Z!?]", statement)) or (
            dialect == "mysql" and re.search(r"(\A|\n)\s*(\\[!.TPeR]|(system|source|tee|pager|edit)\b)", statement)
        ):
            found.append(Reading("write", _shown(statement)))
        else:
            found.append(Reading(_kind(statement), _shown(statement)))
    return found


def _psql(line: str) -> Reading:
    if re.match(r"\\copy\s.*\bto\s+(p?stdout)\s*(\(|csv|with|\Z)", line, re.IGNORECASE):
        return Reading(_kind(_SKIP["postgres"].sub("''", line[1:].replace("pstdout", "stdout"))), _shown(line))
    harmless = _PSQL_READS.match(line) and not _PSQL_HARMS.search(line) and UNKNOWN not in line and "\\" not in line[1:]
    return Reading("read" if harmless else "write", _shown(line))


def _sqlite(line: str) -> Reading:
    if re.match(r"\.backup\s", line) and UNKNOWN not in line and re.search(r"\s'?[\w./:-]+'?\s*\Z", line):
        return Reading("index", _shown(line))
    harmless = _SQLITE_READS.match(line) and "|" not in line and UNKNOWN not in line
    return Reading("read" if harmless else "write", _shown(line))


def _statements(text: str, dialect: str) -> list[str]:
    """Split at semicolons outside of strings and comments.

    Strings become `''`, quoted names stay words, MySQL's `/*! … */` is code.
    """

    def blank(found: re.Match[str]) -> str:
        head = found[0][0]
        if head in "'$":
            return "''"
        if head in '"`[':
            return '"' + re.sub(r"\W", "_", found[0][1:-1]) + '"'
        return " "

    bare = _SKIP[dialect].sub(blank, text)
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


def _kind(statement: str) -> str:
    lower = statement.lower().lstrip("( \n\t")
    first = re.match(r"[a-z]+", lower)
    if first is None or "/*!" in lower:
        return "write"
    if _INDEX.match(lower):
        return "index"
    if first[0] not in _READ_FIRST:
        return "write"
    if _SECRET_TABLES.search(lower) and not _ACCOUNTS.fullmatch(lower.rstrip("; \n\t")):
        return "secret"
    return "read" if _only_reads(first[0], lower) else "write"


def _only_reads(first: str, lower: str) -> bool:
    match first:
        case "pragma":
            return _PRAGMA_READS.match(lower) is not None
        case "set":
            return _SETTING.match(lower) is not None
        case "copy":
            return _COPY_OUT.match(lower) is not None and not _WRITES.search(re.sub(r"\binto\b", "", lower))
        case "show" | "use" | "help" | "describe" | "desc":
            return "\\" not in lower
        case "start" | "begin" | "commit" | "end" | "rollback":
            return not _WRITES.search(lower)
        case _:
            return not _WRITES.search(_named(lower)) and not _FUNCTIONS.search(lower)


def _named(lower: str) -> str:
    """Return a statement without its quoted names and dotted columns, which may be called like a verb."""
    return re.sub(
        r"\"[^\"]*\"|\.\s*\w+|\b(create|update|delete|insert|replace|comment|call)\s*(?=[,)=<>])|\bas\s+\w+", " ", lower
    )


def _shown(text: str) -> str:
    line = " ".join(text.replace(UNKNOWN, "…").split())
    return line if len(line) <= 60 else line[:59] + "…"
