"""Wordings of the frame and of the parts that all pages share, of the queue's lists and of the keyboard."""

from __future__ import annotations

from collections.abc import Mapping

from features.language import Text

WORDS: Mapping[str, Text] = {
    "nav.mine": Text("我的个案", "My cases"),
    "nav.menu": Text("菜单", "Menu"),
    "nav.menu_close": Text("收起菜单", "Close the menu"),
    "queue.lists": Text("待办的各个列表", "The lists of the queue"),
    "queue.claim": Text("领取", "Claim"),
    "queue.count_more": Text("{count} 件以上", "more than {count}"),
    "queue.in_hand": Text("您手上有未结个案：{count}", "Open cases in your hands: {count}"),
    "queue.nothing_found": Text(
        "没有符合条件的个案。可以减少条件后再试。", "No case fits. Try again with fewer conditions."
    ),
    "queue.empty.mine": Text("您手上没有未结的个案。", "You hold no open case."),
    "queue.empty.waiting": Text("您负责的区域内没有待领取的个案。", "Nothing is waiting in your area."),
    "queue.empty.overdue": Text("没有逾期未联系的个案。", "No case is past its date without contact."),
    "queue.empty.triggers": Text("没有未结的强制触发个案。", "No hard trigger is open."),
    "queue.empty.others": Text("没有其他人在处理的个案。", "Nobody else holds a case."),
    "queue.empty.escalated": Text("没有上报的个案。", "No case has been escalated."),
    "queue.empty.absent": Text("没有负责人不在岗的个案。", "No case has a holder who is away."),
    "queue.empty.second": Text("没有待复核的个案。", "No case waits for a second review."),
    "queue.empty.asleep": Text("没有暂缓的个案。", "No case is snoozed."),
    "queue.empty.all": Text("您负责的区域内没有未结的个案。", "No case is open in your area."),
    "bulk.pick": Text("选中", "Choose"),
    "bulk.title": Text("一次办理多件", "Several cases at once"),
    "bulk.about": Text(
        "先在上面的列表里选中个案，再指派或暂缓。每件按自己的规则办理，结果逐件说明。",
        "Choose cases in the list above, then assign them or set them aside. Each keeps its own rules, and"
        " what became of it is said.",
    ),
    "bulk.suggested": Text(
        "按每件所在区域推荐（在岗、有余量、较近）", "As suggested for each area (at work, with room, nearest)"
    ),
    "bulk.reason_hint": Text(
        "暂缓要写理由；指派时，已有人负责的个案要写理由。",
        "Setting aside needs a reason; so does assigning a case that somebody holds.",
    ),
    "bulk.assign": Text("指派选中的", "Assign those chosen"),
    "bulk.aside": Text("暂缓选中的", "Set those chosen aside"),
    "bulk.done_assigned": Text("已指派 {count} 件。", "{count} assigned."),
    "bulk.done_aside": Text("已暂缓 {count} 件。", "{count} set aside."),
    "bulk.refused": Text("{count} 件没有办理，原因见下。", "{count} refused; see below why."),
    "bulk.became": Text("每件的结果", "What became of each"),
    "bulk.assigned_to": Text("已指派给{name}", "Assigned to {name}"),
    "bulk.set_aside": Text("已暂缓到 {day}", "Set aside until {day}"),
    "bulk.back": Text("回到列表", "Back to the list"),
    "filter.title": Text("查找和筛选", "Search and filter"),
    "filter.id": Text("个案编号", "Case number"),
    "filter.any": Text("不限", "Any"),
    "filter.sort": Text("排序", "Order"),
    "filter.apply": Text("查找", "Search"),
    "filter.clear": Text("清除条件", "Clear"),
    "figure.table": Text("查看数据表", "Show as a table"),
    "offline": Text(
        "网络已断开。您可以继续填写，恢复后再提交。",
        "You are offline. Go on writing; send it when you are back.",
    ),
    "sending": Text("正在发送，请稍等。", "Sending; please wait."),
    "unsent": Text(
        "没有发出去：现在连不上系统。您写的内容还在这一页上，没有存进这台设备；请不要关闭或刷新，等有网络了再点一次。",
        "Not sent: the system cannot be reached. What you wrote is still on this page and nowhere else on"
        " this device; do not close or reload it, and press again once there is a connection.",
    ),
    "printed": Text("{name} 打印于 {at}", "Printed by {name} on {at}"),
    "printed.limits": Text("内部资料，请妥善保管，用后销毁。", "Internal. Keep safe, destroy after use."),
    "printed.simulated": Text("模拟数据", "Simulated data"),
    "keys.title": Text("键盘操作", "Keyboard"),
    "keys.wanted": Text("启用单键操作", "Use single keys"),
    "keys.next": Text("下一行", "next line"),
    "keys.previous": Text("上一行", "previous line"),
    "keys.enter": Text("打开这件个案", "open this case"),
    "keys.claim": Text("领取这件个案", "claim this case"),
    "keys.pick": Text("选中或取消选中这件个案", "choose this case, or not"),
    "keys.take": Text("领取下一件", "take the next case"),
    "keys.decide": Text("到“下一步”的表单", "go to the form of the next step"),
    "keys.search": Text("查找", "search"),
    "keys.help": Text("显示或收起这份说明", "show or hide this list"),
    "unread.heading": Text(
        "{days} 天内有 {count} 处被拒收的记录可能涉及孩子的安全，今天就要有人查看",
        "{count} refused records of the last {days} days may be about a child in danger: look today",
    ),
    "unread.rows": Text(
        "{source}：{file} 第 {rows} 行，{day} 收到", "{source}: {file}, row {rows}, came on {day}"
    ),
    "unread.whole": Text(
        "{source}：{file} 整份未能接收，{day} 收到",
        "{source}: {file} could not be taken in at all, came on {day}",
    ),
    "unread.more": Text(
        "另有 {count} 个文件，见接收报告。", "And {count} more files: see the report of intake."
    ),
}
