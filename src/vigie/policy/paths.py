"""What a path means for safety: a secret, an account file, a log that is evidence, a device, the system itself.

The lists are general knowledge of Unix hosts. A pattern or an unknown part counts as the worst that it can become.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache

from vigie.policy.words import UNKNOWN

# What a script is called that is read from standard input.
STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")


class PathKind(StrEnum):
    """What stands at a path, worst first where several are true."""

    SINK = "sink"
    DEVICE = "device"
    KERNEL = "kernel"
    ACCOUNTS = "accounts"
    TRACES = "traces"
    SECRET = "secret"  # noqa: S105  # a word, not a password
    WAY_IN = "way-in"
    PERSISTENCE = "persistence"
    SYSTEM = "system"
    SETTINGS = "settings"
    SCRATCH = "scratch"
    OTHER = "other"


_SINKS = re.compile(r"/dev/(null|zero|full|stdout|stderr|stdin|tty|fd/\d+|pts/\d+)\Z|/proc/self/fd/\d+\Z")
_DEVICE = re.compile(r"/dev/(?!shm/|null|std|fd/|tty|pts/|zero|full|u?random|log\b|tcp/|udp/).+|/dev/?\Z")
_KERNEL = re.compile(r"/(proc|sys)(/|\Z)")
_ACCOUNTS = re.compile(r"/etc/(passwd|shadow|group|gshadow|sudoers|subuid|subgid)-?\Z|/etc/sudoers\.d(/|\Z)")
_TRACES = re.compile(
    r"/var/log/?\Z|/var/log/(auth\.log|secure|wtmp|btmp|lastlog|faillog|tallylog|audit|sudo|journal|messages|syslog|kern\.log)([./\-0-9]|\Z)"
    r"|.*/\.(bash|zsh|sh|python|mysql|psql|rediscli|ash|ksh|node_repl)_?history\Z|/var/run/utmp\Z|/run/utmp\Z|/run/log/journal(/|\Z)|/var/account/"
)
_SECRET = re.compile(
    r"/etc/g?shadow-?\Z|(.*/)?\.(ssh|gnupg|aws|azure|password-store)\Z|/etc/security/opasswd\Z|.*/etc/ssh/ssh_host_\w+_key\Z|(.*/)?\.ssh/id_[\w-]+\Z|(.*/)?id_(rsa|dsa|ecdsa|ed25519)\Z"
    r"|(.*/)?\.env(\.(?!example|sample|dist|template)[\w.-]+)?\Z|(.*/)?[\w.-]*\.env\Z"
    r"|/proc/[^/]+/(environ|mem)\Z|/proc/kcore\Z|/dev/(mem|kmem|port)\Z"
    r"|(.*/)?\.(pgpass|my\.cnf|mylogin\.cnf|netrc|git-credentials|htpasswd|npmrc|pypirc|vault-token|s3cfg|boto)\Z"
    r"|(.*/)?\.(aws|azure)/(credentials|config|accessTokens\.json)\Z|(.*/)?\.(docker/config\.json|kube/config|gnupg(/.*)?|config/gcloud(/.*)?)\Z"
    r"|/etc/kubernetes/[\w-]+\.conf\Z|/etc/rancher/k3s/k3s\.yaml\Z|/var/lib/rancher/k3s/server/(token|node-token)\Z"
    r"|/etc/ssl/private(/.*)?\Z|(.*/)?(privkey\d*|server-key|[\w.-]*private[\w.-]*)\.pem\Z|(.*/)?[\w.-]+\.(key|p12|pfx|jks|kdbx|keystore|keytab|ppk)\Z"
    r"|/etc/(mysql|mariadb)/debian\.cnf\Z|/etc/wireguard/.*|/etc/(ppp/(chap|pap)-secrets|ipsec\.secrets|exim4/passwd\.client|postfix/sasl_passwd)\Z"
    r"|(.*/)?(wp-config\.php|[\w.-]*\.tfvars|terraform\.tfstate(\.backup)?|tomcat-users\.xml|rclone\.conf|\.htpasswd|\.vault_pass(\.txt)?|parameters\.ya?ml|local-config\.php|settings\.local\.php|database\.yml)\Z"
    r"|/run/secrets(/.*)?\Z|/var/run/secrets(/.*)?\Z|(.*/)?(secrets?|credentials?|master)\.(ya?ml|json|key|toml|ini|txt)\Z|/etc/krb5\.keytab\Z"
    r"|/var/lib/(sss/secrets|private)(/.*)?\Z|(.*/)?\.password-store(/.*)?\Z"
)
_PUBLIC = re.compile(r".*\.pub\Z")
_WAY_IN = re.compile(
    r"/etc/ssh(/|\Z)|(.*/)?\.ssh(/|\Z)|/etc/(pam\.d|security|network|netplan|NetworkManager|systemd/network)(/|\Z)|/etc/(pam\.conf|login\.defs|nsswitch\.conf|hosts\.(allow|deny)|securetty|nologin|nftables\.conf)\Z"
    r"|/etc/(iptables|ufw|firewalld|fail2ban)(/|\Z)"
)
_PERSISTENCE = re.compile(
    r"/etc/cron[\w.]*(/|\Z)|/var/spool/(cron|at|anacron)(/|\Z)|/etc/anacrontab\Z|/(etc|lib|usr/lib|run)/systemd(/|\Z)|(.*/)?\.config/(systemd|autostart)(/|\Z)"
    r"|/etc/(init\.d|rc\d?\.d|rc\.local|profile|profile\.d|bash\.bashrc|environment|inittab|ld\.so\.(preload|conf|conf\.d)|modules|modules-load\.d|modprobe\.d|sysctl\.(conf|d)|udev|init|update-motd\.d|skel)(/|\Z)"
    r"|(.*/)?\.(bashrc|bash_profile|profile|bash_login|bash_logout|zshrc|zshenv|zprofile|kshrc|cshrc|tcshrc|inputrc|vimrc|gitconfig|forward|pam_environment|xinitrc|rhosts)\Z"
    r"|(.*/)?\.git/hooks(/|\Z)|/etc/apt/apt\.conf(\.d)?(/|\Z)|/etc/(sv|service|runit|s6|supervisor)(/|\Z)"
)
_SYSTEM = re.compile(
    r"/(bin|sbin|lib\w*|boot|usr|run/systemd|nix|snap)(/|\Z)|/(vmlinuz|initrd)|/var/lib/(dpkg|apt|rpm|systemd|docker|containerd)(/|\Z)|/usr\Z"
)
_LOCAL = re.compile(r"/usr/local/(share|etc|src|var)/|/usr/src/")
_SCRATCH = re.compile(r"/(tmp|var/tmp|dev/shm)/.+|/(tmp|var/tmp|dev/shm)/?\Z")
# Whole trees whose recursive loss is the loss of the host, or of everybody's work on it.
_TREES = re.compile(
    r"(/|/\*|/\.|/\.\*|/(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|opt|proc|root|run|sbin|srv|sys|usr|var|nix|mnt|media)"
    r"|/usr/(bin|sbin|lib|lib32|lib64|share|local|libexec|include)|/usr/local/(bin|sbin|lib)"
    r"|/var/(lib|log|spool|cache|www|mail|backups)|/var/lib/(dpkg|apt|systemd|mysql|postgresql|docker)|/lib/(systemd|modules)|/etc/(systemd|ssh|pam\.d)|/home/\*)(/\*|/\.|/\.\*)?/?"
)
_DATA_TREES = re.compile(
    r"/(home|opt|srv|mnt|media|proc|run)|/var/(www|spool|cache|mail|backups)|/var/lib/(mysql|postgresql|docker)"
)

_OPEN = frozenset(f"*?[{UNKNOWN}")
_SECRET_NAMES = ("privkey.pem", "id_rsa", "id_ed25519", "server.key", ".env")

_ROOT_AGAIN = re.compile(r"(/proc/[^/]+/root(?=/|\Z))+")  # the root of the host, by another way

# Stand-ins for what a pattern or an unknown part can become.
_EXEMPLARS: dict[PathKind, tuple[str, ...]] = {
    PathKind.ACCOUNTS: ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/gshadow"),
    PathKind.SECRET: (
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/ssh/ssh_host_rsa_key",
        "/root/.ssh/id_rsa",
        "~/.ssh/id_rsa",
        "/proc/1/environ",
        "/proc/self/environ",
        "/etc/ssl/private/x.key",
        ".env",
    ),
    PathKind.DEVICE: ("/dev/sda", "/dev/vda", "/dev/nvme0n1"),
    PathKind.TRACES: (
        "/var/log/auth.log",
        "/var/log/secure",
        "/var/log/wtmp",
        "/var/log/btmp",
        "/root/.bash_history",
        "~/.bash_history",
    ),
}
_RULES: tuple[tuple[PathKind, re.Pattern[str]], ...] = (
    (PathKind.SINK, _SINKS),
    (PathKind.SECRET, _SECRET),
    (PathKind.ACCOUNTS, _ACCOUNTS),
    (PathKind.DEVICE, _DEVICE),
    (PathKind.KERNEL, _KERNEL),
    (PathKind.TRACES, _TRACES),
    (PathKind.WAY_IN, _WAY_IN),
    (PathKind.PERSISTENCE, _PERSISTENCE),
    (PathKind.SYSTEM, _SYSTEM),
    (PathKind.SCRATCH, _SCRATCH),
    (PathKind.SETTINGS, re.compile(r"/etc(/|\Z)")),
)


@lru_cache(maxsize=8192)
def normal(path: str, cwd: str | None = None) -> str:
    """Return an absolute path without `.`, `..` and doubled slashes; relative to `cwd` when that is known."""
    if not path:
        return path
    if not path.startswith(("/", "~", UNKNOWN)) and cwd:
        path = f"{cwd.rstrip('/')}/{path}"
    if path.startswith("/proc/"):
        path = _ROOT_AGAIN.sub("", path) or "/"
    if "//" not in path and "/." not in path and not path.startswith("./"):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] not in ("..", "", "~") and UNKNOWN not in parts[-1]:
            parts.pop()
        elif (part == ".." and parts == [""]) or part == "." or (not part and parts):
            continue
        else:
            parts.append(part)
    return "/".join(parts) or "/"


@lru_cache(maxsize=8192)
def kind_of(path: str, *, is_pattern: bool = False) -> PathKind:
    """Return what stands at a normal path; a pattern or an unknown part counts as the worst it can become."""
    if is_pattern or not _OPEN.isdisjoint(path):
        worst = _worst(path)
        if worst is not None:
            return worst
    if path.startswith("/usr/") and _LOCAL.match(path):
        return PathKind.OTHER
    for kind, rule in _RULES:
        if rule.match(path) and not (kind is PathKind.SECRET and _PUBLIC.match(path)):
            return PathKind.ACCOUNTS if kind is PathKind.SECRET and _ACCOUNTS.match(path) else kind
    return PathKind.OTHER


@lru_cache(maxsize=4096)
def is_secret(path: str, *, is_pattern: bool = False) -> bool:
    """Say whether reading this path can show a secret."""
    if _SECRET.match(path) and not _PUBLIC.match(path):
        return True
    is_pattern = is_pattern or not _OPEN.isdisjoint(path)
    if is_pattern and _SECRET.match(_filled(path)) and not _PUBLIC.match(path):
        return True
    if not is_pattern:
        return False
    return _worst(path, (PathKind.SECRET,)) is not None or _takes_in_a_secret(path.rpartition("/")[2])


@lru_cache(maxsize=4096)
def may_be_secret(shape: str) -> bool:
    """Say whether a word that begins with something unknown, which may hold slashes, can be the path of a secret."""
    return shape.startswith(UNKNOWN) and any(
        fnmatchcase(path, shape.replace(UNKNOWN, "*")) for path in _EXEMPLARS[PathKind.SECRET]
    )


def followed(path: str, links: Mapping[str, str]) -> str:
    """Return where a normal path leads by the links that are known."""
    for _ in range(len(links)):
        link = next((link for link in links if path == link or path.startswith(f"{link}/")), None)
        if link is None:
            break
        path = normal(links[link] + path[len(link) :])
    return path


def found_by_name(folder: str, name: str) -> list[str]:
    """Return paths of note below a folder whose last part fits a pattern: what a search by name can find."""
    below = folder.rstrip("/") + "/"
    known = (*_EXEMPLARS[PathKind.SECRET], *_EXEMPLARS[PathKind.ACCOUNTS])
    return [path for path in known if path.startswith(below) and fnmatchcase(path.rpartition("/")[2], name)]


def _takes_in_a_secret(name: str) -> bool:
    """Say whether a pattern of names, more than `*` alone, fits a name that secrets usually have."""
    return any(letter.isalnum() for letter in name) and any(fnmatchcase(secret, name) for secret in _SECRET_NAMES)


@lru_cache(maxsize=4096)
def is_tree(path: str) -> bool:
    """Say whether a normal path is `/`, or a tree without which the host does not live."""
    return _TREES.fullmatch(path.rstrip("/") or "/") is not None


@lru_cache(maxsize=4096)
def is_system_tree(path: str) -> bool:
    """Say whether a tree belongs to the system itself, not to the data people keep on it."""
    stripped = path.rstrip("/") or "/"
    if stripped.startswith("~/.."):
        return True
    bare = re.sub(r"/(\*|\.|\.\*)\Z", "", stripped)
    return is_tree(path) and not _DATA_TREES.fullmatch(bare)


def _worst(
    path: str, kinds: tuple[PathKind, ...] = (PathKind.ACCOUNTS, PathKind.DEVICE, PathKind.SECRET, PathKind.TRACES)
) -> PathKind | None:
    # A path of which nothing is known before its first unknown stands for no path in particular.
    if not path.startswith(("/", "~", ".")):
        return None
    pattern = path.replace(UNKNOWN, "*")
    if pattern.strip("/*") == "":
        return None
    for kind in kinds:
        if any(fnmatchcase(example, pattern) and _same_depth(example, pattern) for example in _EXEMPLARS[kind]):
            return kind
    return None


def _filled(path: str) -> str:
    """Return a path with a letter wherever something is unknown: `/srv/*.key` is a key whatever its name."""
    return re.sub(r"\[[^\]]*\]|[*?\x00]", "x", path)


def _same_depth(example: str, pattern: str) -> bool:
    # The host's `*` does not cross a slash.
    return example.count("/") == pattern.count("/") and all(
        fnmatchcase(part, wanted) for part, wanted in zip(example.split("/"), pattern.split("/"), strict=True)
    )
