"""How a claim is meant. The claim stands in 【】, a border between utterances is |."""

import re
from collections import Counter

import pytest

from make import transcript, utterance
from streamlens.detect.rules import read_stance
from streamlens.detect.sound import SoundText
from streamlens.detect.spoken import Spoken, speak
from streamlens.detect.stance import Cues, Meaning, find_stance
from streamlens.schema import STANCES, RuleBook
from streamlens.shipped import shipped

SENTENCES: dict[str, list[str]] = {
    "asserted": [
        # plain
        "家人们这个蜂蜜每天早上一勺能【降血压】的",
        "你看这个皮，【今天早上刚从树上摘下来的】，还带着叶子",
        "我敢说我们家是【全网最低价】，你拿手机去比",
        "它就是【零添加】嘛，配料表你自己看",
        "咱家鸡蛋【孕妇小孩都能吃】，放心",
        # testimonials, authority
        "我妈吃了半个月【血压就降下来了】",
        "有个大姐上次买了两箱，回来跟我说吃了以后【睡得特别香】",
        "我们老顾客反馈说喝了一个冬天【咳嗽都没犯过】",
        "好多回头客都说喝了【睡眠好了】",
        "老中医都说这个小黄姜【驱寒祛湿】",
        "本草纲目里面写的，【补脾益气】",
        "上次有个宝宝吃了两盒说【便秘都好了】，又来回购十盒",
        # only sounds like one
        "【全年最低价】，从来没降过",
        "这个【纯天然】的，不是市场上那种",
        "【纯天然野生】的，没有小果",
        "我敢打包票说这是【零添加】",
        "别的我不敢说，我敢打包票说这是【零添加】",
        "能不【能抗癌】？能的宝宝",
        # looks like a negation
        "不但能【降血压】，还能降血脂",
        "它不仅【增强免疫力】，味道还好",
        "不光是好吃，还【能润肺止咳】",
        "不得不说这真的是【全网最低价】",
        "不是我跟你吹，【全网最低价】",
        "不瞒大家讲这就是【最好的脐橙】",
        "不管老人还是小孩【都能放心吃】",
        "没有任何防腐剂【纯天然】的",
        "不能久放，因为【没有防腐剂】",
        "不能久放的哈【没有防腐剂】",
        "不会太甜【零蔗糖】的老人家放心吃",
        "别说【降血压】了，血脂都给你降下来",
        "没错，就是【今天早上现摘的】",
        "不信你自己去看检测报告，【农残零检出】",
        "不要再犹豫了，【今天最后一天】这个价",
        "不能吃糖的人也能吃，【零蔗糖】的",
        "这可不是普通的蜂蜜，这是【能治咳嗽】的蜂蜜",
        "它不能治病，但是它能【增强免疫力】",
        "不是药，但是【比吃药还管用】",
        "我不敢说是全国最好，但绝对是我们县【第一】",
        "不是【当天现摘的】我根本不发货",
        "不是【土鸡蛋】我赔你一百个",
        "别人家的放了糖，我们家【零添加】",
        "很多主播卖的都是陈米，我们这个是【当季新米】",
        "别信他们的，我们这个才是【正宗的阳澄湖大闸蟹】",
        "我们从来不打药，【纯天然】",
        "没有中间商，【全网最低价】给到大家",
        "不用担心，【无农药残留】",
        # tags
        "【全网最低价】对不对，家人们",
        "咱们是【今天早上刚摘的】知道吧",
        "【没有防腐剂】是不是，你看配料表就四样东西",
        "【零添加】好吧，拍就完了",
        "咱家【不打农药】的，好不好",
        # the question is answered
        "有宝宝问能不能【降血压】，能的",
        "有人问是不是【现摘的】，当然是啊，现摘现发",
        "孕妇能不能吃？【孕妇能吃】，放心",
        "有姐妹问能不能【减肥】，可以的，我自己就瘦了八斤",
        "是不是【有机的】呢？是的，有证书",
        "有家人问有没有打蜡，没有，【不打蜡】",
        "为什么能【降血压】呢，因为它含有钾",
        "你知道它为什么这么【养胃】吗",
        # conditional clause is about the buyer
        "如果你血压高，吃这个【能降血压】",
        "要是晚上睡不着，睡前喝一杯【助眠】",
        "如果家里有小孩，可以放心囤，【无添加】",
        "要是不甜你找我，【坏果包赔】",
        "万一收到坏的，我们【一个不好赔两个】",
        # not a correction
        "【今早现摘】，味道不对你退给我",
        "【全网最低价】，这不算什么，再送你一瓶",
        "【足斤足两】，秤不对你随时找我",
        "【原价一百二十八】，今天这个不算运费五十八",
        "你没听错，【全网最低价】",
        # unpunctuated, misheard
        "有宝宝问能不能【减肥】可以的宝宝",
        "我们家不打农药不打除草剂【纯天然】的",
        "你看没有一点杂质没有任何添加【纯正】的土蜂蜜",
        # borders of utterances
        "有人问能不能【降血压】|能啊肯定能",
        # and more
        "姐妹们信我，这个真的【减肥】，我瘦了十五斤",
        "不好意思刚才卡了一下，我们是【今早现摘】的",
        "没吃过的一定要尝尝，【正宗赣南脐橙】",
        "特别能【润肺】，嗓子不舒服的拍",
        "你们别走啊，【全网最低价】马上开",
        "没有套路，【足斤足两】",
        "别的不说，就这个【零添加】你上哪找",
        "有问题随时找我，【坏果包赔】",
        "没问题【孕妇能吃】的",
        "我们不添加一滴水，【百分之百纯】的",
        "谁不知道五常大米【全国最好】",
        "这不就是【原生态】吗",
        "你家孩子老咳嗽是不是，来这个，【治咳嗽】",
        "他不是打药的，他是【纯有机】的",
        "我奶奶九十岁了天天喝，【血压正常得很】",
        "好多宝妈跟我说孩子喝了【不生病了】",
        "医院的大夫都推荐，【降血脂】",
        "有人说我们贵，贵有贵的道理，【零农残】",
        "有宝宝问多久到，【四十八小时到家】",
        "有宝宝问多久能到【四十八小时到家】",
        "有人问为什么这么便宜，因为我们是【源头直发】",
        "有宝宝问打不打药，【我们不打农药】的",
        "问的人太多了我统一回复一下，【没有防腐剂】",
        "能不能治咳嗽？我告诉你，【能治咳嗽】",
        "是的宝宝，【无添加】",
        "如果你是三高人群，一定要囤，【降三高】",
        "要是超过【四十八小时到】不了，我给你退差价",
        "少一两我赔你十斤，【足斤足两】",
        "如果不是【野生】的，你砸我招牌",
        "这个好不好，【纯手工】的好不好",
        "【今天刚挖的】，错过今天没有了",
        "【全网最低】，不然你打我",
        "【零蔗糖】，不像别家的说一套做一套",
        "【降血压】不说，还好喝",
        "【没有添加剂】，我不骗你们的",
        "【纯天然】，信不信由你",
        "你去医院查一下，吃一个月【血脂降下来】",
        "别眨眼啊，马上给大家上【全网最低价】",
        "你还别说，喝了一个礼拜真的【治咳嗽】",
        "【润肠通便】，没效果我退你钱",
        "我不管别人卖多少，我们就是【全网最低】",
        "它不像糖水那种，【百分百纯蜂蜜】",
        "不打针不吃药，【血压就下来了】",
        "不止【降血糖】，还能软化血管",
        "没有一滴添加剂，【纯天然】，小孩也能吃",
        "你要是不信，拿去化验，【零农残】",
        "大家都知道蜂蜜【润肺止咳】",
        "咱不整虚的，【产地直发】",
        "错过就没有了啊，【最后五十单】",
        "我老公不爱吃药，天天泡这个，【血脂都正常了】",
        "很多姐妹回购了，说喝完【皮肤变白了】",
        "是不是觉得嗓子不舒服，来一勺，【止咳化痰】",
        "哪家敢说【零添加】，我们就敢",
        "还有人不知道吗，【土鸡蛋孕妇都能吃】",
        "不需要冷藏，因为是【真空锁鲜】的",
        "要说【性价比最高】那还得是我们家",
        "可以放心给宝宝吃，【没有任何添加剂】",
        "为了让大家放心，我们【每一批都检测】",
        "【正宗五常大米】，如假包换",
        "这么跟你讲吧，【全国独一份】",
        "宝宝问保质期啊，保质期十二个月，【无防腐剂】",
        "防腐剂没有没有【没有防腐剂】，放心",
        "里面是没有【任何防腐剂都没有】",
        "来，给你们看看，这个就是【有机认证】的标",
        "喝了不上火，【清热解毒】",
        "我们自己家孩子都吃这个，【零防腐剂】",
        "不信的话你问问老粉，【血压都稳住了】",
        "这个真的没得说，【全网最低】",
        "不用去医院，【三天见效】",
        "你们老说贵，可是它【能治鼻炎】啊",
        "别划走别划走，【最后二十单】",
        "谁家的能跟我们比，【全国第一】",
        "不只是好看，它【美白祛斑】",
        "有人说是添加剂，哪来的添加剂，【纯手工零添加】",
        "有姐姐问有没有副作用，【没有副作用】的姐姐",
        "我不说假话，【当天采摘】",
        "难怪大家都说它【养胃】",
        # a cue only in sound, a word only in part
        "我敢打包票说这是【有机种植】的",
        "不懂什么是【富硒】的来听我讲，这就是",
        "价格没降过，【全网最低】",
        "不是市场上那种，【纯天然】",
        "没有小果，【个个都是特级】",
        "【次日达】，等等党别等了",
        "没有一个不说【好吃又养胃】的",
        "不是没有【检测报告】，是我没带在身上",
    ],
    "negated": [
        "我不懂什么【抗氧化】，我就知道好吃",
        "我不打包票说这【是最好的】",
        "谁也不能打包票说这是【零添加】",
        # before
        "我跟大家讲清楚，这个不【能治病】的，就是个吃的",
        "它不能【治病】，就是水果",
        "我可不敢说【全网最低】",
        "咱们不能说【治病】的话",
        "我没有说过它能【降血糖】",
        "从来没讲过我们是【有机】的",
        "我们这个还达不到【有机】的标准",
        "谈不上【顶级】，就是性价比高",
        "别指望它【治病】，就当零食吃",
        "你不要想着吃这个【降血糖】",
        "我们可不是【零添加】啊，里面放了盐的",
        "这不叫【治病】，这叫吃个开心",
        "虽然不能【治病】，但是对身体好",
        "没有【降血压】的作用，就是好吃",
        "它没有什么【抗癌】的功效",
        "蜂蜜不具有【治疗疾病】的功能",
        "广告法不让我们说【最好】",
        "主播不给你讲【功效】，讲了要被封的",
        "我们不做【全网最低价】，我们做品质",
        "不是什么【包治百病】的东西",
        "它替代不了药，也不能【降血压】",
        "我不承诺【四十八小时到】，偏远的要三四天",
        "我们没有【有机认证】，就是农家自己种的",
        "这个呢不属于【富硒】产品",
        "不一定是【全网最低价】啊，但质量你放心",
        # after
        "【降血压】这个话我不敢说",
        "【治病】那是骗人的",
        "说什么【包治百病】都是忽悠人的",
        "【降血糖】是没有科学依据的",
        "【零农残】谁都做不到",
        "【最便宜】我不敢保证，但是肯定划算",
        "【治糖尿病】是不可能的",
        "吃一个月【瘦二十斤】，那都是假的",
        "【减肥】这种效果是没有的哈",
        "什么【抗癌】啊防癌啊，我们一概不讲",
        "【降三高】这些我们不宣传",
        "你要【治病】你去医院啊宝宝",
        # warnings
        "大家不要相信那些说【能治病】的直播间",
        "别信那些说蜂蜜【能治咽炎】的",
        "谁跟你说蜂蜜能【治糖尿病】你就把他拉黑",
        "凡是跟你讲吃了能【减肥】的你赶紧划走",
        "那些打着【有机】旗号的你要小心",
        "千万别听外面那些人瞎讲能【抗癌】",
        "少听那些主播吹【祖传秘方】",
        # unpunctuated, misheard
        "这个是不能【治病】的大家不要误会",
        "我不干说【全网最低】但是肯定便宜",
        "【降血压】这个话我可不赶说",
        # borders of utterances
        "我们这个不能|【治病】的",
        # and more
        "它就是个水果，你别拿它当药，它治不了病也不【降血糖】",
        "宝宝我不能跟你说它【降血压】啊",
        "这个真没有【减肥】的效果",
        "我们这个算不上什么【特级】，就是普通果",
        "这个词我不能讲，什么【第一】我不能讲",
        "平台不允许讲【疗效】",
        "没人敢说自己【零农残】",
        "怎么可能【治百病】呢，那是神仙",
        "【百分百有机】那是吹牛",
        "【根治】这两个字我从来没讲过",
        "【四十八小时到】新疆西藏做不到",
        "有糖的啊，不是【无糖】的",
        "【有机认证】我们还在走流程",
        "甭管别人怎么吹，【抗衰老】我不认",
        "哎呀宝宝，哪有那么神，它又不能【治病】",
        "我这人实在，不跟你们吹【包治百病】",
        "没有科学证明它能【防癌】",
        "这个我真不敢打包票说【四十八小时到】",
        "不建议大家拿它来【降血糖】",
        "【治疗失眠】这种话主播是不会说的",
        "我们的枸杞不是【有机】的，是普通种植",
        "有机是有机，绿色是绿色，我们没有【绿色食品认证】",
        "别被那些说能【抗癌】的直播间给骗了",
        "不要迷信什么【排毒养颜】",
        "【补肾】？别听他们瞎说",
        "食品就是食品，它治不了病嘛，别说【治病】",
        "我们从来没承诺过【全网最低价】",
        "糖尿病人我不建议吃啊，不是【无糖】的",
        "什么【祖传秘方】，都是编的",
        "做不到【百分百零农残】，国标以内就合格",
        "【降三高】这三个字平台不让说",
        # 不了, a question answered with no
        "这个果子【治不了咳嗽】",
        "能不能【抗癌】？不能，别听他们瞎说",
    ],
    "reported": [
        "有宝宝问这个能不能【降血压】",
        "公屏上有人说【能减肥】，这个我们不评价",
        "网上都说吃这个【抗癌】，我也不知道",
        "刚才那个叫小雨的姐姐问能不能【治失眠】",
        "丽丽问【孕妇能不能吃】，这个你问一下医生",
        "别人家直播间说他们【零添加】",
        "听人家讲这个可以【降血脂】，我们不做宣传",
        "有个大哥问我吃了【能不能降尿酸】，大哥这个我答不了",
        "有老铁打字说这个【包治百病】，你可别这么说",
        "有家人们在问是不是【有机的】",
        "弹幕在刷【能减肥】，别刷了别刷了",
        "这位宝宝说【增强抵抗力】，这个不能讲功效",
        "隔壁老说自己是【全网最低价】",
        # unpunctuated, misheard
        "有保保温能不能【降血压】这个我们不讲的",
        "有宝宝文能不能【治失眠】这个你要去问医生",
        "公平上有人问【孕妇能吃】吗",
        # borders of utterances
        "有宝宝问|能不能【降血压】",
        # and more
        "要是别人跟你说能【治癌症】，你千万别信",
        "有位大哥在公屏上说喝这个【壮阳】",
        "小太阳这位宝宝问【糖尿病人能吃】吗",
        "抖音上好多人说它【排毒】，我没研究过",
        "刚进来的宝宝问是不是【包邮到家】",
        "人家超市说是【进口的】，谁知道呢",
        "有宝宝问打【不打农药】",
        "后台好多人私信问我能不能【祛斑】",
        "评论区说【假一赔十】的那个，你别带节奏",
        "有个宝妈留言说【宝宝能不能吃】",
        "刚刚有粉丝私信我问这个【去湿气】吗",
        "朋友圈里天天发的那种【三天美白】的，你们自己判断",
        "听隔壁主播讲他们家是【零添加】，真假我不知道",
        "有个叫阿花的问老人【高血压能吃】不",
        "弹幕上说【买一送一】的是哪个",
        "上一个主播说这是【野生的】，我不敢认同",
    ],
    "question": [
        "能不【能抗癌】？不能",
        "能不【能抗癌】？当然不能，它就是橙子",
        "什么【抗癌】不抗癌的我不懂",
        "老板你这个到底是不是【零添加】",
        "这个能【降血压】吗",
        "我先问一下我们果农，这个【打不打农药】",
        "这个是不是【有机的】呀，我去帮大家问一下",
        "你们觉得它能【治病】吗",
        "你们猜一下这个是不是【现摘的】",
        "有没有【绿色食品认证】我要看一下包装",
        # unpunctuated, misheard
        "这个能【降血压】吗我也不知道",
        # and more
        "厂长，咱们这个是不是【当天现做】的",
        "里面有【没有防腐剂】我看一下配料表",
        "这玩意真能【降血糖】吗，我表示怀疑",
        "它到底算不算【绿色食品】",
        "哎这个是【今年的新米】吗，场控帮我看一下",
        "它会不会【降低血压】，我还真没研究过",
        "运营，这款【有没有检测报告】",
        "这个【保质期内无添加】是真的吗",
        "能【保证四十八小时送到】吗，物流小哥说下",
    ],
    "conditional": [
        "要是能【治病】我就不在这里卖货了",
        "假如它能【降血压】那医院都关门了",
        "如果真的能【抗癌】，那不得拿诺贝尔奖",
        "等我们拿到【有机认证】了再跟大家说",
        "它要真能【治糖尿病】，还轮得到我来卖",
        "要说它是【最好的】那也得你们吃了才算",
        "如果是【零添加】的话保质期就没这么长了",
        # unpunctuated, misheard
        "要事能【治病】我就发财了",
        # and more
        "如果哪天真做到【零农残】了我第一个告诉你们",
        "假设它【包治百病】，国家早就收走了",
        "争取明年拿到【绿色食品认证】",
        "要是真【零农残】那成本得翻三倍",
        "哪天拿到【地理标志】了我一定告诉大家",
        "只有通过认证了才能叫【有机】",
        "我要说它能【治病】那我就是骗子",
        "要真是【包治百病】还要医生干嘛",
        "假如说这个是【全网最低】，那我信",
    ],
    "corrected": [
        "【今天早上摘的】，哦不对，是昨天下午摘的",
        "这一箱【净重五斤】，啊说错了，四斤半",
        "我们是【全国第一】，不好意思口误",
        "【能治咳嗽】，呸呸呸，这个不能说",
        "【四十八小时到家】，更正一下，是四十八小时发货",
        "这个【驱寒】，哎这个词收回",
        "【降血压】，啊我刚才说错了，不能这么讲",
        # unpunctuated, misheard
        "【今天早上摘的】哦不对昨天晚上摘的",
        # and more
        "【三百克】，诶不对，两百五十克",
        "我们【全国销量第一】，啊口误，全县第一",
        "这个是【云南的】，看错了看错了，是广西的",
        "【最便宜】，哎呀这个词不能用，打住",
        "【治感冒】，抱歉抱歉，这句话收回",
        "【五斤装】，哎哎哎不对不对，四斤装",
        "这是我们【昨天现摘】的，不，是今天现摘的",
        "【全国第一】，呃，这个不能说，撤回撤回",
        "这批【广西产】的，哎说错了，海南产",
        "【全网第一】，哦这个词不能讲不能讲",
    ],
}


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook(version="", rules=(), stance=read_stance(shipped("configs") / "rules" / "stance.toml"))


def meanings(rows: list[str], book: RuleBook) -> list[Meaning]:
    """What the claims of marked sentences mean, each sentence for itself: a long silence stands between them."""
    said, places = [], []
    start_s = 0.0
    for row in rows:
        before, claim = re.split("[【】]", row)[:2]
        offset = len(before.rpartition("|")[2])
        places.append((len(said) + before.count("|"), offset, offset + len(claim)))
        for piece in re.sub("[【】]", "", row).split("|"):
            said.append(utterance(piece, start_s))
            start_s = said[-1].end_ms / 1000 + 0.3
        start_s += 10.0
    text = speak(transcript(*said))
    cues = Cues(text, SoundText(text), book)
    return [find_stance(cues, *_claim(text, *place)) for place in places]


def _claim(text: Spoken, number: int, first: int, last: int) -> tuple[int, int]:
    """Where the characters first..last of an utterance stand in the spoken text."""
    at = [
        index
        for index, char in enumerate(text.text)
        if char not in ",." and text.utterance[index] == number and first <= text.offset[index] < last
    ]
    return at[0], at[-1] + 1


def meaning(row: str, book: RuleBook) -> Meaning:
    return meanings([row], book)[0]


@pytest.fixture(scope="module")
def found(book: RuleBook) -> dict[str, Meaning]:
    rows = [row for rows in SENTENCES.values() for row in rows]
    return dict(zip(rows, meanings(rows, book), strict=True))


@pytest.mark.parametrize(("stance", "row"), [(stance, row) for stance, rows in SENTENCES.items() for row in rows])
def test_stance(found: dict[str, Meaning], stance: str, row: str) -> None:
    assert found[row].stance == stance, f"{row} was taken as {found[row].stance} for {found[row].cue!r}"


def test_the_table_covers_every_stance() -> None:
    assert set(SENTENCES) == set(STANCES)
    assert min(Counter({stance: len(rows) for stance, rows in SENTENCES.items()}).values()) >= 10
    everything = [marked for rows in SENTENCES.values() for marked in rows]
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize(
    ("marked", "cue"),
    [
        ("这个能【降血压】", ""),
        ("谈不上什么【顶级】", "谈不上"),
        ("有保保温能不能【降血压】", "有保保温"),  # as the transcript has it
        ("【降血压】这个话我可不敢说", "不敢说"),
        ("要是能【治病】我就不在这里卖货了", "要是"),
        ("【今早摘的】，哦不对，昨天摘的", "哦不对"),
        ("有宝宝问能不能【降血压】，能的", "能的"),
    ],
)
def test_the_cue_is_named(book: RuleBook, marked: str, cue: str) -> None:
    assert meaning(marked, book).cue == cue


# ---- the mechanism, on lists of its own


def lists(**cues: list[str]) -> RuleBook:
    return RuleBook(version="", rules=(), stance=tuple((name, tuple(patterns)) for name, patterns in cues.items()))


@pytest.mark.parametrize(
    ("marked", "stance"),
    [
        ("不能【治病】", "negated"),
        ("不【能治病】", "negated"),  # where the claim has the 能 in it
        ("不能说【治病】", "negated"),
        ("不能吃的【治病】", "asserted"),  # words of their own stand between
        ("不能，【治病】", "asserted"),
        ("不能。【治病】", "asserted"),
        ("这个不能|【治病】", "negated"),  # a border without a mark is no break ...
        ("这个不能，|【治病】", "asserted"),
        ("不能|【治病】", "asserted"),  # ... unless the clause is nothing but an answer
        ("不光能【治病】", "asserted"),
        ("能不能【治病】", "asserted"),  # a question, which these lists do not know
        ("【治病】不能", "asserted"),
        ("不，【治病】", "asserted"),
    ],
)
def test_a_negation_governs_what_only_light_words_part_it_from(marked: str, stance: str) -> None:
    book = lists(negated_before=["不"], negated_before_unless=["不光"], light=["能", "说"])
    assert meaning(marked, book).stance == stance


def test_without_lists_everything_is_asserted() -> None:
    assert {meaning(marked, lists()).stance for marked in ("不能【治病】", "有人问【治病】", "【治病】，口误")} == {
        "asserted"
    }


def test_exceptions_hold_for_misspelt_words_too() -> None:
    book = lists(reported_before=["有人问"], reported_before_unless=["没有人问过"])
    assert meaning("有人闻【治病】", book).stance == "reported"
    assert meaning("没有人闻锅【治病】", book).stance == "asserted"
