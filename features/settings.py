"""The environment, read once and frozen. Everything Miaohu keeps lies under one data home."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

# Words the settings table in the README is generated from: name, default, what it does.
SETTINGS: tuple[tuple[str, str, str, str], ...] = (
    ("MIAOHU_HOME", "./var", "数据目录：投递、数据湖、数据库、模型与密钥都在其中", "The data home: deliveries, lake, databases, screeners and keys"),
    ("MIAOHU_JURISDICTION", "hangzhou", "适用的政策配置（features/jurisdictions）", "The jurisdiction profile that applies (features/jurisdictions)"),
    ("MIAOHU_KEY_FILE", "$MIAOHU_HOME/keys/master.key", "主密钥文件：加密姓名与证件号、生成假名", "The master key file: seals names and numbers, makes pseudonyms"),
    ("MIAOHU_MASTER_KEY", "(none)", "主密钥，64 位十六进制数字；设置后不再读取密钥文件", "The master key as 64 hexadecimal digits; if set, the key file is not read"),
    ("MIAOHU_NEXT_MASTER_KEY", "(none)", "轮换密钥时的新主密钥，写法同上", "The master key to change to, written the same way"),
    ("MIAOHU_CIPHER", "aes-gcm", "加密姓名与证件号的算法：aes-gcm 或 sm4-gcm", "What names and numbers are sealed with: aes-gcm or sm4-gcm"),
    ("MIAOHU_PSEUDONYMS", "sha256", "生成假名的算法：sha256 或 sm3；建库后不可更改", "What pseudonyms are made with: sha256 or sm3; fixed once the store is made"),
    ("MIAOHU_REVIEW_DB", "sqlite:///$MIAOHU_HOME/review.db", "复核队列数据库地址：SQLite 文件，或 postgresql+psycopg://用户@主机/库名", "Database address of the review queue: a SQLite file, or postgresql+psycopg://user@host/database"),
    ("MIAOHU_HOST", "127.0.0.1", "服务监听地址", "The address the service listens on"),
    ("MIAOHU_PORT", "3000", "服务监听端口", "The port the service listens on"),
    ("MIAOHU_PROCESSES", "1", "由多少个进程应答请求（1 至 64）：每个占一个处理器核和约半 GB 内存，并各自计算限速", "How many processes answer requests, from 1 to 64: each takes a core and half a gigabyte, and counts rates for itself"),
    ("MIAOHU_SECURE_COOKIES", "no", "经 HTTPS 提供页面时设为 yes，登录凭据不走明文", "Set to yes when pages are served over HTTPS: the sign-in cookie then never travels in the clear"),
    ("MIAOHU_EMERGENCY_HOURS", "4", "紧急查看区域外个案的时长（1 至 24 小时）", "How long a case opened in an emergency stays open, in hours from 1 to 24"),
    ("MIAOHU_PUBLIC_URL", "http://$MIAOHU_HOST:$MIAOHU_PORT", "浏览器访问页面所用的地址，统一身份认证据此送回", "The address browsers reach the pages at; an OpenID Connect provider sends them back there"),
    ("MIAOHU_PASSWORD_SIGN_IN", "yes", "设为 no 时只能经统一身份认证登录", "Set to no when nobody may sign in but at the OpenID Connect provider"),
    ("MIAOHU_OIDC_ISSUER", "(none)", "统一身份认证（OpenID Connect）的签发方地址；设置后登录页出现其入口", "The issuer of an OpenID Connect provider; if set, the sign-in page leads there"),
    ("MIAOHU_OIDC_CLIENT_ID", "(none)", "本系统在统一身份认证处登记的编号", "What the provider knows this service as"),
    ("MIAOHU_OIDC_CLIENT_SECRET_FILE", "(none)", "存放其密钥的文件；未设置则仅用 PKCE", "The file with the secret it gave; none: PKCE alone"),
    ("MIAOHU_OIDC_CLAIM", "preferred_username", "与本地用户名对应的声明：须是本人不能自行更改的", "The claim that holds the local user name; one that people cannot change themselves"),
    ("MIAOHU_OIDC_REQUIRE", "(none)", "要求的第二因素，如 amr=mfa 或 acr=silver", "A second factor to insist on, such as amr=mfa or acr=silver"),
)  # fmt: skip


def unknown_names(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables that look like settings of ours and are none, such as a mistyped one."""
    env = os.environ if environment is None else environment
    known = {name for name, *_ in SETTINGS}
    return sorted(name for name in env if name.startswith("MIAOHU_") and name not in known)


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and says what was wanted."""


@dataclass(frozen=True)
class OidcSettings:
    """Where people sign in beside, or instead of, with a password of ours. `require`: a claim and its value."""

    issuer: str
    client_id: str
    secret_file: Path | None
    claim: str
    require: tuple[str, str] | None

    @classmethod
    def read(cls, env: Mapping[str, str]) -> "OidcSettings | None":
        """As the environment says; None where no provider is named. Raises SettingsError in plain words."""
        issuer, client_id = env.get("MIAOHU_OIDC_ISSUER", ""), env.get("MIAOHU_OIDC_CLIENT_ID", "")
        secret_file, wanted = (
            env.get("MIAOHU_OIDC_CLIENT_SECRET_FILE", ""),
            env.get("MIAOHU_OIDC_REQUIRE", ""),
        )
        if not issuer:
            return None
        if not is_safe_address(issuer) or "?" in issuer or "#" in issuer:
            raise SettingsError("MIAOHU_OIDC_ISSUER must begin with https:// (http:// on this machine only).")
        if not client_id:
            raise SettingsError("MIAOHU_OIDC_ISSUER is set, so MIAOHU_OIDC_CLIENT_ID must be set too.")
        claim, _, value = wanted.partition("=")
        if wanted and (claim not in ("amr", "acr") or not value):
            raise SettingsError("MIAOHU_OIDC_REQUIRE must be like amr=mfa or acr=silver.")
        return cls(
            issuer=issuer,
            client_id=client_id,
            secret_file=Path(secret_file).expanduser() if secret_file else None,
            claim=env.get("MIAOHU_OIDC_CLAIM", "preferred_username"),
            require=(claim, value) if wanted else None,
        )


def is_safe_address(url: str) -> bool:
    """Whether what is sent to this address is sealed on its way, or does not leave this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host) and parts.username is None
    return parts.scheme == "http" and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class Settings:
    """All settings, resolved. Paths are absolute; nothing is created by reading them."""

    home: Path
    jurisdiction: str
    key_file: Path
    # It may hold a password.
    review_url: str = field(repr=False)
    host: str
    port: int
    secure_cookies: bool
    cipher: str = "aes-gcm"
    pseudonyms: str = "sha256"
    master_key: str = field(default="", repr=False)
    next_master_key: str = field(default="", repr=False)
    public_url: str = ""
    password_sign_in: bool = True
    oidc: OidcSettings | None = None
    emergency_hours: int = 4
    processes: int = 1

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment (the process's own by default). Raises SettingsError in plain words."""
        env = os.environ if environment is None else environment
        home = Path(env.get("MIAOHU_HOME", "./var")).expanduser().resolve()
        port = env.get("MIAOHU_PORT", "3000")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise SettingsError(f"MIAOHU_PORT must be a number from 1 to 65535, not {port!r}.")
        secure = env.get("MIAOHU_SECURE_COOKIES", "no")
        if secure not in ("yes", "no"):
            raise SettingsError(f"MIAOHU_SECURE_COOKIES must be yes or no, not {secure!r}.")
        cipher, pseudonyms = env.get("MIAOHU_CIPHER", "aes-gcm"), env.get("MIAOHU_PSEUDONYMS", "sha256")
        if cipher not in ("aes-gcm", "sm4-gcm"):
            raise SettingsError(f"MIAOHU_CIPHER must be aes-gcm or sm4-gcm, not {cipher!r}.")
        if pseudonyms not in ("sha256", "sm3"):
            raise SettingsError(f"MIAOHU_PSEUDONYMS must be sha256 or sm3, not {pseudonyms!r}.")
        hours = env.get("MIAOHU_EMERGENCY_HOURS", "4")
        if not hours.isdigit() or not 1 <= int(hours) <= 24:
            raise SettingsError(f"MIAOHU_EMERGENCY_HOURS must be a number from 1 to 24, not {hours!r}.")
        processes = env.get("MIAOHU_PROCESSES", "1")
        if not processes.isdigit() or not 1 <= int(processes) <= 64:
            raise SettingsError(f"MIAOHU_PROCESSES must be a number from 1 to 64, not {processes!r}.")
        host, oidc = env.get("MIAOHU_HOST", "127.0.0.1"), OidcSettings.read(env)
        if not host:
            raise SettingsError("MIAOHU_HOST must be an address or a name of this machine; it is empty.")
        public_url = env.get("MIAOHU_PUBLIC_URL", f"http://{host}:{port}").rstrip("/")
        if not public_url.startswith(("https://", "http://")):
            raise SettingsError("MIAOHU_PUBLIC_URL must begin with https:// or http://.")
        passwords = env.get("MIAOHU_PASSWORD_SIGN_IN", "yes")
        if passwords not in ("yes", "no"):
            raise SettingsError(f"MIAOHU_PASSWORD_SIGN_IN must be yes or no, not {passwords!r}.")
        if passwords == "no" and oidc is None:
            raise SettingsError("MIAOHU_PASSWORD_SIGN_IN is no, so MIAOHU_OIDC_ISSUER must be set.")
        return cls(
            home=home,
            jurisdiction=env.get("MIAOHU_JURISDICTION", "hangzhou"),
            key_file=Path(env.get("MIAOHU_KEY_FILE", str(home / "keys" / "master.key"))).expanduser(),
            review_url=env.get("MIAOHU_REVIEW_DB", f"sqlite:///{home / 'review.db'}"),
            host=host,
            port=int(port),
            secure_cookies=secure == "yes",
            cipher=cipher,
            pseudonyms=pseudonyms,
            master_key=env.get("MIAOHU_MASTER_KEY", ""),
            next_master_key=env.get("MIAOHU_NEXT_MASTER_KEY", ""),
            public_url=public_url,
            password_sign_in=passwords == "yes",
            oidc=oidc,
            emergency_hours=int(hours),
            processes=int(processes),
        )

    @property
    def deliveries(self) -> Path:
        """Department deliveries as they arrive; the deployer's."""
        return self.home / "deliveries"

    @property
    def study(self) -> Path:
        """What the deployment states of itself for the evaluation report."""
        return self.home / "study.toml"

    @property
    def areas(self) -> Path:
        """The deployer's table of area names."""
        return self.home / "areas.csv"

    @property
    def truth(self) -> Path:
        """Planted truth of a simulated county; no step of the pipeline reads it."""
        return self.home / "truth"

    @property
    def lake(self) -> Path:
        """Accepted, pseudonymous records in Parquet."""
        return self.home / "lake"

    @property
    def quarantine(self) -> Path:
        """Refused rows, encrypted."""
        return self.home / "quarantine"

    @property
    def reports(self) -> Path:
        """Intake, evaluation and round reports."""
        return self.home / "reports"

    @property
    def identity_url(self) -> str:
        """Database address of the identity store, the one place that holds names and numbers."""
        return f"sqlite:///{self.home / 'identity.db'}"

    @property
    def matrices(self) -> Path:
        """Feature matrices, one Parquet file per as-of date."""
        return self.home / "matrices"

    @property
    def mlflow_url(self) -> str:
        """MLflow's tracking and registry database."""
        return f"sqlite:///{self.home / 'mlflow.db'}"

    @property
    def mlflow_artifacts(self) -> Path:
        """Where MLflow keeps artefacts."""
        return self.home / "mlflow"

    @property
    def champions(self) -> Path:
        """Promoted screeners, exported from the registry; what serving loads."""
        return self.home / "champions"
