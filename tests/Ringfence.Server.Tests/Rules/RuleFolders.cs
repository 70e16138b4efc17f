namespace Ringfence.Server.Tests.Rules;

/// <summary>A folder of its own for a small set of rules and cases, gone when the test ends.</summary>
internal sealed class RuleFolders : IDisposable
{
    /// <summary>Two cases that the rules of <see cref="Rules"/> answer as expected.</summary>
    public const string TwoCases = """
        defaults:
          ask: { channel: voice, class: marketing, purpose: offers }
          contact: { phone: "+31612345678", residence: NL, audience: b2c }
        cases:
          - case: on a Tuesday at eleven
            source: https://law.example/hours
            given: clean
            at: 2026-06-09T11:00 Europe/Amsterdam
            consents: [{ channels: [voice], purposes: [offers], grantedAt: 2026-05-01, evidence: complete }]
            expect: { verdict: allowed, obligations: [identity] }
            but:
              - case: at half past nine
                at: 2026-06-09T09:30 Europe/Amsterdam
                expect: { verdict: deferred, first: hours }

        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ringfence-rules-");

    public string Root => folder.FullName;

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Writes a pack of one jurisdiction with a rule on consent and one on hours; returns its folder.</summary>
    public string Rules(string hours = "{ days: mon-fri, from: \"10:00\", until: \"20:00\" }", string name = "rules", bool withConsent = true)
    {
        Write($"{name}/nl/pack.yaml", """
            prefix: nl
            name: { en: The Netherlands, zh-Hans: 荷兰, zh-Hant: 荷蘭 }
            covers: [NL]
            reviewed: 2026-01-01
            """);
        if (withConsent)
        {
            Write($"{name}/nl/calls/2021-07-01.yaml", """
                id: nl-calls
                says:
                  en: "Consumers may be called to sell only with their consent."
                  zh-Hans: "须经消费者同意方可致电推销。"
                  zh-Hant: "須經消費者同意方可致電推銷。"
                cites: "Art. 11.7"
                source: https://law.example/calls
                certainty: verified
                grade: statute
                from: 2021-07-01
                when: { channel: [voice], class: [marketing], audience: [b2c] }
                ground:
                  any-of:
                    - consent: { needs: [record] }
                obliges: [identity]
                """);
        }

        Write($"{name}/nl/hours/2020-01-01.yaml", $$"""
            id: nl-hours
            says:
              en: "Consumers may be called from Monday to Friday, 10:00 to 20:00."
              zh-Hans: "只能在周一至周五 10:00–20:00 致电消费者。"
              zh-Hant: "只能在週一至週五 10:00–20:00 致電消費者。"
            cites: "Art. 1"
            source: https://law.example/hours
            certainty: secondary
            grade: self-regulation
            from: 2020-01-01
            reading: "The clock is that of the person."
            when: { channel: [voice], class: [marketing] }
            hours:
              open: [{{hours}}]
            """);
        return Path.Combine(Root, name);
    }

    /// <summary>Writes a file of cases; returns its path.</summary>
    public string Cases(string text, string name = "cases.yaml") => Write(name, text);

    public string Write(string name, string text)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
