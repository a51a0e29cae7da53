"""Families of features: each tells one story, and is one reason on the reviewer's page."""

from features.language import Family, Group, Text


class FamilyLife:
    household = Family(
        title=Text("家庭结构与变动", "Household and its changes"),
        group=Group.FAMILY,
        ask=Text(
            "现在和谁一起住？最近家里有什么变化？", "Who lives with you now? What has changed at home lately?"
        ),
    )
    care = Family(
        title=Text("照料与陪伴", "Care and company"),
        group=Group.FAMILY,
        ask=Text(
            "放学后谁在家？父母多久和孩子聊一次？",
            "Who is at home after school? How often do the parents and the child talk?",
        ),
    )
    livelihood = Family(
        title=Text("家庭生计", "Livelihood"),
        group=Group.FAMILY,
        ask=Text(
            "家里收入是否稳定？有没有没申请上的救助？",
            "Is the income steady? Is there aid the family has not managed to claim?",
        ),
    )
    guardian_health = Family(
        title=Text("监护人健康与状况", "Guardians' health and situation"),
        group=Group.FAMILY,
        ask=Text(
            "监护人身体如何？生病时谁来照看孩子？",
            "How is the guardians' health? Who looks after the child when they are ill?",
        ),
    )
    concern = Family(
        title=Text("既往家庭关注记录", "Earlier concerns about the family"),
        group=Group.FAMILY,
        ask=Text("上次反映的情况现在怎样了？", "How do matters stand with what was raised last time?"),
    )
    settling = Family(
        title=Text("流动与安顿", "Moving and settling"),
        group=Group.FAMILY,
        ask=Text(
            "来这里多久了？住得习惯吗？还打算搬吗？",
            "How long have you been here? Is it settled? Do you mean to move again?",
        ),
    )


class SchoolLife:
    attendance = Family(
        title=Text("出勤", "Attendance"),
        group=Group.SCHOOL,
        ask=Text("没去上学的那些天发生了什么？", "What happened on the days away from school?"),
    )
    learning = Family(
        title=Text("学业", "Learning"),
        group=Group.SCHOOL,
        ask=Text("学习上哪里最吃力？谁能帮忙？", "Where is learning hardest? Who can help?"),
    )
    relations = Family(
        title=Text("同伴与在校关系", "Peers and relations at school"),
        group=Group.SCHOOL,
        ask=Text(
            "在学校和谁最要好？有没有人欺负你？",
            "Who is your best friend at school? Does anybody treat you badly?",
        ),
    )
    support = Family(
        title=Text("家校联系与辅导", "School contact and counselling"),
        group=Group.SCHOOL,
        ask=Text(
            "班主任和心理老师最近怎么看？", "What have the class teacher and the counsellor noticed lately?"
        ),
    )
    schooling = Family(
        title=Text("就学与学校变动", "Schooling and changes of school"),
        group=Group.SCHOOL,
        ask=Text("换学校或升学后适应吗？", "How was the change of school or stage?"),
    )


class HealthLife:
    bodily = Family(
        title=Text("身体健康与生长", "Bodily health and growth"),
        group=Group.HEALTH,
        ask=Text("最近身体怎么样？吃饭和体检情况如何？", "How is your health? How are meals and check-ups?"),
    )
    sleep = Family(
        title=Text("睡眠与屏幕时间", "Sleep and screens"),
        group=Group.HEALTH,
        ask=Text("几点睡？睡前做什么？", "When do you go to sleep, and what do you do before?"),
    )
    visits = Family(
        title=Text("就医", "Medical visits"),
        group=Group.HEALTH,
        ask=Text("这几次就医是因为什么？还需要复诊吗？", "What were the visits for? Is another one due?"),
    )
    prevention = Family(
        title=Text("预防与医疗保障", "Prevention and insurance"),
        group=Group.HEALTH,
        ask=Text("疫苗和参保有没有遇到困难？", "Has anything made vaccination or insurance difficult?"),
    )
    questionnaires = Family(
        title=Text("心理测评", "Questionnaires at school"),
        group=Group.HEALTH,
        ask=Text(
            "最近心情怎么样？有没有什么想找人说说的？",
            "How have you been feeling lately? Is there anything you would like to talk over?",
        ),
    )
    disability = Family(
        title=Text("残疾与康复", "Disability and rehabilitation"),
        group=Group.HEALTH,
        ask=Text(
            "康复和补贴办得怎么样？还缺什么？", "How are rehabilitation and subsidies going? What is missing?"
        ),
    )


FAMILIES: tuple[Family, ...] = tuple(
    family
    for owner in (FamilyLife, SchoolLife, HealthLife)
    for family in vars(owner).values()
    if isinstance(family, Family)
)
