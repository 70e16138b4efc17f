using System.Text;
using Ringfence.Server.Cli;
using Ringfence.Suppression;

namespace Ringfence.Server.Suppression;

/// <summary>A no in the words of whoever said it. That it is one is settled; the words tell how far it reaches.</summary>
/// <param name="Words">As they were said or written.</param>
/// <param name="Via">The channel on which; null: nobody knows.</param>
internal sealed record SaidNo(string Words, Channel? Via)
{
    public const int LongestWords = 4_000;

    /// <summary>What the words close; everything, where they leave it unclear.</summary>
    public ChannelSet Closed { get; } = OptOut.Read(Words, new InboundContext { Via = Via }) is OptOutReading.OptedOut { Closed: var closed } ? closed : ChannelSet.All;

    /// <summary>The widest of what the words close and what was named beside them. A wish about one purpose is one about all.</summary>
    /// <param name="named">What was named beside; everything, where nothing was.</param>
    /// <param name="isNamed">Whether channels were.</param>
    public SuppressionScope Widen(SuppressionScope named, bool isNamed) => new(isNamed ? named.Channels | Closed : Closed, null);

    /// <summary>The words as what is kept to show it, sealed.</summary>
    public byte[] ToEvidence() => Encoding.UTF8.GetBytes(CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("words", Words);
        if (Via is { } via)
            json.WriteString("via", via.Word());
        json.WriteEndObject();
    }));
}
