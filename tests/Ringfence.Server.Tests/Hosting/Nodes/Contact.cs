using System.Collections.Concurrent;
using System.Globalization;

namespace Ringfence.Server.Tests.Hosting.Nodes;

/// <summary>Somebody whom several nodes are asked about.</summary>
/// <param name="number">Their number among the others.</param>
internal sealed class Contact(int number)
{
    /// <summary>The wording promises so many letters a month.</summary>
    public const int Promised = 4;

    public int Number { get; } = number;

    public string Address => AddressOf(Number);

    public string Agreement => $$"""
        {"to":"{{Address}}","wording":"letters@2026-11","language":"en","residence":"GB",
         "evidence":{"format":"ringfence/consent-evidence/v1","method":"checkbox","page":"https://ringmuster.example/form","ip":"203.0.113.7","device":"Firefox"} }
        """;

    public bool HasAgreed { get; set; }

    public ConcurrentQueue<string> Permits { get; } = [];

    public static string Question(int number) => $$"""{"to":"{{AddressOf(number)}}","channel":"email","purpose":"offers" }""";

    private static string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"person{number}@example.org");
}
