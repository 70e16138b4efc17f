using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>What is asked about a contact whom the ledger knows.</summary>
/// <param name="At">The instant that is judged.</param>
/// <param name="Controller">In whose name.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Purpose">The purpose.</param>
/// <param name="Technique">How; null: as the file says, if it does.</param>
public sealed record ContactQuestion(Instant At, string Controller, Channel Channel, string Purpose, Technique? Technique = null);

/// <summary>Reads what is stated of a contact beside what the ledger knows: the keys of a situation, but for those that the ledger alone may state.</summary>
public static class AskedFile
{
    // What somebody agreed to, what they refused, who they are and where they come from is not for a file to say.
    private static readonly string[] OfQuestion = ["given", "at"];
    private static readonly string[] OfLedger = ["consents", "suppressions"];
    private static readonly string[] OfPerson = ["source", "quarantine"];
    private static readonly string[] OfPoint = ["phone", "number", "email", "emailValid", "otherPhones"];

    /// <summary>Reads it.</summary>
    /// <param name="question">What is asked; it goes before what the file says.</param>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">YAML or JSON; null: nothing else is stated.</param>
    /// <param name="standing">What holds of every contact where nothing else is stated; null: nothing.</param>
    /// <param name="hasLedger">Whether there is a ledger to say what it alone may; where there is none, the file may say it of everybody asked about.</param>
    /// <exception cref="RuleFileException">It is no YAML, a key or a word is not known, or states what only the ledger may. The message names line and column.</exception>
    public static Situation Read(ContactQuestion question, string file, string? text, StandingFacts? standing = null, bool hasLedger = true)
    {
        ArgumentNullException.ThrowIfNull(question);
        var stated = standing?.Facts ?? new FactMap().Node();
        if (text is not null)
            stated = stated.With(Mapping(file, text, hasLedger));
        var asked = new FactMap()
            .Text("at", InstantPattern.ExtendedIso.Format(question.At))
            .Map("ask", new FactMap().Text("controller", question.Controller).Text("channel", question.Channel.Word()).Text("purpose", question.Purpose).Word("technique", question.Technique))
            .Node();
        return SituationReader.Read(stated.With(asked));
    }

    /// <summary>A file of what may be stated.</summary>
    internal static FileMapping Mapping(string file, string text, bool hasLedger = true)
    {
        using var reader = new StringReader(text);
        var stated = YamlTree.Read(file, reader) as FileMapping ?? throw RuleFileException.At(new FilePlace(file, 1, 1), "a mapping is wanted here");
        Refuse(stated, OfQuestion);
        if (hasLedger)
            Refuse(stated, OfLedger);
        if (stated.Find("contact") is FileMapping contact)
        {
            Refuse(contact, OfPoint);
            if (hasLedger)
                Refuse(contact, OfPerson);
        }

        return stated;
    }

    private static void Refuse(FileMapping map, string[] keys)
    {
        foreach (var (key, _) in map.Entries)
        {
            if (keys.Contains(key.Text))
                throw RuleFileException.At(key.At, $"'{key.Text}' is for the ledger to say");
        }
    }
}

/// <summary>What a controller states once of all its contacts: where it is established, how it is registered, what its calls hold. A question may state otherwise.</summary>
public sealed class StandingFacts
{
    private StandingFacts(FileMapping facts) => Facts = facts;

    internal FileMapping Facts { get; }

    /// <summary>Reads them.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">YAML or JSON.</param>
    /// <exception cref="RuleFileException">It is no YAML, a key or a word is not known, or states what only the ledger may. The message names line and column.</exception>
    public static StandingFacts Read(string file, string text)
    {
        var facts = AskedFile.Mapping(file, text);
        // What can't be read is to be known now, not when somebody waits for an answer.
        _ = SituationReader.Read(facts.With(new FactMap().Text("at", InstantPattern.ExtendedIso.Format(NodaConstants.UnixEpoch)).Node()));
        return new StandingFacts(facts);
    }
}
