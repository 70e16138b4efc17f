using FsCheck;
using FsCheck.Fluent;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Tests.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Whatever stands in a file, reading it gives what it says or the error of a file, with a place in it; nothing else is thrown.</summary>
public sealed class AnythingInFilesTests
{
    private const int Runs = 2000;

    private static readonly string[] Pieces =
    [
        "at", "ask", "channel", "voice", "contact", "phone", "residence", "FR", "US-FL", "consents", "evidence", "complete", "term", "P1Y", "PT24H", "P99999999999D", "cases", "case", "but",
        "defaults", "given", "clean", "expect", "verdict", "id", "fr-hours", "when", "unless", "hours", "open", "days", "mon-fri", "within", "register", "name", "refuse", "null", "~", "true", "false", "0",
        "-1", "18", "1e9", "2026-06-09", "2026-06-09T09:00:00Z", "2026-06-09T11:00 Europe/Paris", "9999-12-31T23:59:59.999999999Z", "0001-01-01", "24:00", ": ", ":", "- ", "\n", "\n  ", "\n    ",
        "{", "}", "[", "]", ",", "\"", "'", "|", ">", "&a", "*a", "!!str", "!", "%", "@", "`", "#", "---", "...", "?", "? ", "<<", "\t", " ", "\\", "\r", "\0", "\ufeff", "\u2028", "\ud83d", "é", "同意",
    ];

    private static readonly string[] Files =
    [
        SampleRule.Head + "when: { channel: [voice], place: FR }\nunless:\n  - consent: { needs: [record], within: P2Y }\n    obliges: [{ script: { blocks: [identity] } }]\nhours:\n  open: [{ days: mon-fri, from: \"10:00\", until: \"20:00\" }]\n  closed-on: [fr-national]\n",
        SampleRule.Head + "register: { name: fr-bloctel, screened-within: P5D, counting: working-days, calendar: be-public, supersedes: all }\ncap: { most: 3, within: P30D, counting: days }\n",
        SampleRule.PackText,
        EmbeddedFiles.Text("rules/places.yaml"),
        """
        given: clean
        at: 2026-06-09T11:00 Europe/Paris
        ask: { channel: sms, class: marketing, purpose: offers, template: { holds: [identity] } }
        contact: { phone: "+33612345678", residence: [FR, BE], age: 18, zone: Europe/Paris, relation: [{ kind: contract, from: 2026-01-01 }], wishes: { most: 1, within: P1D } }
        consents: [{ channels: [sms], purposes: [offers], grantedAt: 2026-01-01, evidence: { holds: complete, lacks: [signature] }, term: P1Y, timeScope: [night, { slot: 2026-09-05T11:00 }] }]
        suppressions: [{ scope: { channels: [sms] }, since: 2026-01-01, by: person }]
        registers: { fr-bloctel: { screenedAt: 2026-06-01, listed: false } }
        history: [{ at: 2026-06-01T10:00:00Z, channel: sms, outcome: sent }]

        """,
        """
        defaults: { contact: { residence: FR } }
        cases:
          - case: one
            source: Act 1
            given: clean
            at: 2026-06-09T11:00 Europe/Paris
            ask: { channel: voice }
            expect: { verdict: refused, first: no-consent@fr-live }
            but:
              - case: two
                ask: { channel: sms }
                expect: { verdict: deferred, until: 2026-06-09T12:00:00Z }

        """,
    ];

    private static readonly Gen<string> Scraps = Gen.Elements(Pieces).ListOf().Select(static list => string.Concat(list));

    // A file that is in order, spoiled in a few places: what is cut out, doubled, or put in.
    private static readonly Gen<string> Spoiled =
        from file in Gen.Elements(Files)
        from cuts in (from at in Gen.Choose(0, 1000)
                      from length in Gen.Choose(0, 12)
                      from piece in Gen.Elements(Pieces)
                      from puts in Gen.Elements(true, false)
                      select (at, length, put: puts ? piece : "")).ListOf(3)
        select cuts.Aggregate(file, static (text, cut) =>
        {
            var at = cut.at % (text.Length + 1);
            return text[..at] + cut.put + text[Math.Min(text.Length, at + cut.length)..];
        });

    [Fact]
    public void Nothing_else_is_thrown_whatever_the_text() =>
        Prop.ForAll(Gen.OneOf(Scraps, Spoiled, Spoiled).ToArbitrary(), text =>
        {
            ReadAll(text);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));

    [Fact]
    public void Nothing_else_is_thrown_at_a_hundred_thousand_characters()
    {
        foreach (var piece in Pieces.Concat(["[[", "{a: ", "- - ", "? ? ", "a:\n ", "- a:\n"]))
            ReadAll(string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length)));
    }

    [Fact]
    public void What_is_nested_deep_is_refused_before_it_exhausts_the_stack()
    {
        var error = Assert.Throws<RuleFileException>(() => SituationFile.Read("s.yaml", new string('[', 50_000)));
        Assert.Contains("s.yaml:1:62: this is nested too deep", error.Message, StringComparison.Ordinal);
    }

    private static void ReadAll(string text)
    {
        Try(() => SituationFile.Read("s.yaml", text));
        Try(() => CaseFile.Read("c.yaml", text));
        foreach (var fault in Rulebook.Faults([(SampleRule.PackFile, SampleRule.PackText), (SampleRule.File, text)])
                     .Concat(Rulebook.Faults([(SampleRule.PackFile, text), ("rules/places.yaml", text)])))
            HasPlace(fault);
    }

    private static void Try(Action read)
    {
        try
        {
            read();
        }
        catch (RuleFileException fault)
        {
            HasPlace(fault);
        }
    }

    private static void HasPlace(RuleFileException fault)
    {
        Assert.True(fault is { Line: > 0, Column: > 0, File.Length: > 0 });
        Assert.StartsWith($"{fault.File}:{fault.Line}:{fault.Column}: ", fault.Message, StringComparison.Ordinal);
    }
}
