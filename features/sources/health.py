"""What the health commission delivers. Diagnoses come as ICD-10 blocks, never in more detail."""

from features.language import Code, Column, Department, Kind, Personal, Source, Text

# ICD-10 blocks as shared; chapter V is the one an outcome is built on.
BLOCKS = (
    Code("F00-F09", Text("器质性精神障碍", "Organic mental disorders")),
    Code("F10-F19", Text("使用精神活性物质所致障碍", "Disorders due to substance use")),
    Code("F20-F29", Text("精神分裂症等", "Schizophrenia and related")),
    Code("F30-F39", Text("心境障碍", "Mood disorders")),
    Code("F40-F48", Text("神经症性、应激相关障碍", "Neurotic and stress-related disorders")),
    Code("F50-F59", Text("伴生理紊乱的行为综合征", "Behavioural syndromes with physiological disturbance")),
    Code("F60-F69", Text("人格与行为障碍", "Personality and behaviour disorders")),
    Code("F70-F79", Text("智力发育障碍", "Intellectual disability")),
    Code("F80-F89", Text("心理发育障碍", "Developmental disorders")),
    Code("F90-F98", Text("童年期行为与情绪障碍", "Childhood behavioural and emotional disorders")),
    Code("G00-G99", Text("神经系统疾病", "Nervous system")),
    Code("J00-J99", Text("呼吸系统疾病", "Respiratory system")),
    Code("K00-K93", Text("消化系统疾病", "Digestive system")),
    Code("R00-R99", Text("症状与体征", "Symptoms and signs")),
    Code("S00-T98", Text("损伤与中毒", "Injury and poisoning")),
    Code("Z00-Z99", Text("保健与其他", "Health services, other")),
)
PSYCHOLOGICAL_BLOCKS = (
    "F20-F29", "F30-F39", "F40-F48", "F50-F59", "F60-F69", "F90-F98",
)  # fmt: skip


class Health:
    visits = Source(
        title=Text("门急诊与住院记录", "Outpatient, emergency and inpatient visits"),
        department=Department.HEALTH,
        occurred=Text("就诊日期", "Visited on"),
        legal_basis=Text("浙民儿〔2024〕124号一（三）；精神卫生法第四条（保密）", "Zhejiang plan 1(3); Mental Health Law, art. 4 (confidentiality)"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("儿童一次就诊，诊断只到 ICD-10 类目段。", "One visit of the child; the diagnosis as an ICD-10 block only."),
        columns=(
            Column(
                "setting", Text("就诊类型", "Setting"), Kind.CODE,
                (
                    Code("outpatient", Text("门诊", "Outpatient"), ("1",)),
                    Code("emergency", Text("急诊", "Emergency"), ("2",)),
                    Code("inpatient", Text("住院", "Inpatient"), ("3",)),
                ),
                required=True,
            ),
            Column("block", Text("诊断类目段", "Diagnosis block"), Kind.CODE, BLOCKS, required=True, personal=Personal.QUASI, aliases=("ICD-10类目段",)),
        ),
    )  # fmt: skip

    checkups = Source(
        title=Text("儿童健康体检", "Child health checks"),
        department=Department.HEALTH,
        occurred=Text("体检日期", "Checked on"),
        legal_basis=Text("国家基本公共卫生服务规范（儿童健康管理）", "National basic public health service norm, child health"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("一次健康体检的结论。", "The findings of one health check."),
        columns=(
            Column(
                "growth", Text("生长评价", "Growth"), Kind.CODE,
                (
                    Code("normal", Text("正常", "Normal"), ("1",)),
                    Code("thin", Text("消瘦", "Thin"), ("2",)),
                    Code("stunted", Text("生长迟缓", "Stunted"), ("3",)),
                    Code("overweight", Text("超重", "Overweight"), ("4",)),
                    Code("obese", Text("肥胖", "Obese"), ("5",)),
                ),
            ),
            Column("poor_vision", Text("视力不良", "Poor vision"), Kind.FLAG),
            Column("sleep_hours", Text("每日睡眠小时", "Hours of sleep a day"), Kind.NUMBER, minimum=3, maximum=16),
            Column("screen_hours", Text("每日屏幕小时", "Hours of screen a day"), Kind.NUMBER, minimum=0, maximum=16),
        ),
    )  # fmt: skip

    vaccinations = Source(
        title=Text("预防接种", "Vaccinations"),
        department=Department.HEALTH,
        occurred=Text("应种日期", "Due on"),
        legal_basis=Text("疫苗管理法第四十五、四十八条", "Vaccine Administration Law, arts. 45 and 48"),
        rhythm_days=92,
        delay_days=30,
        meaning=Text("一剂免疫规划疫苗的接种状态。", "The state of one scheduled dose."),
        columns=(
            Column(
                "state", Text("接种状态", "State"), Kind.CODE,
                (
                    Code("on_time", Text("按时", "On time"), ("1",)),
                    Code("late", Text("延迟", "Late"), ("2",)),
                    Code("missed", Text("未种", "Missed"), ("3",)),
                ),
                required=True,
            ),
        ),
    )  # fmt: skip

    guardian_illness = Source(
        title=Text("监护人重大疾病与严重精神障碍管理", "Guardian's serious illness"),
        department=Department.HEALTH,
        occurred=Text("建档日期", "Registered on"),
        legal_basis=Text("精神卫生法第五十五条；未成年人保护法第九十二条第三项", "Mental Health Law, art. 55; Law on the Protection of Minors, art. 92(3)"),
        rhythm_days=92,
        delay_days=45,
        meaning=Text("儿童的一名监护人被纳入重大疾病或严重精神障碍管理。", "One guardian of the child came under management for serious illness."),
        columns=(
            Column(
                "kind", Text("类别", "Kind"), Kind.CODE,
                (
                    Code("mental", Text("严重精神障碍", "Serious mental disorder"), ("1",)),
                    Code("physical", Text("重大躯体疾病", "Serious physical illness"), ("2",)),
                ),
                required=True, personal=Personal.QUASI,
            ),
        ),
    )  # fmt: skip

    child_disorder_management = Source(
        title=Text("儿童严重精神障碍管理", "Management of a child's serious mental disorder"),
        department=Department.HEALTH,
        occurred=Text("管理日期", "Managed on"),
        legal_basis=Text("精神卫生法第四、五十五条；浙民儿〔2024〕124号清单8", "Mental Health Law, arts. 4 and 55; Zhejiang service list no. 8"),
        rhythm_days=92,
        delay_days=45,
        meaning=Text(
            "儿童本人纳入、随访或退出严重精神障碍管理的一次记录；不含诊断与病情细节。",
            "One entry into, follow-up in or end of the child's own management; no finding and no detail.",
        ),
        columns=(
            Column(
                "event", Text("管理事项", "Event"), Kind.CODE,
                (
                    Code("entered", Text("纳入管理", "Entered"), ("1", "建档")),
                    Code("followed_up", Text("随访", "Followed up"), ("2",)),
                    Code("missed", Text("失访", "Follow-up missed"), ("3",)),
                    Code("ended", Text("结束管理", "Ended"), ("9", "销户")),
                ),
                required=True, personal=Personal.QUASI,
            ),
        ),
    )  # fmt: skip
