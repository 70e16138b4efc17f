namespace Ringfence.Lists;

/// <summary>What a header says its column is.</summary>
/// <param name="Field">The field; <see cref="ListField.None"/> for what the audit has no use for or can't make out.</param>
/// <param name="Channels">The channels it names, for fields that have channels.</param>
/// <param name="IsKnown">Whether the header says anything at all.</param>
/// <param name="Rank">For fields of which a list has one: the lower, the better the claim.</param>
/// <param name="IsSure">Whether the words leave no doubt.</param>
/// <param name="OfSomebodyElse">Whether it is about another person, so that its content must not be taken for the contact's.</param>
/// <param name="Words">The meanings of its words.</param>
internal readonly record struct HeaderMeaning(
    ListField Field, ChannelSet Channels, bool IsKnown, int Rank, bool IsSure, bool OfSomebodyElse, HeaderWord Words)
{
    /// <summary>How much of a header is looked at; longer ones are text.</summary>
    private const int LongestHeader = 160;

    private const HeaderWord Telephones = HeaderWord.Phone | HeaderWord.Mobile;
    private const HeaderWord Voices = Telephones | HeaderWord.Call;
    private const HeaderWord Ways = Voices | HeaderWord.Auto | HeaderWord.Sms | HeaderWord.Whatsapp | HeaderWord.Fax | HeaderWord.Email;
    private const HeaderWord Moments = HeaderWord.Date | HeaderWord.At;

    private static readonly Vocabulary<HeaderWord> Vocabulary = Vocabulary<HeaderWord>.Load("header-words.txt", compounds: true);

    /// <summary>Reads a header. Never throws.</summary>
    public static HeaderMeaning Of(string header)
    {
        if (header.AsSpan().TrimStart("\ufeff \t").StartsWith("ringfence_", StringComparison.OrdinalIgnoreCase))
            return new HeaderMeaning(ListField.None, ChannelSet.None, true, 0, true, true, HeaderWord.Noise);

        var cut = Vocabulary.Read(header.AsSpan(0, Math.Min(header.Length, LongestHeader)));
        var words = Sum(cut.Words);
        if (words == HeaderWord.Nothing)
            return new HeaderMeaning(ListField.None, ChannelSet.None, false, 0, false, false, words);

        var (field, rank, isSure) = Decide(words, cut.Unknown > 0);
        rank += Ordinal(header) + 4 * cut.Unknown;
        var channels = field switch
        {
            ListField.Refusal => RefusedChannels(words),
            _ when ListFields.HasChannels(field) => ConsentedChannels(words),
            _ => ChannelSet.None,
        };
        return new HeaderMeaning(
            field, channels, true, rank, isSure && cut.Unknown == 0 && header.Length <= LongestHeader, IsOfSomebodyElse(words), words);
    }

    /// <summary>Whether the header has one of the words.</summary>
    public bool Has(HeaderWord any) => Has(Words, any);

    private static bool Has(HeaderWord words, HeaderWord any) => (words & any) != 0;

    private static HeaderWord Sum(IReadOnlyList<Vocabulary<HeaderWord>.Found> found)
    {
        var sum = HeaderWord.Nothing;
        for (var i = 0; i < found.Count; i++)
        {
            var meaning = found[i].Meaning;
            if (meaning == HeaderWord.NumberOrNot)
                meaning = i == 0 && found.Count > 1 ? HeaderWord.Not : HeaderWord.Number;
            sum |= meaning;
        }

        return sum;
    }

    /// <summary>The rules, in the order in which they speak; the first that holds decides.</summary>
    private static (ListField Field, int Rank, bool IsSure) Decide(HeaderWord w, bool hasUnknown)
    {
        if (IsOfSomebodyElse(w))
            return (ListField.None, 0, true);
        if (Refuses(w))
            return (ListField.Refusal, 0, !Has(w, HeaderWord.Aspect));
        if (Has(w, HeaderWord.Until) && !Has(w, HeaderWord.Noise | HeaderWord.Company | HeaderWord.Id))
            return (Has(w, HeaderWord.Consent) || !hasUnknown ? ListField.ConsentUntil : ListField.None, 0, Has(w, HeaderWord.Consent));
        if (Has(w, HeaderWord.Consent) || Has(w, HeaderWord.Confirm) && Has(w, Moments) || Has(w, HeaderWord.Privacy) && !hasUnknown)
            return OfConsent(w);
        if (Has(w, HeaderWord.Wording) && !Has(w, HeaderWord.Id | HeaderWord.Aspect))
            return (ListField.ConsentWording, 2, false);
        if (Has(w, HeaderWord.Preference))
            return (ListField.Notes, 0, true);
        if (Has(w, HeaderWord.Minor))
            return (ListField.Minor, 0, !hasUnknown);
        if (Has(w, HeaderWord.Born))
            return (ListField.BornOn, 0, true);
        if (Has(w, HeaderWord.Source) && !Has(w, Telephones | HeaderWord.Email | HeaderWord.Id | HeaderWord.Country | HeaderWord.Notes))
            return (ListField.Source, Has(w, HeaderWord.Noise | Moments) ? 4 : 0, !hasUnknown);
        if (Has(w, HeaderWord.Marketing) && Has(w, HeaderWord.Status | HeaderWord.Contact) && !Has(w, HeaderWord.Notes))
            return (ListField.Consent, 3, false);
        if (Has(w, HeaderWord.Notes | HeaderWord.Reason) || Has(w, HeaderWord.Status) && !Has(w, HeaderWord.Country))
            return (ListField.Notes, 0, true);
        if (Has(w, HeaderWord.Age) && !Has(w, Ways | HeaderWord.Company))
            return (ListField.Age, 0, !hasUnknown);
        if (Has(w, HeaderWord.Last) && Has(w, HeaderWord.Activity | HeaderWord.Contact | Ways) || Has(w, HeaderWord.Activity))
            return OfActivity(w);
        if (Has(w, HeaderWord.Modified))
            return (ListField.None, 0, true);
        if (Has(w, Ways))
            return OfReaching(w);
        return OfTheRest(w, hasUnknown);
    }

    /// <summary>The name or number of the sales person is; what they noted down about the person of the row is not.</summary>
    private static bool IsOfSomebodyElse(HeaderWord w) =>
        Has(w, HeaderWord.Owner) && !Has(w, HeaderWord.Notes | HeaderWord.Reason | HeaderWord.Status | HeaderWord.Refusal);

    /// <summary>Whether a yes in the column means no. A negation makes no consent of a refusal: "not blocked" is a phrase of its own in the table.</summary>
    private static bool Refuses(HeaderWord w) =>
        Has(w, HeaderWord.Refusal)
        || Has(w, HeaderWord.Not) && Has(w, Ways | HeaderWord.Contact | HeaderWord.Marketing | HeaderWord.Consent)
            && !Has(w, HeaderWord.Aspect | HeaderWord.Id);

    private static (ListField Field, int Rank, bool IsSure) OfConsent(HeaderWord w)
    {
        if (Has(w, HeaderWord.Wording))
            return (ListField.ConsentWording, 0, true);
        if (Has(w, HeaderWord.Notes | HeaderWord.Reason | HeaderWord.Preference))
            return (ListField.Notes, 0, true);
        if (Has(w, HeaderWord.Method | HeaderWord.Source))
            return (ListField.ConsentMethod, Has(w, HeaderWord.Method) ? 0 : 1, true);
        if (Has(w, HeaderWord.Id | HeaderWord.Aspect | HeaderWord.Number))
            return (ListField.None, 0, true);
        // Terms, privacy notices, profiling, sharing with partners: a yes to them is none to being contacted.
        if (Has(w, HeaderWord.Terms) && !Has(w, HeaderWord.Marketing | Ways))
            return (ListField.None, 0, true);
        if (Has(w, Moments | HeaderWord.Created | HeaderWord.Last))
            return (ListField.ConsentAt, Has(w, HeaderWord.Confirm | HeaderWord.Last) ? 1 : 0, true);
        return (ListField.Consent, 0, Has(w, HeaderWord.Consent));
    }

    private static (ListField Field, int Rank, bool IsSure) OfActivity(HeaderWord w)
    {
        if (Has(w, HeaderWord.Number | HeaderWord.Aspect | HeaderWord.Id))
            return (ListField.None, 0, true);
        // "Last contact" may be a call of ours that nobody answered: the weakest sign of life.
        var isTheirs = Has(w, HeaderWord.Activity);
        return (ListField.LastActivity, isTheirs ? Has(w, HeaderWord.Last) ? 0 : Has(w, Moments) ? 1 : 4 : 6, isTheirs && Has(w, HeaderWord.Last | Moments));
    }

    private static (ListField Field, int Rank, bool IsSure) OfReaching(HeaderWord w)
    {
        if (Has(w, HeaderWord.Email) && !Has(w, Voices | HeaderWord.Fax))
            return Has(w, HeaderWord.Aspect | HeaderWord.Id | Moments) ? (ListField.None, 0, true) : (ListField.Email, PlaceRank(w), true);
        if (Has(w, HeaderWord.Fax | HeaderWord.Aspect | HeaderWord.Code | HeaderWord.Country | Moments))
            return (ListField.None, 0, true);
        if (Has(w, Telephones))
            return (ListField.Phone, PlaceRank(w) + (Has(w, HeaderWord.Mobile) ? 1 : 0), true);
        return Has(w, HeaderWord.Whatsapp | HeaderWord.Sms)
            ? (ListField.Phone, 3, false)
            : (ListField.None, 0, false);
    }

    private static (ListField Field, int Rank, bool IsSure) OfTheRest(HeaderWord w, bool hasUnknown)
    {
        if (Has(w, HeaderWord.Country))
            return (ListField.Country, PlaceRank(w) + (Has(w, HeaderWord.Company) ? 2 : 0), true);
        if (Has(w, HeaderWord.State))
            return (ListField.State, PlaceRank(w) + (Has(w, HeaderWord.Company) ? 2 : 0), true);
        if (Has(w, HeaderWord.Contact) && Has(w, HeaderWord.Number))
            return (ListField.Phone, 1, false);
        if (Has(w, HeaderWord.Address | HeaderWord.Noise))
            return (ListField.None, 0, true);
        if (Has(w, HeaderWord.Created) && !Has(w, HeaderWord.Number | HeaderWord.Id | HeaderWord.Aspect))
            return (ListField.CreatedAt, Has(w, Moments) ? 0 : 1, !hasUnknown);
        if (Has(w, HeaderWord.Id))
            return Has(w, HeaderWord.Company | HeaderWord.Other) ? (ListField.None, 0, true) : (ListField.Id, Has(w, HeaderWord.Person) ? 0 : 1, !hasUnknown);
        if (Has(w, HeaderWord.Aspect))
            return (ListField.None, 0, false);
        if (Has(w, HeaderWord.Family))
            return (ListField.FamilyName, 0, !hasUnknown);
        if (Has(w, HeaderWord.Given))
            return (ListField.GivenName, 0, !hasUnknown);
        if (Has(w, HeaderWord.Company))
            return (ListField.Company, Has(w, HeaderWord.Name) ? 0 : 1, !hasUnknown);
        if (Has(w, HeaderWord.Person) && Has(w, HeaderWord.Number | HeaderWord.Code))
            return (ListField.Id, 2, !hasUnknown);
        if (Has(w, HeaderWord.Name | HeaderWord.Person | HeaderWord.Contact))
            return (ListField.Name, Has(w, HeaderWord.Name) ? 0 : 2, !hasUnknown && Has(w, HeaderWord.Name));
        if (w == HeaderWord.Last)
            return (ListField.FamilyName, 1, false);
        if (Has(w, HeaderWord.Number | HeaderWord.Code))
            return (ListField.Id, 5, false);
        if (Has(w, HeaderWord.Marketing))
            return (ListField.Consent, 3, false);
        return Has(w, HeaderWord.Date) ? (ListField.CreatedAt, 5, false) : (ListField.None, 0, false);
    }

    /// <summary>Which of several numbers or addresses is the main one.</summary>
    private static int PlaceRank(HeaderWord w) =>
        Has(w, HeaderWord.Other) ? 8 : Has(w, HeaderWord.Main) ? 0 : Has(w, HeaderWord.Work) ? 2 : Has(w, HeaderWord.Home) ? 3 : 0;

    /// <summary>A number written in the header: <c>Phone 2</c> ranks behind <c>Phone 1</c>.</summary>
    private static int Ordinal(string header)
    {
        foreach (var c in header)
        {
            if (CellText.Fold(c) is >= '2' and <= '9' and var digit)
                return 8 + (digit - '0');
        }

        return 0;
    }

    private static ChannelSet ConsentedChannels(HeaderWord w)
    {
        var channels = ChannelSet.None;
        if (Has(w, HeaderWord.Sms))
            channels |= ChannelSet.Sms;
        if (Has(w, HeaderWord.Whatsapp))
            channels |= ChannelSet.Whatsapp;
        if (Has(w, HeaderWord.Email))
            channels |= ChannelSet.Email;
        if (Has(w, HeaderWord.Fax))
            channels |= ChannelSet.Fax;
        if (Has(w, HeaderWord.Auto))
            channels |= Has(w, HeaderWord.Sms) ? ChannelSet.None : ChannelSet.VoiceAuto;
        // "SMS to mobile phone" is about messages; "calls and SMS" about both.
        else if (Has(w, HeaderWord.Call) || Has(w, Telephones) && (channels & ~ChannelSet.Email) == 0)
            channels |= ChannelSet.Voice;
        return channels;
    }

    /// <summary>A refusal of calls closes every channel that reaches a telephone number.</summary>
    private static ChannelSet RefusedChannels(HeaderWord w)
    {
        var channels = ConsentedChannels(w);
        return (channels & ChannelSet.Voice) != 0 ? channels | ChannelSet.Phone : channels;
    }
}
