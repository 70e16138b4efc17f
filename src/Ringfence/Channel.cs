namespace Ringfence;

/// <summary>The way a person is reached. The words on the wire are those of <see cref="Channels"/>.</summary>
public enum Channel : byte
{
    /// <summary>A live call by a person, dialled by hand or one at a time.</summary>
    Voice,

    /// <summary>An autodialled, prerecorded or AI-voice call.</summary>
    VoiceAuto,

    /// <summary>A text message.</summary>
    Sms,

    /// <summary>A message on WhatsApp.</summary>
    Whatsapp,

    /// <summary>An e-mail.</summary>
    Email,

    /// <summary>A fax.</summary>
    Fax,
}

/// <summary>A set of channels, such as those that one refusal closes.</summary>
[Flags]
public enum ChannelSet : byte
{
    /// <summary>No channel.</summary>
    None = 0,

    /// <summary><see cref="Channel.Voice"/>.</summary>
    Voice = 1 << Channel.Voice,

    /// <summary><see cref="Channel.VoiceAuto"/>.</summary>
    VoiceAuto = 1 << Channel.VoiceAuto,

    /// <summary><see cref="Channel.Sms"/>.</summary>
    Sms = 1 << Channel.Sms,

    /// <summary><see cref="Channel.Whatsapp"/>.</summary>
    Whatsapp = 1 << Channel.Whatsapp,

    /// <summary><see cref="Channel.Email"/>.</summary>
    Email = 1 << Channel.Email,

    /// <summary><see cref="Channel.Fax"/>.</summary>
    Fax = 1 << Channel.Fax,

    /// <summary>Every channel that reaches a telephone number: all but e-mail.</summary>
    Phone = Voice | VoiceAuto | Sms | Whatsapp | Fax,

    /// <summary>Every channel.</summary>
    All = Phone | Email,
}

/// <summary>The words and the sets of channels.</summary>
public static class Channels
{
    private static readonly string[] Words = ["voice", "voice-auto", "sms", "whatsapp", "email", "fax"];

    /// <summary>All channels, in the order in which they are always shown.</summary>
    public static IReadOnlyList<Channel> All { get; } =
        [Channel.Voice, Channel.VoiceAuto, Channel.Sms, Channel.Whatsapp, Channel.Email, Channel.Fax];

    /// <summary>The word of a channel in files, on the command line and in the API: <c>voice</c>, <c>voice-auto</c>, ...</summary>
    public static string Word(this Channel channel) => Words[(int)channel];

    /// <summary>The set of this one channel.</summary>
    public static ChannelSet Only(this Channel channel) => (ChannelSet)(1 << (int)channel);

    /// <summary>Whether the set holds the channel.</summary>
    public static bool Has(this ChannelSet set, Channel channel) => (set & channel.Only()) != 0;

    /// <summary>Reads the word of a channel, whatever its case.</summary>
    public static bool TryParse(ReadOnlySpan<char> word, out Channel channel)
    {
        for (var i = 0; i < Words.Length; i++)
        {
            if (!word.Equals(Words[i], StringComparison.OrdinalIgnoreCase))
                continue;
            channel = (Channel)i;
            return true;
        }

        channel = default;
        return false;
    }
}
