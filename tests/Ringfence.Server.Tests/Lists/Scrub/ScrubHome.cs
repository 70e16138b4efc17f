using NodaTime;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Scrub;
using Ringfence.Server.Tests.Suppression.Registers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Tests.Lists.Scrub;

/// <summary>What a scrub is about, in a folder of its own.</summary>
public sealed class ScrubHome : IDisposable
{
    /// <summary>A Monday, at noon in New York.</summary>
    public static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 17, 0);

    /// <summary>Facts that stand in nobody's way, as far as a file may state them beside a ledger.</summary>
    public const string CleanFacts = """
        ask: { class: marketing, promotes: false, sector: other, callerId: { shown: true, entitled: true, directory: true, answered: true, registered: true }, script: complete,
          template: { category: marketing, status: approved, holds: complete, optOutLiveUntil: 2999-12-31, registered: true }, agent: { trained: true, registered: true },
          campaign: { abandonedPercent: 0, selectedBy: [] } }
        contact: { audience: b2c, age: adult, verified: true, reassigned: { answer: "no" }, relation: [], notices: [], wishes: {}, unlisted: false }
        history: []
        seller: { country: US, registrations: [{ place: any, kind: any }], balancingTest: true, impactAssessment: true, is: [] }
        status: { emergency: false }
        rightsRequests: []
        """;

    /// <summary>And such as they may be stated where there is no ledger.</summary>
    public static readonly string AloneFacts = CleanFacts.Replace("contact: { ", "contact: { source: { kind: form, provenance: true }, quarantine: false, ", StringComparison.Ordinal) + "\nconsents: []";

    public RegisterHome Registers { get; } = new();

    public string Write(string name, string text) => Registers.Write(name, text);

    public string Out => Registers.PathOf("out.csv");

    internal static Situation Asked(Channel channel, string facts, bool hasLedger, Instant? at = null) =>
        AskedFile.Read(new ContactQuestion(at ?? Noon, "acme", channel, "offers", channel switch { Channel.Voice => Technique.Manual, Channel.VoiceAuto => Technique.Prerecorded, _ => Technique.Bulk }), "facts.yaml", facts, hasLedger: hasLedger);

    internal ScrubOptions Options(string list, Situation asked, string[]? suppress = null, params RegisterImage[] registers) => new()
    {
        Files = [list],
        AsOf = asked.At.InUtc().Date,
        Asked = asked,
        AskedAs = "test",
        Gate = ContactGate.Shipped,
        Registers = registers,
        SuppressionLists = suppress,
        Region = Region.Of("US"),
        Out = Out,
        Threads = 2,
    };

    internal static ScrubOutcome Run(ScrubOptions options, LedgerScreen? ledger = null) => ScrubRun.Run(options, ledger, ProgressBar.None, CancellationToken.None);

    /// <summary>The answers, cell by cell; the header first.</summary>
    public string[][] Rows() => [.. File.ReadAllText(Out).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(Cells)];

    public void Dispose() => Registers.Dispose();

    private static string[] Cells(string line)
    {
        var (cells, cell, quoted) = (new List<string>(), new System.Text.StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                cell.Append(line[i++]);
            else if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == ',' && !quoted)
                (cells, cell) = ([.. cells, cell.ToString()], new System.Text.StringBuilder());
            else
                cell.Append(line[i]);
        }

        return [.. cells, cell.ToString()];
    }
}
