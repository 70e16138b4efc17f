using System.Collections.Frozen;

namespace Ringfence.Lists;

/// <summary>The words that stand in dates, folded by <see cref="CellText"/>.</summary>
internal static class DateWords
{
    /// <summary>The first year of the Republic of China, as Taiwan counts, was 1912.</summary>
    public const int RepublicOfChina = 1911;

    // One line a month: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish (as it stands in a date), with what they are cut down to.
    private static readonly string[] MonthNames =
    [
        "january jan januar jaenner janner janvier janv enero ene gennaio gen genn janeiro januari stycznia styczen sty",
        "february feb febr februar feber fevrier fev fevr febrero febbraio febb fevereiro februari lutego luty lut",
        "march mar marz maerz mrz mars marzo marco maart mrt marca marzec",
        "april apr avril avr abril abr aprile kwietnia kwiecien kwi",
        "may mai mayo maggio mag maio mei maja maj",
        "june jun juni juin junio giugno giu junho czerwca czerwiec cze",
        "july jul juli juillet juil julio luglio lug julho lipca lipiec lip",
        "august aug aout agosto ago ag augustus sierpnia sierpien sie",
        "september sep sept septembre septiembre setiembre settembre sett set setembro wrzesnia wrzesien wrz",
        "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika pazdziernik paz",
        "november nov novembre noviembre novembro listopada listopad lis",
        "december dec dezember dez decembre diciembre dic dicembre dezembro grudnia grudzien gru",
    ];

    private const string Weekdays =
        "monday mon tuesday tue tues wednesday wed weds thursday thu thur thurs friday fri saturday sat sunday sun " +
        "montag mo dienstag di die mittwoch mi mit donnerstag do don freitag fr fre samstag sonnabend sa sam sonntag so son " +
        "lundi lun mardi mar mercredi mer jeudi jeu vendredi ven samedi dimanche dim " +
        "lunes martes miercoles mie jueves jue viernes vie sabado sab domingo dom " +
        "lunedi martedi mercoledi giovedi gio venerdi domenica " +
        "segunda seg terca ter quarta qua quinta qui sexta sex feira " +
        "maandag ma dinsdag woensdag wo donderdag vrijdag vr zaterdag za zondag zo " +
        "poniedzialek pon wtorek wt sroda sr czwartek czw piatek pt sobota sob niedziela nd " +
        "星期 周 礼拜 星期日 星期天 周日 周天 公元 西元";

    // What may stand behind the day: times of day, zones.
    private const string Tails =
        "t z am pm a p m utc gmt ut est edt cst cdt mst mdt pst pdt akst hst cet cest met mest eet eest wet west bst ist msk jst kst hkt sgt pht wib " +
        "aest aedt awst acst nzst nzdt sast brt art uhr h hs hrs at um a las les le alle ore kl om o clock noon midnight s min " +
        "上午 下午 早上 晚上 中午 凌晨 傍晚 时 分 秒 点 时间 北京时间 星期 周 礼拜 天 日 星期日 星期天 周日 周天 号 午前 午后 時 시 분 초 오전 오후";

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Months = MonthNames
        .SelectMany((names, i) => names.Split(' ').Select(name => (name, month: i + 1)))
        .ToFrozenDictionary(m => m.name, m => m.month, StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> WeekdaySet =
        Weekdays.Split(' ').ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> TailSet =
        Tails.Split(' ').Concat(Weekdays.Split(' ')).ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The number of a month by its name, 0 where it is none.</summary>
    public static int Month(ReadOnlySpan<char> word) => Months.TryGetValue(word, out var month) ? month : 0;

    /// <summary>Whether a word is a day of the week.</summary>
    public static bool IsWeekday(ReadOnlySpan<char> word) => WeekdaySet.Contains(word);

    /// <summary>Whether a word may stand behind a day.</summary>
    public static bool IsTail(ReadOnlySpan<char> word) => TailSet.Contains(word);

    /// <summary>What to add to a year of an era, 0 where the word names none.</summary>
    public static int Era(ReadOnlySpan<char> word) => word switch
    {
        "民国" or "中华民国" => RepublicOfChina,
        "令和" => 2018,
        "平成" => 1988,
        "昭和" => 1925,
        _ => 0,
    };
}
