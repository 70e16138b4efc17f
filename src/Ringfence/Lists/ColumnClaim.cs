namespace Ringfence.Lists;

/// <summary>What one column claims to be, before it is weighed against the others.</summary>
internal sealed class ColumnClaim
{
    /// <summary>This share of cells makes a column what its content shows, against its header.</summary>
    private const double Clearly = 0.7;

    /// <summary>This share of cells is enough to agree with a header: lists are dirty.</summary>
    private const double Enough = 0.3;

    private ColumnClaim(int index, HeaderMeaning header, ColumnContent content)
    {
        Index = index;
        Header = header;
        Content = content;
    }

    public int Index { get; }

    public HeaderMeaning Header { get; }

    public ColumnContent Content { get; }

    public ListField Field { get; set; }

    public ChannelSet Channels { get; set; }

    public ReadingCertainty Certainty { get; set; }

    public ReadingGround Ground { get; private set; }

    /// <summary>Among columns that claim one field the lowest wins.</summary>
    public int Rank => Ground switch
    {
        ReadingGround.Map => -1,
        ReadingGround.Header => Header.Rank,
        ReadingGround.Content => 50 + (Header.IsKnown ? 5 : 0),
        ReadingGround.Nothing => 100,
    };

    /// <summary>The claim of a column of which the user said what it is.</summary>
    public static ColumnClaim Said(int index, ListField field, ChannelSet channels, ColumnContent content)
    {
        var claim = new ColumnClaim(index, default, content);
        claim.Take(field, channels, ReadingCertainty.Sure, ReadingGround.Map);
        return claim;
    }

    /// <summary>The claim of a column by its header and content.</summary>
    public static ColumnClaim Make(int index, HeaderMeaning header, ColumnContent content)
    {
        var claim = new ColumnClaim(index, header, content);
        if (header.OfSomebodyElse)
            claim.Take(ListField.None, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header);
        else if (header.IsKnown)
            claim.TakeHeader();
        else
            claim.TakeContent();
        return claim;
    }

    /// <summary>The reading that the claim came to.</summary>
    public ColumnReading Reading(string header) =>
        new(Index, header, Field, Channels, Certainty, Ground, IsDate(Field) || Field == ListField.Refusal ? Content.Order : DateOrder.Unknown);

    /// <summary>Gives the field up for another.</summary>
    public void Yield(ListField to)
    {
        Field = to;
        if (!to.HasChannels())
            Channels = ChannelSet.None;
    }

    private void TakeHeader()
    {
        if (Header.Field == ListField.None)
        {
            // The header says that the audit has no use for the column, or says too little.
            if (Header.IsSure || Content.Filled == 0)
                Take(ListField.None, ChannelSet.None, Header.IsSure ? ReadingCertainty.Sure : ReadingCertainty.Guess, ReadingGround.Header);
            else
                TakeContent();
            return;
        }

        if (IsStatusOfConsent())
            Take(ListField.Consent, Header.Channels | WaysNamed(), ReadingCertainty.Likely, ReadingGround.Content);
        else if (Content.Filled == 0)
            Take(Header.Field, Header.Channels, Header.IsSure ? ReadingCertainty.Likely : ReadingCertainty.Guess, ReadingGround.Header);
        else if (Agrees(Header.Field))
            Take(Header.Field, Header.Channels, Header.IsSure ? ReadingCertainty.Sure : ReadingCertainty.Likely, ReadingGround.Header);
        else
            TakeContentAgainstHeader();
    }

    /// <summary>A status column whose cells are subscribed, unsubscribed, opted out is no note but an answer.</summary>
    private bool IsStatusOfConsent() =>
        Header.Field == ListField.Notes && Header.Has(HeaderWord.Status) && Content.Mostly(Content.Answers, Clearly)
        && Content.ConsentWords * 5 >= Content.Filled;

    private bool Agrees(ListField field) => field switch
    {
        ListField.Email or ListField.OtherEmail => Content.Mostly(Content.Emails, Enough),
        ListField.Phone or ListField.OtherPhone => Content.Mostly(Content.Phones, Enough),
        ListField.Country => Content.Mostly(Content.Countries, Enough),
        ListField.Consent or ListField.Minor => Content.Mostly(Content.Answers, Enough),
        ListField.Refusal => Content.Mostly(Content.Answers + Content.Dates, Enough),
        ListField.ConsentAt or ListField.ConsentUntil or ListField.LastActivity or ListField.CreatedAt or ListField.BornOn =>
            Content.Mostly(Content.Dates + Content.DateNumbers, Enough),
        ListField.Age => Content.Mostly(Content.Ages, Enough),
        ListField.Name or ListField.GivenName or ListField.FamilyName or ListField.Company or ListField.State or ListField.Source
            or ListField.ConsentWording or ListField.ConsentMethod => Content.Mostly(Content.Texts, Enough) && TypeOfContent() == ListField.None,
        ListField.Id => !Content.Mostly(Content.Emails, Clearly) && !(Header.Rank >= 5 && Content.Mostly(Content.Phones, Clearly)),
        ListField.Notes or ListField.None => true,
    };

    /// <summary>The header says one thing, the content does not look it.</summary>
    private void TakeContentAgainstHeader()
    {
        var type = TypeOfContent();
        if (Header.Field == ListField.ConsentAt && Content.Mostly(Content.Answers, Clearly))
            Take(ListField.Consent, Header.Channels, ReadingCertainty.Likely, ReadingGround.Content);
        else if (Header.Field == ListField.ConsentUntil && Content.Mostly(Content.Answers, Clearly))
            // "Consent expired: yes" takes the consent back.
            Take(ListField.Refusal, Header.Channels, ReadingCertainty.Guess, ReadingGround.Content);
        else if (Header.Field == ListField.Refusal && Header.Has(HeaderWord.Aspect))
            // The link or address by which people refuse.
            Take(ListField.None, ChannelSet.None, ReadingCertainty.Guess, ReadingGround.Content);
        else if (Header.Field == ListField.Refusal && (type is ListField.None or ListField.CreatedAt || Header.Has(HeaderWord.Refusal | HeaderWord.Call)))
            Take(Header.Field, Header.Channels, ReadingCertainty.Likely, ReadingGround.Header);
        else if (type == ListField.CreatedAt)
            TakeDates();
        else if (type != ListField.None)
            Take(type, ChannelSet.None, Content.Mostly(Math.Max(Content.Emails, Content.Phones), 0.9) ? ReadingCertainty.Likely : ReadingCertainty.Guess, ReadingGround.Content);
        else if (Header.Field is ListField.Email or ListField.Phone && Content.Mostly(Content.Answers, Clearly))
            Take(ListField.Consent, WaysNamed(), ReadingCertainty.Guess, ReadingGround.Content);
        else if (Header.Field == ListField.Consent && Content.Mostly(Content.Sentences, 0.5))
            Take(ListField.ConsentWording, Header.Channels, ReadingCertainty.Likely, ReadingGround.Content);
        else if (Header.Field is ListField.Email or ListField.Phone or ListField.BornOn or ListField.Age or ListField.CreatedAt or ListField.LastActivity
            && Content.Mostly(Content.Texts, 0.5))
            Take(ListField.Notes, ChannelSet.None, ReadingCertainty.Guess, ReadingGround.Content);
        else
            Take(Header.Field, Header.Channels, ReadingCertainty.Guess, ReadingGround.Header);
    }

    /// <summary>Dates under a header that promises something else.</summary>
    private void TakeDates()
    {
        var (field, certainty) = Header.Field switch
        {
            ListField.Consent or ListField.ConsentMethod or ListField.ConsentWording => (ListField.ConsentAt, ReadingCertainty.Likely),
            ListField.Age => (ListField.BornOn, ReadingCertainty.Likely),
            _ => (ListField.None, ReadingCertainty.Guess),
        };
        Take(field, Header.Channels, certainty, ReadingGround.Content);
    }

    /// <summary>The header says nothing, or there is none.</summary>
    private void TakeContent()
    {
        var type = TypeOfContent();
        var certainty = ReadingCertainty.Guess;
        if (type is ListField.Email or ListField.Phone && Content.Mostly(Math.Max(Content.Emails, Content.Phones), 0.9))
            certainty = ReadingCertainty.Likely;
        if (type == ListField.None)
            type = VagueType();
        var isNothing = type == ListField.None;
        Take(type, ChannelSet.None, certainty, isNothing && Content.Filled == 0 ? ReadingGround.Nothing : ReadingGround.Content);
    }

    /// <summary>What the content is beyond doubt; none where it is nothing in particular.</summary>
    private ListField TypeOfContent()
    {
        if (Content.Mostly(Content.Emails, Clearly))
            return ListField.Email;
        if (Content.Mostly(Content.Dates, Clearly) || Content.Mostly(Content.Dates + Content.DateNumbers, Clearly) && 10 * Content.Dates >= Content.Filled)
            return ListField.CreatedAt;
        return Content.Mostly(Content.Phones, Clearly) && 2 * Content.DateNumbers <= Content.Phones ? ListField.Phone : ListField.None;
    }

    private ListField VagueType()
    {
        if (Content.Mostly(Content.Answers, Clearly))
        {
            // Bare yes and no may be about anything: a consent must be called one.
            if (Content.ConsentWords * 5 >= Content.Filled)
                return ListField.Consent;
            if (!Content.Mostly(Content.Sentences, 0.1))
                return ListField.None;
        }

        if (Content.Mostly(Content.States, 0.9) && Content.States > Content.Countries)
            return ListField.State;
        if (Content.Mostly(Content.Countries, 0.8))
            return ListField.Country;
        if (Content.Mostly(Content.Companies, 0.2) && Content.Mostly(Content.Texts, Clearly))
            return ListField.Company;
        if (Content.Mostly(Content.Names, 0.8) && Content.Distinct * 2 > Content.Filled && !Content.Mostly(Content.Keys, 0.1))
            return ListField.Name;
        if (!Header.IsKnown && Content.Mostly(Content.Keys, 0.9) && Content.Distinct == Content.Filled && Content.Filled > 1)
            return ListField.Id;
        return Content.Texts > 0 && !Content.Mostly(Content.Keys, 0.9) ? ListField.Notes : ListField.None;
    }

    private ChannelSet WaysNamed()
    {
        var channels = ChannelSet.None;
        if (Header.Has(HeaderWord.Email))
            channels |= ChannelSet.Email;
        if (Header.Has(HeaderWord.Sms))
            channels |= ChannelSet.Sms;
        if (Header.Has(HeaderWord.Whatsapp))
            channels |= ChannelSet.Whatsapp;
        if (Header.Has(HeaderWord.Phone | HeaderWord.Mobile | HeaderWord.Call))
            channels |= ChannelSet.Voice;
        return channels;
    }

    private static bool IsDate(ListField field) => field
        is ListField.ConsentAt or ListField.ConsentUntil or ListField.LastActivity or ListField.CreatedAt or ListField.BornOn or ListField.Consent;

    private void Take(ListField field, ChannelSet channels, ReadingCertainty certainty, ReadingGround ground)
    {
        Field = field;
        Channels = field.HasChannels() ? channels : ChannelSet.None;
        Certainty = certainty;
        Ground = ground;
    }
}
