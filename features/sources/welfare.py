"""What medical insurance, the disabled persons' federation, labour and housing deliver."""

from features.language import Code, Column, Department, Kind, Personal, Source, Text

_WHO = (
    Code("child", Text("儿童本人", "The child"), ("1", "本人")),
    Code("guardian", Text("监护人", "A guardian"), ("2", "父亲", "母亲")),
)


class Welfare:
    insurance = Source(
        title=Text("医保参保状态", "Medical insurance"),
        department=Department.INSURANCE,
        occurred=Text("状态日期", "State since"),
        legal_basis=Text("浙民儿〔2024〕124号二（五）", "Zhejiang plan 2(5)"),
        rhythm_days=92,
        delay_days=20,
        meaning=Text("儿童参保状态的一次变化。", "One change of the child's insurance state."),
        columns=(
            Column(
                "state", Text("参保状态", "State"), Kind.CODE,
                (
                    Code("insured", Text("参保", "Insured"), ("1",)),
                    Code("lapsed", Text("断保", "Lapsed"), ("2", "停保")),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    large_bills = Source(
        title=Text("大额医疗费用", "Large medical bills"),
        department=Department.INSURANCE,
        occurred=Text("结算日期", "Settled on"),
        legal_basis=Text("浙民儿〔2024〕124号二（五）", "Zhejiang plan 2(5)"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("单次个人负担 3,000 元以上的一次结算。", "One settlement of which the family bore 3,000 yuan or more."),
        columns=(
            Column("who", Text("患者", "Patient"), Kind.CODE, _WHO, required=True),
            Column("amount_yuan", Text("个人负担金额（元）", "Borne by the family (yuan)"), Kind.NUMBER, required=True, minimum=3000, maximum=2000000),
        ),
    )  # fmt: skip

    disability_cards = Source(
        title=Text("残疾人证", "Disability cards"),
        department=Department.DISABLED,
        occurred=Text("发证日期", "Issued on"),
        legal_basis=Text("残疾人保障法第二十一、四十六条；浙民儿〔2024〕124号清单11", "Law on Disabled Persons; Zhejiang service list no. 11"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("儿童或其监护人的一本残疾人证。", "One disability card of the child or of a guardian."),
        columns=(
            Column("who", Text("持证人", "Holder"), Kind.CODE, _WHO, required=True, personal=Personal.QUASI),
            Column("level", Text("残疾等级", "Level (1 is most severe)"), Kind.INTEGER, minimum=1, maximum=4, personal=Personal.QUASI),
        ),
    )  # fmt: skip

    rehabilitation = Source(
        title=Text("残疾儿童康复服务", "Rehabilitation of children with disabilities"),
        department=Department.DISABLED,
        occurred=Text("服务日期", "Served on"),
        legal_basis=Text("国发〔2018〕20号；浙民儿〔2024〕124号清单11", "Guofa 20 of 2018; Zhejiang service list no. 11"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("一名残疾儿童的一次康复救助申请、服务或中断。", "One application for, month of, or break in rehabilitation."),
        columns=(
            Column(
                "kind", Text("康复类别", "Kind"), Kind.CODE,
                # After the kinds of disability in GB/T 26341; autism is rehabilitated under a heading of its own.
                (
                    Code("vision", Text("视力", "Vision"), ("1",)),
                    Code("hearing", Text("听力", "Hearing"), ("2",)),
                    Code("speech", Text("言语", "Speech"), ("3",)),
                    Code("physical", Text("肢体", "Limbs"), ("4",)),
                    Code("intellectual", Text("智力", "Intellect"), ("5",)),
                    Code("autism", Text("孤独症", "Autism"), ("6", "精神")),
                ),
                required=True, personal=Personal.QUASI,
            ),
            Column(
                "event", Text("服务事项", "Event"), Kind.CODE,
                (
                    Code("applied", Text("申请", "Applied"), ("1",)),
                    Code("served", Text("接受服务", "Served"), ("2", "康复训练")),
                    Code("broken_off", Text("中断", "Broken off"), ("3",)),
                ),
                required=True,
            ),
            Column("sessions", Text("当月服务次数", "Sessions in the month"), Kind.INTEGER, minimum=0, maximum=62),
        ),
    )  # fmt: skip

    parent_employment = Source(
        title=Text("父母就业与社保", "Parents' employment"),
        department=Department.LABOUR,
        occurred=Text("变更日期", "Changed on"),
        legal_basis=Text("浙民儿〔2024〕124号清单20；居住证暂行条例第二条", "Zhejiang service list no. 20; Residence permit regulation, art. 2"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("儿童父母就业状态的一次变化。", "One change in the employment of the child's parents."),
        columns=(
            Column(
                "state", Text("就业状态", "State"), Kind.CODE,
                (
                    Code("both_work", Text("父母均就业", "Both work"), ("1",)),
                    Code("one_works", Text("一方就业", "One works"), ("2",)),
                    Code("none_works", Text("均无稳定就业", "Neither has stable work"), ("3",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    parent_insurance = Source(
        title=Text("父母社会保险", "Parents' social insurance"),
        department=Department.LABOUR,
        occurred=Text("状态日期", "State since"),
        legal_basis=Text("社会保险法第五十八、七十四条；浙民儿〔2024〕124号清单20", "Social Insurance Law, arts. 58 and 74; Zhejiang service list no. 20"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("儿童父母一方社会保险状态的一次变化；不含缴费基数。", "One change in a parent's insurance state; never what is paid."),
        columns=(
            Column(
                "who", Text("参保人", "Insured person"), Kind.CODE,
                (
                    Code("father", Text("父亲", "Father"), ("1",)),
                    Code("mother", Text("母亲", "Mother"), ("2",)),
                ),
                required=True,
            ),
            Column(
                "state", Text("社保状态", "State"), Kind.CODE,
                (
                    Code("paying", Text("正常缴费", "Paying"), ("1", "参保缴费")),
                    Code("stopped", Text("停保", "Stopped"), ("2", "暂停缴费")),
                    Code("unemployment", Text("领取失业保险金", "On unemployment benefit"), ("3",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    housing_aid = Source(
        title=Text("住房保障", "Housing aid"),
        department=Department.HOUSING,
        occurred=Text("保障日期", "Granted on"),
        legal_basis=Text("浙民儿〔2024〕124号清单9", "Zhejiang service list no. 9"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("对儿童家庭的一次住房保障。", "One grant of housing aid to the family."),
        columns=(
            Column(
                "kind", Text("保障方式", "Kind"), Kind.CODE,
                (
                    Code("allocated", Text("实物配租", "Allocated dwelling"), ("1",)),
                    Code("rent_subsidy", Text("租赁补贴", "Rent subsidy"), ("2",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip
