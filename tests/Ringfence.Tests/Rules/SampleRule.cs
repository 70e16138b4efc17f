using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rules;

/// <summary>A pack and a rule of the gate that are in order, to be changed by what a test is about.</summary>
internal static class SampleRule
{
    public const string File = "rules/fr/hours/2024-01-01.yaml";

    public const string PackFile = "rules/fr/pack.yaml";

    public const string Head =
        """
        id: fr-hours
        says: { en: a, zh-Hans: b, zh-Hant: c }
        cites: Act 1
        source: https://example.org/act
        certainty: verified
        grade: statute
        from: 2024-01-01

        """;

    public const string PackText =
        """
        prefix: fr
        name: { en: a, zh-Hans: b, zh-Hant: c }
        covers: [FR, GP]

        """;

    /// <summary>The line on which what follows the head begins.</summary>
    public const int FirstLine = 8;

    public static Pack Pack { get; } = ReadPack(PackText);

    /// <summary>Reads a rule that has this after its head.</summary>
    public static Rule Read(string body, Pack? pack = null)
    {
        using var reader = new StringReader(Head + body);
        return RuleReader.Read(File, reader, Groups(), pack ?? Pack);
    }

    /// <summary>Reads a rule that only stands for the condition in its <c>when</c>.</summary>
    public static IReadOnlyList<Condition> When(string conditions) => Read($"when: {{ {conditions} }}\nrefuse: sector-ban\n").When;

    public static Condition OneCondition(string condition) => Assert.Single(When(condition));

    public static T Body<T>(string body) where T : RuleBody => Assert.IsType<T>(Read(body).Body);

    public static Pack ReadPack(string text)
    {
        using var reader = new StringReader(text);
        return PackReader.Read(PackFile, reader, Groups());
    }

    /// <summary>The error of what follows the head, which has to be at a line of it, from 1, and a column.</summary>
    public static void Refused(string body, int line, int column, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => Read(body));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal((line + FirstLine - 1, column), (error.Line, error.Column));
        Assert.StartsWith($"{File}:{error.Line}:{error.Column}: ", error.Message, StringComparison.Ordinal);
    }

    private static PlaceGroups Groups()
    {
        using var places = new StringReader("NORTH: { says: a, cites: b, source: c, holds: [DK, SE] }\nNORTH-FR: { says: a, cites: b, source: c, holds: [NORTH, FR] }\n");
        return PlaceGroups.Read("rules/places.yaml", places);
    }
}
