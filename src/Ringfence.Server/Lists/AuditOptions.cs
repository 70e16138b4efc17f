namespace Ringfence.Server.Lists;

/// <summary>What an audit goes by.</summary>
internal sealed record AuditOptions : ListOptions
{
    /// <summary>Months without a sign of life after which a contact is long inactive, unless the user says otherwise.</summary>
    public const int DefaultInactiveAfterMonths = 24;

    /// <summary>Where the report goes.</summary>
    public required string Out { get; init; }

    /// <summary>Yearly worldwide turnover in EUR.</summary>
    public decimal? Turnover { get; init; }

    /// <summary>The channels to grade.</summary>
    public IReadOnlyList<Channel> Channels { get; init; } = [Channel.Voice, Channel.VoiceAuto, Channel.Sms, Channel.Whatsapp, Channel.Email];

    /// <summary>Months without a sign of life after which a contact is long inactive.</summary>
    public int InactiveAfterMonths { get; init; } = DefaultInactiveAfterMonths;

    /// <summary>The language of the sentences in the files.</summary>
    public System.Globalization.CultureInfo Language { get; init; } = System.Globalization.CultureInfo.InvariantCulture;
}
