namespace Ringfence.Language;

/// <summary>Traditional Chinese and Japanese forms of the characters that our phrases use, in their simplified form.</summary>
/// <remarks>No general conversion: both sides of every comparison go through it, so that a phrase is written once, in either script.</remarks>
internal static class HanVariants
{
    // Pairs: the form that is written, then the form that is compared.
    private const string Pairs =
        "構构創创聖圣橋桥陽阳陳陈張张劉刘楊杨吳吴蘇苏鄭郑羅罗馬马葉叶許许鄧邓蕭萧錢钱孫孙諾诺達达寶宝瑞瑞豐丰潤润潔洁樂乐優优勝胜順顺飛飞騰腾龍龙鳳凤鴻鸿鑫鑫銳锐創创視视訊讯網网駿骏薦荐從从剛刚廣广徑径攪搅暫暂溝沟滾滚猶犹著着討讨進进飯饭別别電电話话請请諸诸絕绝來来訂订閱阅擾扰聯联絡络繫系係系發发簡简訊讯郵邮件件傳传撥拨號号碼码刪删資资料料數数據据庫库個个們们為为無无沒没會会"
        + "還还過过這这裡里裏里後后時时間间點点鐘钟開开關关門门問问聞闻聽听說说講讲語语調调談谈議议論论許许該该認认識识證证評评訴诉詐诈詢询設设計计讓让"
        + "購购買买賣卖貨货費费貿贸賬账賴赖贈赠資资貴贵責责賠赔質质銷销鋪铺錄录錯错鎖锁長长單单條条約约給给統统經经網网線线紅红級级紀纪紙纸終终組组細细結结"
        + "繼继續续總总編编練练維维緊紧務务動动勞劳勝胜勵励區区協协參参員员國国圖图團团場场報报壓压堅坚執执業业樂乐標标權权檔档機机櫃柜歡欢殘残氣气決决測测"
        + "準准滿满漢汉灣湾為为爾尔牆墙狀状獲获環环現现產产當当畫画異异療疗盡尽監监盤盘眾众確确碼码禮礼種种稱称積积穩稳競竞筆笔節节範范簽签籤签類类糾纠紹绍"
        + "義义習习聲声職职腦脑臉脸舊旧萬万葉叶藍蓝處处虛虚蟲虫術术衛卫裝装複复見见規规視视覺觉覽览觀观觸触計计訓训託托記记訪访評评試试詳详誤误請请謝谢警警"
        + "護护讀读變变讚赞豐丰負负財财貼贴費费賞赏賽赛贊赞趙赵跡迹軟软載载輸输轉转辦办農农運运達达違违遠远適适選选遺遗邊边釋释鈴铃銀银錢钱鐵铁鏈链閉闭闆板"
        + "隊队階阶際际隨随險险雜杂離离難难雲云靜静響响頁页頂顶項项順顺須须預预領领頭头頻频題题額额願愿類类顧顾風风飛飞餐餐館馆駐驻騷骚驗验騙骗體体鬧闹魚鱼"
        + "鳳凤麗丽麥麦黃黄黨党齊齐齡龄龍龙龜龟東东兩两嚴严並并倉仓偵侦備备傷伤價价優优償偿儘尽兒儿內内冊册冪幂凍冻劃划劇剧創创勢势匯汇醫医卻却厭厌啟启"
        + "喚唤嗎吗嘗尝囑嘱圍围執执壞坏夠够奪夺獎奖婦妇媽妈學学寫写實实審审寶宝將将專专對对導导屬属師师帳账帶带幫帮幹干應应彈弹徵征徹彻態态慣惯慮虑憑凭懷怀"
        + "懶懒戲戏戰战戶户拋抛掛挂採采換换擁拥擇择擔担擬拟擴扩攝摄敵敌斷断於于曆历書书樣样橋桥檢检櫻樱歲岁歷历歸归毀毁滅灭潛潜濟济災灾熱热營营獨独瑪玛"
        + "產产畢毕癥症發发盜盗睜睁禁禁禦御稅税穫获窮穷紅红純纯細细絲丝緒绪緣缘縣县縱纵織织繳缴罰罚羅罗聖圣聰聪肅肃脫脱臺台與与興兴舉举艦舰莊庄華华補补製制"
        + "払拂売卖読读対对応应変变断断拡扩権权検检済济営营発发帰归図图団团国国会会価价"
        + "誰谁賤贱貸贷車车輪轮輯辑隱隐驢驴趕赶釘钉燈灯燒烧燙烫親亲麼么搖摇復复覆复"
        + "妳你您您煩烦勿勿僅仅祇只喔哦囉啰嘸无甭甭";

    private const char First = '\u4E00';
    private const char Last = '\u9FFF';

    // For each character from First to Last the form that is compared; '\0' where that is the character itself.
    private static readonly char[] Forms = Read();

    public static char Simplified(char c) => c is >= First and <= Last && Forms[c - First] is var form && form != '\0' ? form : c;

    private static char[] Read()
    {
        var forms = new char[Last - First + 1];
        for (var i = 0; i < Pairs.Length; i += 2)
            forms[Pairs[i] - First] = Pairs[i + 1];
        return forms;
    }
}
