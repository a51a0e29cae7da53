"""The threats this system is built against, each with the property that answers it, its module and its test.

SECURITY.md is written from these rows and from the table of access; a test holds every row to a module and a
test that exist. What no code can answer is said there too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from features.language import Text
from serving.review.access import MACHINES, Group, on_asking, table_markdown

SECURITY_FILE = Path(__file__).parents[1] / "SECURITY.md"


@dataclass(frozen=True)
class Threat:
    """Who might do what; the property that holds; where it is carried, and the test (`file::name`) of it."""

    what: Text
    holds: Text
    module: str
    test: str


THREATS: tuple[Threat, ...] = (
    Threat(
        Text("磁盘、备份或数据库文件被拿走", "Somebody takes a disk, a backup or a database file"),
        Text("姓名和证件号逐个儿童加密，别处只有假名", "Names and numbers are sealed child by child; elsewhere are pseudonyms"),
        "features/identity.py",
        "tests/integration/test_identity_store.py::test_no_name_or_number_stands_in_the_database_file",
    ),
    Threat(
        Text("姓名混入日志、报告、模型或指标", "A name slips into a log, report, screener or metric"),
        Text("一万个假名假号过全流程，处处搜不到", "Ten thousand planted names and numbers are found nowhere they do not belong"),
        "serving/door.py",
        "tests/integration/test_privacy_plant.py::test_no_planted_name_or_number_stands_in_any_file_of_the_data_home",
    ),
    Threat(
        Text("错误请求被原样记下或回显", "A bad request is logged or echoed as it came"),
        Text("只说字段名和应有的样子", "Only the field and what was wanted are said"),
        "serving/problems.py",
        "tests/integration/test_service_door.py::test_a_log_line_tells_where_a_request_failed_and_nothing_that_was_sent",
    ),
    Threat(
        Text("工作人员查看无关的孩子", "Staff look at children who are not theirs"),
        Text("一张权限表决定每页每栏；每次打开要有目的并留痕", "One table decides every field of every page; opening takes a purpose and is logged"),
        "serving/review/access.py",
        "tests/web/test_who_sees_what.py::test_a_page_shows_what_the_table_shows_and_nothing_else",
    ),
    Threat(
        Text("借紧急之名随意查看", "Emergencies are used as an excuse"),
        Text("限时、只读、逐次复核", "Opened for hours, to read only, and each is reviewed"),
        "serving/review/emergency.py",
        "tests/web/test_emergency_pages.py::test_it_is_for_reading_and_a_mandatory_report_and_nothing_else",
    ),
    Threat(
        Text("有人篡改或删去操作记录", "Somebody edits or removes what the log says"),
        Text("只增不改，哈希相连，每天核对", "Append-only, chained by hashes, looked over every day"),
        "serving/review/audit.py",
        "tests/integration/test_store_of_cases.py::test_a_log_that_was_tampered_with_is_found_out",
    ),
    Threat(
        Text("连同日志末尾一起截断", "The end of the log is cut off with its head"),
        Text("外部见证可发现", "A witness kept elsewhere finds it out"),
        "serving/review/checking.py",
        "tests/integration/test_store_of_cases.py::test_a_log_cut_off_together_with_its_head_is_found_out_by_a_witness",
    ),
    Threat(
        Text("猜密码", "Passwords are guessed"),
        Text("Argon2id，五次后暂停，回答不泄露账号是否存在", "Argon2id, a pause after five failures, one answer for all"),
        "serving/review/accounts.py",
        "tests/web/test_review_pages.py::test_after_five_wrong_passwords_the_right_one_waits",
    ),
    Threat(
        Text("伪造或截获身份提供方的登录", "A sign-in at the provider is forged or caught"),
        Text("签名、nonce、PKCE 逐项核对", "Signature, nonce and PKCE are checked"),
        "serving/oidc.py",
        "tests/integration/test_signing_in_at_a_provider.py::test_a_token_that_does_not_fit_opens_nothing",
    ),
    Threat(
        Text("别的网站借用户之手提交", "Another site acts through a signed-in browser"),
        Text("每张表单有令牌并核对来源", "Every form has a token, and its origin is looked at"),
        "serving/web/guard.py",
        "tests/web/test_review_pages.py::test_a_form_sent_from_another_site_is_refused",
    ),
    Threat(
        Text("页面被注入脚本", "A script is put into a page"),
        Text("不允许内联脚本和外部来源", "No inline script, nothing from elsewhere"),
        "serving/web/guard.py",
        "tests/web/test_review_pages.py::test_pages_name_one_script_of_ours_and_carry_none_inside_nor_any_inline_style",
    ),
    Threat(
        Text("地址栏、浏览历史泄露身份", "Addresses and histories tell of a child"),
        Text("地址里只有个案编号；打出来的内容不再带走", "Addresses hold case ids; what was typed goes no further"),
        "serving/web/views.py",
        "tests/web/test_review_pages.py::test_no_address_on_any_page_holds_a_child_key_or_a_name",
    ),
    Threat(
        Text("接口密钥泄露", "A key of a case system leaks"),
        Text("只存哈希，可轮换、可撤销、有区域和范围", "Only a hash is kept; keys rotate, end, and have area and scope"),
        "serving/review/api_keys.py",
        "tests/integration/test_api_keys.py::test_a_key_opens_until_it_is_revoked_and_only_its_hash_is_kept",
    ),
    Threat(
        Text("短期令牌被截获", "A token is caught on the way"),
        Text(
            "十五分钟后失效，范围不超过密钥，随密钥一同失效；库中只存哈希",
            "Over after fifteen minutes, never wider than its key, and gone with it; only a hash is kept",
        ),
        "serving/review/tokens.py",
        "tests/integration/test_api_tokens.py::test_a_token_opens_what_was_asked_for_until_it_is_over_and_only_its_hash_is_kept",
    ),
    Threat(
        Text("借消息推送探测内网", "Webhooks are used to reach inside"),
        Text("地址先解析后核对，内网地址须登记", "Addresses are resolved and checked; inside ones must be registered"),
        "serving/addresses.py",
        "tests/unit/test_addresses.py::test_some_addresses_are_never_sent_to",
    ),
    Threat(
        Text("冒充我们发消息", "Somebody sends messages in our name"),
        Text("按 Standard Webhooks 签名", "Signed as Standard Webhooks says"),
        "serving/signing.py",
        "tests/unit/test_signing.py::test_a_message_changed_anywhere_is_refused",
    ),
    Threat(
        Text("统计数字反推个人", "Small counts give somebody away"),
        Text("小数值及其邻格一并隐去", "Small counts are hidden with their neighbours"),
        "serving/review/suppression.py",
        "tests/unit/test_suppression.py::test_what_is_shown_is_true_and_no_small_count_is_among_it",
    ),
    Threat(
        Text("删除只删了一处", "A deletion reaches one place only"),
        Text("身份库、数据湖、矩阵、报告、复核库全部到达", "Identity store, lake, matrices, reports and review store all let go"),
        "features/deletion.py",
        "tests/integration/test_deletion_by_right.py::test_nothing_of_the_child_is_left_in_any_file",
    ),
    Threat(
        Text("一人独自删除，或连同未了结的事一起删除", "One person deletes alone, or with what is not settled"),
        Text(
            "受理与同意须为两人；个案未结或强制报告未收齐回执时不删；报告留底不留人",
            "Two people receive and grant; not while a case is open or a report unanswered; reports stay as proof",
        ),
        "serving/review/rights.py",
        "tests/web/test_rights_desk.py::test_a_deletion_takes_a_second_person_who_is_a_manager",
    ),
    Threat(
        Text("数据长期不清理", "Data is kept for ever"),
        Text("每类有期限，每天执行，未结的不动", "Every kind has a period; done daily; nothing open is touched"),
        "serving/review/retention.py",
        "tests/integration/test_retention.py::test_a_child_with_something_open_or_recent_stays_whole",
    ),
    Threat(
        Text("断电或进程被杀，丢失或重复", "A crash loses or doubles something"),
        Text("事务与幂等，杀掉重来结果相同", "Transactions and idempotence; killed and run again it is the same"),
        "serving/work.py",
        "tests/crash/test_killed.py::test_a_killed_round_alerts_as_if_nothing_had_happened",
    ),
    Threat(
        Text("用禁用信息评分", "A forbidden fact enters a score"),
        Text("声明时即被拒绝", "Declaring such a feature fails"),
        "features/constitution.py",
        "tests/spec/test_catalogue_keeps_the_constitution.py::test_a_feature_uses_only_columns_that_may_be_used",
    ),
    Threat(
        Text("程序向外发送数据", "The software calls out"),
        Text("无遥测；测试断网", "No telemetry; tests have no network"),
        "serving/__main__.py",
        "tests/integration/test_nothing_calls_out.py::test_mlflow_has_no_line_to_its_makers_even_outside_our_commands",
    ),
)  # fmt: skip

# What no code here can answer, and whoever runs it must.
OPEN: tuple[Text, ...] = (
    Text(
        "服务器、数据库管理员和备份的物理与账号安全",
        "Who administers the machine, the database and its backups",
    ),
    Text("TLS 证书与反向代理的配置（deploy/）", "TLS certificates and the reverse proxy (deploy/)"),
    Text("等级保护测评、密码应用安全性评估", "Classified protection and the assessment of cryptography"),
    Text("拥有主密钥的人可打开身份库", "Whoever has the master key opens the identity store"),
    Text("能看到页面的人可以拍照、抄写", "Whoever sees a page can photograph or copy it"),
    Text(
        "能改写整个 SQLite 文件的人可连同日志一起改写：把见证存到别处，或用 PostgreSQL 的独立用户",
        "Whoever may rewrite a whole SQLite file may rewrite its log: keep the witness elsewhere, or use PostgreSQL"
        " with a user of its own",
    ),
)


def security_markdown() -> str:
    """The whole of SECURITY.md."""
    asking = "、".join(group.title.zh for group in Group if on_asking(group))
    lines = [
        "# Security and privacy 安全与隐私",
        "",
        "Written by `python -m serving document` from `serving/threats.py` and `serving/review/access.py`.",
        "",
        (
            "本页列出系统防范的威胁、对应的性质、承载它的模块和证明它的测试，以及谁能看到什么。姓名默认脱敏；"
            f"须单独申请并留痕的有：{asking}。发现漏洞请直接告知部署单位的负责人，不要写入公开的问题单。"
        ),
        "",
        "Report a weakness to whoever answers for the deployment, not in a public issue.",
        "",
        "## Threats 威胁",
        "",
        "| threat 威胁 | what holds 性质 | module | test |",
        "|---|---|---|---|",
        *(
            f"| {threat.what.zh}<br>{threat.what.en} | {threat.holds.zh}<br>{threat.holds.en} | `{threat.module}`"
            f" | `{threat.test.partition('::')[2]}` in `{threat.test.partition('::')[0]}` |"
            for threat in THREATS
        ),
        "",
        "## What no code answers 代码之外",
        "",
        *(f"- {text.zh}. {text.en}." for text in OPEN),
        "",
        "## Who sees what 谁能看到什么",
        "",
        (
            "区域：个案在账号负责的区域内；负责：本人是负责人；请教：同事请教期间；紧急：紧急查看期间。"
            "“–”为不可见；最后四行任何人都看不到。"
        ),
        "",
        (
            "*区域* area: the case lies in the account's area; *负责* held: the reader holds it; *请教* asked: a"
            " colleague asked about it; *紧急* emergency: opened for some hours. – is never shown."
        ),
        "",
        *table_markdown(),
        "",
        "Case systems, by scope of their key, in the key's area 接口密钥：",
        "",
        *(
            f"- `{scope.value}`: {', '.join(group.title.en for group in Group if group in groups)}"
            for scope, groups in MACHINES.items()
        ),
        "",
    ]
    return "\n".join(lines)


def write() -> Path:
    """Renew SECURITY.md and return its path."""
    SECURITY_FILE.write_text(security_markdown(), encoding="utf-8")
    return SECURITY_FILE
