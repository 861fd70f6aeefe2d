import pytest

from fairs.core.i18n import language
from fairs.listings import compliance

FORBIDDEN = [
    ("sex", "仅限男性", "仅限男性"),
    ("sex", "限男性，身体健康", "限男性"),
    ("sex", "招聘 材料工程师，只招 男生", "只招男生"),
    ("sex", "女性优先", "女性优先"),
    ("sex", "同等条件下男士优先考虑", "男士优先"),
    ("sex", "性别：男", "性别:男"),
    ("sex", "性别要求：女性", "性别要求:女性"),
    ("sex", "须为男性", "须为男性"),
    ("sex", "不招女生", "不招女生"),
    ("sex", "招收研究员男2名、女1名", "男2名"),
    ("sex", "该岗位适合男性从事", "适合男性从事"),
    ("sex", "优先录用男性", "优先录用男性"),
    ("sex", "Male only", "Male only"),
    ("sex", "Female candidates preferred.", "Female candidates preferred"),
    ("sex", "We hire only men for this post", "hire only men"),
    ("sex", "Gender: male", "Gender: male"),
    ("sex", "The applicant must be a female", "must be a female"),
    ("age", "35岁以下", "35岁以下"),
    ("age", "年龄不超过45周岁", "年龄不超过45周岁"),
    ("age", "年龄在35周岁（含）以内", "35周岁(含)以内"),
    ("age", "年龄要求：28-35岁", "年龄要求:28-35岁"),
    ("age", "25至40岁的博士", "25至40岁"),
    ("age", "1985年1月1日以后出生", "1985年1月1日以后出生"),
    ("age", "90后优先", "90后优先"),
    ("age", "80后", "80后"),
    ("age", "要求：博士，80、90后，有海外经历", "80、90后"),
    ("age", "九零后；全职", "九零后"),
    ("age", "Candidates born in the 1990s preferred", "born in the 1990s preferred"),
    ("age", "under 35 years old", "under 35 years old"),
    ("age", "Applicants no older than 35", "no older than 35"),
    ("age", "not older than forty, please", "not older than forty"),
    ("age", "Recent graduates under thirty", "graduates under thirty"),
    ("age", "Born after 1990", "Born after 1990"),
    ("age", "born since 1 January 1985", "born since 1 January 1985"),
    ("age", "Applicants below the age of 40", "below the age of 40"),
    ("age", "Age limit: 45", "Age limit: 45"),
    ("age", "maximum age 50", "maximum age 50"),
    ("age", "Candidates aged 25-35 welcome", "aged 25-35"),
    ("ethnicity", "限汉族", "限汉族"),
    ("ethnicity", "少数民族勿扰", "少数民族勿扰"),
    ("ethnicity", "民族：汉", "民族:汉"),
    ("ethnicity", "Han Chinese only", "Han Chinese only"),
    ("ethnicity", "white teachers preferred", "white teachers preferred"),
    ("marriage", "未婚者优先", "未婚者优先"),
    ("marriage", "已婚已育，无家庭负担", "已婚已育"),
    ("marriage", "婚姻状况：已婚", "婚姻状况:已婚"),
    ("marriage", "入职三年内不得生育", "入职三年内不得生育"),
    ("marriage", "两年内不得怀孕", "两年内不得怀孕"),
    ("marriage", "无生育计划者", "无生育计划"),
    ("marriage", "must be single", "must be single"),
    ("marriage", "married applicants only", "married applicants only"),
    ("household", "限郑州市户口", "限郑州市户口"),
    ("household", "本地户籍优先", "户籍优先"),
    ("household", "本地户口", "本地户口"),
    ("household", "本科以上学历，郑州市户籍，能加班", "郑州市户籍"),
    ("household", "本地人优先", "本地人优先"),
    ("household", "须具有河南户口", "须具有河南户口"),
    ("household", "外地人员勿扰", "外地人员勿扰"),
    ("household", "local hukou required", "hukou required"),
    ("religion", "要求无宗教信仰", "无宗教信仰"),
    ("religion", "宗教信仰：无", "宗教信仰:无"),
    ("religion", "Christians only", "Christians only"),
    ("religion", "Candidates must not be religious", "must not be religious"),
    ("health", "非乙肝携带者", "非乙肝携带者"),
    ("health", "乙肝病毒携带者勿扰", "乙肝病毒携带者勿扰"),
    ("health", "残疾人不招", "残疾人不招"),
    ("health", "要求四肢健全", "四肢健全"),
    ("health", "无家族病史", "无家族病史"),
    ("health", "Applicants without disabilities", "without disabilities"),
    ("health", "Staff should be HIV-negative", "should be HIV-negative"),
    ("appearance", "五官端正", "五官端正"),
    ("appearance", "形象气质佳", "形象气质佳"),
    ("appearance", "身高1.7米以上", "身高1.7米"),
    ("appearance", "身高165cm以上", "身高165cm以上"),
    ("appearance", "处女座勿扰", "处女座勿扰"),
    ("appearance", "good-looking is preferred", "good-looking is preferred"),
    ("sex", "Preferably male engineers", "Preferably male engineers"),
    ("sex", "Ladies preferred", "Ladies preferred"),
    ("sex", "No women, please: no women applicants", "no women applicants"),
    ("age", "Degree: PhD, age: 30 to 40", "age: 30"),
    ("age", "young and energetic staff", "young and energetic"),
    ("marriage", "要求未婚", "要求未婚"),
    ("marriage", "录用前须做孕检", "录用前须做孕检"),
    ("marriage", "Marital status: married", "Marital status: married"),
    ("marriage", "You have no plans to have children", "no plans to have children"),
    ("household", "籍贯：河南", "籍贯:河南"),
    ("household", "不招东北人", "不招东北人"),
    ("religion", "信教者勿扰", "信教者勿扰"),
    ("religion", "Applicants with no religious belief", "no religious belief"),
    ("health", "入职体检乙肝检测", "入职体检乙肝检测"),
    ("health", "able-bodied staff", "able-bodied"),
    ("health", "HBV carriers will not be hired", "HBV carriers will not be hired"),
    ("appearance", "height at least 165 cm", "height at least 165 cm"),
    ("age", "年龄三十五岁以下", "三十五岁以下"),
    ("age", "四十周岁以内", "四十周岁以内"),
    ("age", "不超过五十岁", "不超过五十岁"),
    ("age", "年龄不超过四十五周岁", "年龄不超过四十五周岁"),
    ("age", "二十五至四十岁", "二十五至四十岁"),
    ("age", "年龄上限：45", "年龄上限:45"),
    ("age", "年轻人优先", "年轻人优先"),
    ("age", "no more than 40 years old", "no more than 40 years old"),
    ("age", "not more than forty-five years of age", "not more than forty-five years of age"),
    ("age", "Maximum 45 years old", "Maximum 45 years old"),
    ("age", "at most thirty five years old", "at most thirty five years old"),
    ("age", "Applicants should not exceed 50 years of age", "not exceed 50 years of age"),
    ("age", "40 years old or younger", "40 years old or younger"),
    ("age", "Candidates 35 and below", "Candidates 35 and below"),
    ("age", "aged under 40", "aged under 40"),
    ("age", "Age should be below 45", "Age should be below 45"),
    ("age", "age ≤ 45", "age ≤ 45"),
    ("age", "less than forty years old", "less than forty years old"),
    ("age", "in their thirties preferred", "in their thirties preferred"),
    ("ethnicity", "华裔优先", "华裔优先"),
    ("ethnicity", "applicants of Chinese descent preferred", "of Chinese descent preferred"),
    ("ethnicity", "ethnicity: Han", "ethnicity: Han"),
    ("politics", "中共党员优先", "中共党员优先"),
    ("politics", "政治面貌：中共党员", "政治面貌:中共党员"),
    ("politics", "须为中共正式党员", "须为中共正式党员"),
    ("politics", "Party members preferred", "Party members preferred"),
    ("politics", "You must be a member of the CPC", "must be a member of the CPC"),
    ("school", "第一学历须为全日制本科", "第一学历须为全日制"),
    ("school", "985/211院校毕业", "985/211院校毕业"),
    ("school", "211高校优先", "211高校优先"),
    ("school", "双一流高校博士毕业生", "双一流高校博士毕业生"),
    ("school", "仅限985、211", "仅限985、211"),
    ("school", "本科须为211院校", "本科须为211"),
    ("school", "985 or 211 university graduates only", "985 or 211 university graduates only"),
    ("school", "Bachelor's degree from a 985 university", "Bachelor's degree from a 985"),
    ("school", "First degree must be full-time", "First degree must be full-time"),
    ("mother_tongue", "母语为英语", "母语为英语"),
    ("mother_tongue", "以英语为母语者", "以英语为母语"),
    ("mother_tongue", "英语母语者优先", "英语母语者优先"),
    ("mother_tongue", "native English speakers", "native English speakers"),
    ("mother_tongue", "Native speakers only", "Native speakers only"),
    ("mother_tongue", "Must be a native speaker of German", "Must be a native speaker"),
    ("mother_tongue", "English as mother tongue", "English as mother tongue"),
    ("mother_tongue", "Mother tongue: French", "Mother tongue: French"),
    ("fee", "入职须交押金500元", "须交押金"),
    ("fee", "Applicants pay a deposit of 200 yuan", "pay a deposit"),
]

ALLOWED = [
    "Samples no older than 30 days",
    "Cohorts of children born after 1990",
    "Stands of trees younger than 40 years",
    "Engines younger than 20 months",
    "Graduates under 30% of the intake",
    "性别不限，男女均可，不限男女",
    "不限性别、年龄、民族",
    "男科学与生殖医学研究",
    "男性不育症的分子机制",
    "女性健康研究中心",
    "从事女性生殖健康与妇产科学研究，需女性健康研究背景",
    "性别差异与性别平等研究；女性文学史",
    "人口年龄结构与老龄化研究",
    "65岁以上老年人群的慢病管理",
    "18-65岁健康志愿者的药代动力学",
    "40岁以下人群的胃癌早筛",
    "纳入患者年龄不超过75岁，共入组120例",
    "0-3岁婴幼儿早期发展",
    "3-6岁儿童语言发育",
    "50岁以下女性乳腺癌早筛",
    "发病年龄各代间较稳定，为15～30岁",
    "推出了一批当时30岁左右的年轻建筑师",
    "年龄不限",
    "不设年龄限制",
    "80后作家研究",
    "研究对象：80后、90后",
    "具有5年以上工作经验，35篇以上论文",
    "民族学、少数民族语言文学",
    "蒙古族长调音乐保护；回族医药研究",
    "婚姻法与家庭法研究",
    "已婚已育女性的职业发展研究",
    "未婚先孕的社会学研究",
    "单身经济与消费行为",
    "户籍制度改革研究",
    "协助办理郑州户口，可解决子女入学",
    "提供安家费、郑州户口",
    "可解决户口",
    "本地人才优先落户；变量包括年龄、城市户籍",
    "户口不限，外省人才可落户",
    "需解决户口者可协助办理",
    "宗教学、佛教艺术史",
    "无宗教信仰群体的价值观研究",
    "乙肝疫苗研发，乙肝病毒携带者的免疫耐受机制",
    "非乙肝相关肝癌的发病机制",
    "HIV阴性对照组样本库建设",
    "残疾人康复工程与辅助器具，优先考虑残疾人",
    "受试者无既往病史",
    "身高体重与青春期发育队列",
    "企业形象良好，社会形象佳",
    "血型与疾病易感性研究",
    "本单位不收取任何押金、保证金，不向应聘者收取报名费",
    "男女比例为1:1的样本",
    "每组大鼠雌雄各半，仅用雄性小鼠",
    "male infertility and female reproductive health",
    "Male mice only were used in our earlier work",
    "women's health in rural areas; sex and gender studies",
    "Gender: male/female, all welcome",
    "rock age: see table 2; the age of the bronze ware",
    "screening of children under 12 years of age",
    "patients under 65 years of age with stroke",
    "participants aged 18-65 in a phase II trial",
    "bridges up to 50 years old",
    "an age range of 20 Ma to 35 Ma in zircon dating",
    "ageing populations and age structure",
    "the sample must be single crystal, must be single-phase",
    "single-cell sequencing, single photon sources preferred by the group",
    "married women in the labour market of the Song dynasty",
    "household registration reform in China",
    "religious studies and Buddhist art",
    "people without disabilities and with disabilities use the same lift",
    "HIV-negative controls; hepatitis B vaccine",
    "tree height at least 1.5 m; plant height above 160 cm",
    "white matter lesions; black soil; Han dynasty archaeology",
    "You never pay a deposit",
    "本岗位面向海内外博士，欢迎女性科研人员申请",
    "五年以上工作经验，十五篇以上论文，三十人以下团队",
    "四十岁以下人群的胃癌早筛",
    "patients no more than 40 years old; trees at most fifty years old",
    "a team of no more than 40 people, within 30 km",
    "党员教育与基层党建研究",
    "我校是国家211工程重点建设高校，学科入选双一流",
    "学校为985高校，提供安家费",
    "与985高校联合建设实验室",
    "第一学历歧视的社会学研究；不看第一学历",
    "汉语作为第二语言的习得研究，母语迁移",
    "the influence of the mother tongue on second language acquisition",
    "native species, native oxide, cloud-native software",
    "英语流利，能用中文工作",
    "Chinese origin of the porcelain; party wall design",
    "the 211 samples from 985 patients",
]


@pytest.mark.parametrize(("kind", "text", "words"), FORBIDDEN)
def test_forbidden_condition_is_found_and_quoted(kind: str, text: str, words: str) -> None:
    found = compliance.find_conditions(text)
    assert (kind, words) in [(item.kind, item.words) for item in found]
    assert {item.kind for item in found} == {kind}


@pytest.mark.parametrize("text", ALLOWED)
def test_research_topic_or_plain_condition_is_left_alone(text: str) -> None:
    assert compliance.find_conditions(text) == ()


def test_every_kind_has_both_languages_a_law_and_a_date_and_an_example() -> None:
    assert {rule.kind for rule in compliance.rules()} == set(compliance.kinds())
    assert {kind for kind, _, _ in FORBIDDEN} == set(compliance.kinds())
    for kind in compliance.kinds().values():
        assert "{words}" in kind.zh
        assert "{words}" in kind.en
        assert kind.law
        assert len(kind.date) == 10


def test_every_rule_is_hit_by_an_example() -> None:
    texts = [text for _, text, _ in FORBIDDEN]
    unused = [
        rule.pattern.pattern
        for rule in compliance.rules()
        if not any(compliance._hits(rule, compliance.normal(text)) for text in texts)
    ]
    assert unused == []


def test_refusal_quotes_every_hit_with_a_suggestion_in_both_languages() -> None:
    refusal = compliance.refuse("限男性，35岁以下，女性优先，985院校毕业")
    assert refusal is not None
    with language("zh"):
        assert str(refusal) == (
            "「限男性」、「女性优先」：不得限定性别或规定性别优先（就业促进法第27条；妇女权益保障法第43条；"
            "人力资源市场暂行条例第24条），建议：写明工作内容和能力要求，性别不限。"
            "「35岁以下」：不得以年龄作为招聘条件（就业促进法第3条、第26条），建议：写明所需经历，如“具有5年以上研究经历”。"
            "「985院校毕业」：不得以毕业院校、第一学历作为限制条件（深化新时代教育评价改革总体方案；就业促进法第26条），"
            "建议：写明学位和专业能力，如“材料学博士，熟悉固态电解质”。"
        )
    with language("en"):
        told = str(refusal)
        assert told.startswith("“限男性”, “女性优先”: a listing may not ask for or prefer a sex (就业促进法第27条")
        assert told.count("; instead: ") == 3


def test_a_suggestion_is_itself_allowed() -> None:
    for kind in compliance.kinds().values():
        assert compliance.find_conditions(kind.suggest_zh) == ()
        assert compliance.find_conditions(kind.suggest_en) == ()


def test_long_text_is_checked_quickly() -> None:
    import time

    started = time.perf_counter()
    compliance.find_conditions("研究年龄结构与男女比例，限制条件不多，须有经验。" * 250)
    assert time.perf_counter() - started < 0.5
