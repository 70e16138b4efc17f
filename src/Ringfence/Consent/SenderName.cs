using Ringfence.Language;
using Words = System.Collections.Generic.HashSet<string>.AlternateLookup<System.ReadOnlySpan<char>>;

namespace Ringfence.Consent;

/// <summary>The name of a sender without its legal form, and where it stands in a wording.</summary>
/// <remarks>Strict where a name could be something else: a short or ordinary word counts only as it is spelled, or with a legal form.</remarks>
internal sealed class SenderName
{
    // A single word this short may be an abbreviation of anything.
    private const int ShortWord = 3;

    // A company's name between its first word and its legal form is rarely longer.
    private const int LongestName = 6;

    // As folded words; the longer ones first, so that they are found whole.
    private static readonly string[][] LegalForms =
    [
        ["股", "份", "有", "限", "公", "司"], ["有", "限", "责", "任", "公", "司"], ["有", "限", "公", "司"], ["株", "式", "会", "社"],
        ["주", "식", "회", "사"], ["集", "团"], ["公", "司"], ["gmbh", "co", "kg"], ["gmbh", "co", "kgaa"], ["gmbh", "und", "co", "kg"],
        ["co", "ltd"], ["pty", "ltd"], ["pte", "ltd"], ["pvt", "ltd"], ["private", "limited"], ["pty", "limited"], ["sp", "z", "o", "o"],
        ["sp", "zoo"], ["s", "a"], ["b", "v"], ["n", "v"], ["a", "g"], ["a", "s"], ["s", "l"], ["s", "e"], ["k", "k"], ["d", "o", "o"],
        ["ltd"], ["limited"], ["llc"], ["inc"], ["incorporated"], ["corp"], ["corporation"], ["plc"], ["llp"], ["lp"], ["gmbh"],
        ["ggmbh"], ["mbh"], ["ag"], ["se"], ["kg"], ["kgaa"], ["ohg"], ["gbr"], ["ug"], ["ek"], ["sa"], ["sarl"], ["sas"], ["sasu"],
        ["eurl"], ["srl"], ["spa"], ["snc"], ["sapa"], ["bv"], ["nv"], ["vof"], ["bvba"], ["sprl"], ["sl"], ["slu"], ["sau"], ["lda"],
        ["ltda"], ["eireli"], ["ab"], ["asa"], ["aps"], ["oy"], ["oyj"], ["doo"], ["kft"], ["zrt"], ["sro"], ["spzoo"], ["pty"],
        ["pte"], ["pvt"], ["kk"], ["bhd"], ["ooo"], ["jsc"], ["co"],
    ];

    // By their first word, in the same order.
    private static readonly Dictionary<string, string[][]>.AlternateLookup<ReadOnlySpan<char>> FormsFrom =
        LegalForms.GroupBy(form => form[0]).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly Words Ordinary = Set(
        "apple orange target gap next time star sun best first direct now one two three all any some home house new world global group "
        + "european american national international general united central city park green blue red white black gold silver smart easy fast "
        + "simple free open total prime premium plus pro max top key base core point line link bridge gate square circle shell amber "
        + "hello today tomorrow future power light water air fire earth stone wood forest garden river ocean mountain sky moon life health "
        + "care family people person friend friends team partner partners company business firm shop store market bank fund trust capital "
        + "union alliance vision mission focus impact choice quality value network systems data cloud digital mobile media press post mail "
        + "express travel holiday hotel food fresh nature natural sport play game games music book books school academy learning may can will "
        + "the and for you your our this that with about from agree consent yes contact me them firma unternehmen gesellschaft societe "
        + "empresa azienda bedrijf energie haus stern sonne welt neu zeit leben direkt markt monde maison soleil vie nueva sol casa vida");

    // Words after which a name may follow though they begin with a capital, as nouns do in German.
    private static readonly Words BeforeNames = Set(
        "the die der das den dem la le les el los il lo company firma gesellschaft societe sociedad empresa azienda ditta bedrijf team yes ja oui "
        + "si sim i ich je yo io by from of von par de da and und et y e messrs dear unternehmen gruppe group brand marke");

    private static readonly Words Verbs = Set("may can might darf duerfen durfen kann peut puede puo pode mag");

    private static readonly Words Pronouns = Set(
        "you your i we they it he she that which who sie ihr wir ich er man es vous nous on il elle usted ustedes tu lei voi noi voce u jij je wij "
        + "company companies person someone nobody representative representatives agent agents staff employee employees seller provider "
        + "unternehmen firma partner partners and or us me them anyone");

    // Chinese words that follow a name, not part of a longer one.
    private const string AfterHanName = "通向的与和及或可以用给对为从由在将会打发联致所等有能需经使以其就来每不再按";

    // A list is judged for one sender.
    private static Remembered? _last;

    private readonly string[] _words;

    private SenderName(string[] words) => _words = words;

    /// <summary>The name in what a user wrote; null where that holds none.</summary>
    public static SenderName? Of(string? sender)
    {
        if (string.IsNullOrEmpty(sender))
            return null;
        if (_last is { } last && last.Sender == sender)
            return last.Name;
        var name = Read(sender);
        _last = new Remembered(sender, name);
        return name;
    }

    private static SenderName? Read(string sender)
    {
        using var text = FoldedText.Of(sender);
        var words = new List<string>();
        foreach (var word in text.Words)
            words.Add(text.Letters(word).ToString());
        while (words.Count > 1 && LegalFormBefore(words) is var length && length > 0 && length < words.Count)
            words.RemoveRange(words.Count - length, length);
        if (words.Count > 4 && words is ["株", "式", "会", "社", ..])
            words.RemoveRange(0, 4);
        if (words is ["the", _, ..])
            words.RemoveAt(0);
        if (words.Count > 1 && words[^1] is "com" or "net" or "org")
            words.RemoveAt(words.Count - 1);
        return words.Count == 0 ? null : new SenderName([.. words]);
    }

    /// <summary>Whether a wording names this sender.</summary>
    /// <param name="text">The wording, folded.</param>
    /// <param name="isTerm">Whether a word is one that wordings use anyway, such as <c>offers</c>.</param>
    public bool StandsIn(FoldedText text, FoldedWord isTerm)
    {
        for (var at = 0; at + _words.Length <= text.Words.Length; at++)
        {
            if (IsAt(text, at) && !IsPartOfLongerName(text, at) && IsMeant(text, at, isTerm))
                return true;
        }

        return false;
    }

    /// <summary>Whether a wording names some company.</summary>
    public static bool AnyStandsIn(FoldedText text, FoldedWord isTerm)
    {
        for (var at = 1; at < text.Words.Length; at++)
        {
            var before = text.Words[at - 1];
            var name = text.Letters(before);
            if (text.Words[at].AfterBreak)
                continue;
            if (LegalFormAt(text, at) is var length && length > 0)
            {
                // 贵公司 and "your company" name nobody, nor does a bare 公司 or "Co".
                if (length > 2 && IsHan(name) && name is not ("贵" or "我"))
                    return true;
                if (!IsHan(name) && IsCapital(text, before) && !Pronouns.Contains(name))
                    return true;
            }

            if (!Verbs.Contains(text.Letters(text.Words[at])))
                continue;
            var unknown = !IsHan(name) && IsCapital(text, before) && name.Length > ShortWord && !isTerm(name)
                && !Pronouns.Contains(name) && !BeforeNames.Contains(name) && !Ordinary.Contains(name);
            if (unknown)
                return true;
        }

        return false;
    }

    private bool IsAt(FoldedText text, int at)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            var isSame = text.Letters(text.Words[at + i]).SequenceEqual(_words[i]) || (i == _words.Length - 1 && IsPossessive(text, text.Words[at + i], _words[i]));
            if (!isSame || (i > 0 && text.Words[at + i].AfterBreak))
                return false;
        }

        return true;
    }

    /// <summary><c>Acme's</c>, which folds to one word, is <c>Acme</c>.</summary>
    private static bool IsPossessive(FoldedText text, Word word, string name)
    {
        var letters = text.Letters(word);
        var mark = word.Source + name.Length;
        return letters.Length == name.Length + 1 && letters[^1] == 's' && letters.StartsWith(name) && mark < text.Written.Length && Folding.IsApostrophe(text.Written[mark]);
    }

    /// <summary><c>Acme</c> in <c>Acme Plus Ltd</c> or <c>New Acme Ltd</c>, and 东方 in 东方虚构有限公司, are somebody else.</summary>
    private bool IsPartOfLongerName(FoldedText text, int at)
    {
        var end = at + _words.Length;
        if (LegalFormAt(text, end) > 0)
        {
            if (at == 0 || text.Words[at].AfterBreak || IsHan(_words[0]))
                return false;
            var before = text.Words[at - 1];
            return !IsHan(text.Letters(before)) && IsCapital(text, before) && !BeforeNames.Contains(text.Letters(before));
        }

        for (var next = end; next < text.Words.Length && next < end + LongestName; next++)
        {
            if (text.Words[next].AfterBreak)
                return false;
            if (next > end && LegalFormAt(text, next) > 0)
                return true;
            var letters = text.Letters(text.Words[next]);
            if (IsHan(letters) ? AfterHanName.Contains(letters[0]) : !IsCapital(text, text.Words[next]))
                return false;
        }

        return false;
    }

    /// <summary>Whether a word that could be something else is meant as the name.</summary>
    private bool IsMeant(FoldedText text, int at, FoldedWord isTerm)
    {
        if (_words.Length > 1 && !_words.All(w => IsHan(w)))
            return !_words.All(w => isTerm(w) || Pronouns.Contains(w)) || LegalFormAt(text, at + _words.Length) > 0;
        if (LegalFormAt(text, at + _words.Length) > 0)
            return true;
        if (IsHan(_words[0]))
            return _words.Length > 2 || (_words.Length == 2 && !isTerm(string.Concat(_words)));

        var word = _words[0];
        if (isTerm(word) || Pronouns.Contains(word) || BeforeNames.Contains(word))
            return false;
        if (word.Length > ShortWord && !Ordinary.Contains(word))
            return true;

        // An ordinary word or an abbreviation: only spelled as a name, within a sentence that is not all capitals.
        var written = text.Words[at];
        return IsCapital(text, written) && !written.AfterBreak && text.Written.ContainsAnyInRange('a', 'z')
            && (at + 1 == text.Words.Length || text.Words[at + 1].AfterBreak || !IsCapital(text, text.Words[at + 1]));
    }

    private static int LegalFormBefore(List<string> words)
    {
        foreach (var form in LegalForms)
        {
            if (words.Count >= form.Length && words[^form.Length..].SequenceEqual(form))
                return form.Length;
        }

        return 0;
    }

    private static int LegalFormAt(FoldedText text, int at)
    {
        if (at >= text.Words.Length || !FormsFrom.TryGetValue(text.Letters(text.Words[at]), out var forms))
            return 0;
        foreach (var form in forms)
        {
            var i = 1;
            while (i < form.Length && at + i < text.Words.Length && (!text.Words[at + i].AfterBreak || !IsHan(form[i]))
                && text.Letters(text.Words[at + i]).SequenceEqual(form[i]))
                i++;
            if (i == form.Length)
                return i;
        }

        return 0;
    }

    private static Words Set(string words) =>
        new HashSet<string>(words.Split(' '), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static bool IsHan(ReadOnlySpan<char> word) => word.Length > 0 && Folding.IsSyllabic(word[0]);

    private static bool IsCapital(FoldedText text, Word word) => char.IsUpper(Folding.Plain(text.Written[word.Source]));

    private sealed record Remembered(string Sender, SenderName? Name);
}

/// <summary>Asks something about one folded word.</summary>
internal delegate bool FoldedWord(ReadOnlySpan<char> word);
