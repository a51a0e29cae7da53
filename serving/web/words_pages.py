"""Wordings of the frame and of the parts that all pages share, of the queue's lists and of the keyboard."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    "nav.mine": Text("我的个案", "My cases"),
    "nav.menu": Text("菜单", "Menu"),
    "nav.menu_close": Text("收起菜单", "Close the menu"),
    "figure.table": Text("查看数据表", "Show as a table"),
    "offline": Text(
        "网络已断开。您可以继续填写，恢复后再提交。",
        "You are offline. Go on writing; send it when you are back.",
    ),
    "printed": Text("{name} 打印于 {at}", "Printed by {name} on {at}"),
    "printed.limits": Text("内部资料，请妥善保管，用后销毁。", "Internal. Keep safe, destroy after use."),
    "keys.title": Text("键盘操作", "Keyboard"),
    "keys.wanted": Text("启用单键操作", "Use single keys"),
    "keys.next": Text("下一行", "next line"),
    "keys.previous": Text("上一行", "previous line"),
    "keys.enter": Text("打开这件个案", "open this case"),
    "keys.claim": Text("领取这件个案", "claim this case"),
    "keys.take": Text("领取下一件", "take the next case"),
    "keys.decide": Text("到“下一步”的表单", "go to the form of the next step"),
    "keys.search": Text("查找", "search"),
    "keys.help": Text("显示或收起这张表", "show or hide this list"),
}
