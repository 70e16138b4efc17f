using System.Globalization;
using System.Text;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>The words by which people are asked: those that are published, as they are shown, with what is wrong with them; and new ones. What breaks a rule is not published.</summary>
internal static class WordingPages
{
    // Nobody writes more to be read before a yes.
    private const int MostText = 1 << 17;
    private const int MostPlaces = 60;

    /// <summary>All of them.</summary>
    public static async Task<PageAnswer> ListAsync(PageCall call) => await ShowAsync(call, new WordingsView(await AllAsync(call)));

    /// <summary>One, as it is shown.</summary>
    public static async Task<PageAnswer> OneAsync(PageCall call)
    {
        if (!Digest.TryParse(call.Path("digest"), out var digest) || await PublishedWordings.FindAsync(call.Installation.Store, call.Ledger, digest, call.Cancel) is not { } wording)
            throw PageFault.Missing;
        return await call.PageAsync<WordingPage>($"{wording.Id} {wording.Version}", new WordingView(wording, WordingLint.Check(wording)));
    }

    /// <summary>Looks at a new one; publishes it where whoever saw what was found says so.</summary>
    public static async Task<PageAnswer> PublishAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (text, places, seen, file) = (form.Exact("text") ?? "", form.TextOrNull("places"), form.TextOrNull("seen"), form.File("file"));
        form.Done();
        var view = new WordingsView(await AllAsync(call)) { Places = places };
        if (file is not null)
        {
            try
            {
                text = await SentFile.BytesAsync(call, file, MostText) is { } bytes ? SentFile.TextOf(bytes) : new string(' ', MostText + 1);
            }
            catch (DecoderFallbackException)
            {
                return await ShowAsync(call, view with { Fault = call.T("RuleChange.NotText") }, StatusCodes.Status422UnprocessableEntity);
            }
        }

        view = view with { Text = text.Length > MostText ? "" : text };
        if (text.Length > MostText || places?.Length > MostPlaces * 8)
            return await ShowAsync(call, view with { Fault = call.T("Wording.TooLong") }, StatusCodes.Status422UnprocessableEntity);
        WordingDocument wording;
        IReadOnlyList<WordingFinding> findings;
        try
        {
            wording = WordingDocument.Read(file is null ? "wording.yaml" : SentFile.NameOf(file.FileName), text.ReplaceLineEndings("\n"));
            findings = places is null ? WordingLint.Check(wording) : WordingLint.Check(
                wording, call.Served.Gate.Rules, places.ToUpperInvariant().Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), call.Now.InUtc().Date);
        }
        catch (Exception e) when (e is RuleFileException or ArgumentException)
        {
            return await ShowAsync(call, view with { Fault = call.T("Wording.Unread", e.Message) }, StatusCodes.Status422UnprocessableEntity);
        }

        // What is published has to be what was looked at, and pass as it is looked at now.
        if (!WordingLint.Passes(findings) || seen != wording.Digest.ToString())
            return await ShowAsync(call, view with { Proposed = new WordingView(wording, findings) }, WordingLint.Passes(findings) ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
        await call.DoAsync(new PublishCommand(call.Actor, "wording", "application/json", wording.ToBytes(), WordingCliCommand.LanguageOf(wording), wording.Version));
        return PageCall.SeeOther(call.At("settings/wordings/" + wording.Digest));
    }

    /// <summary>What stands in the form before anybody typed: the fields, to be filled.</summary>
    public static string StartOf(PageCall call) => string.Create(CultureInfo.InvariantCulture, $$"""
        format: ringfence/wording/v1
        id: offers
        version: "{{call.Now.InUtc().Year}}-{{call.Now.InUtc().Month:00}}"
        sender: '{{call.Controllers[call.Controller].Replace("'", "''", StringComparison.Ordinal)}}'
        channels: [voice, sms]
        purposes: [offers]
        frequency: { most: 4, within: P1M }
        term: P1Y
        stop: { reply: STOP, page: "https://", in: [every-call] }
        notice: { page: "https://", version: "1" }
        choice: { kind: box, stands: apart }
        texts:
          en:
            text: >-
              I agree that ...
        """);

    private static async Task<IReadOnlyList<WordingDocument>> AllAsync(PageCall call)
    {
        var all = new List<WordingDocument>();
        await foreach (var wording in PublishedWordings.AllAsync(call.Installation.Store, call.Ledger, call.Cancel))
            all.Add(wording);
        return [.. all.OrderBy(static one => one.Id, StringComparer.Ordinal).ThenByDescending(static one => one.Version, StringComparer.Ordinal)];
    }

    private static Task<PageAnswer> ShowAsync(PageCall call, WordingsView view, int status = StatusCodes.Status200OK) => call.PageAsync<WordingsPage>(call.T("Settings.wordings"), view, status);
}

/// <summary>One wording, with what was found.</summary>
internal sealed record WordingView(WordingDocument Wording, IReadOnlyList<WordingFinding> Findings)
{
    /// <summary>Whether it may be published.</summary>
    public bool Passes => WordingLint.Passes(Findings);

    /// <summary>As it is kept.</summary>
    public string Canonical => Encoding.UTF8.GetString(Wording.ToBytes());
}

/// <summary>What the page of wordings shows.</summary>
/// <param name="All">Those that are published.</param>
internal sealed record WordingsView(IReadOnlyList<WordingDocument> All)
{
    /// <summary>What stands in the form.</summary>
    public string Text { get; init; } = "";

    /// <summary>Where it is to be used.</summary>
    public string? Places { get; init; }

    /// <summary>Why it can't be read; null: it can.</summary>
    public string? Fault { get; init; }

    /// <summary>What it says; null: nothing is proposed.</summary>
    public WordingView? Proposed { get; init; }
}
