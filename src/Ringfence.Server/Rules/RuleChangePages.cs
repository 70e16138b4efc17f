using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Rules.Packs;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rules;

/// <summary>Rules of a controller's own: sent in and checked, looked at before they count, put in force by two, and taken out of force in the same way.</summary>
internal static class RuleChangePages
{
    /// <summary>People on one page.</summary>
    public const int PeopleOfPage = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The page of one change below the controller.</summary>
    public static string PathOf(string id) => "rules/changes/" + id;

    /// <summary><c>GET rules/new</c>: the form.</summary>
    public static Task<PageAnswer> FormAsync(PageCall call) => FormAsync(call, null, [], StatusCodes.Status200OK);

    /// <summary><c>POST rules/new</c>: checks the file, runs its cases, and asks for it to come into force.</summary>
    public static async Task<PageAnswer> AskAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (file, cases) = (form.File("file"), form.File("cases"));
        form.Done();
        if (file is null)
            return await FormAsync(call, call.T("RuleChange.NoFile"), [], StatusCodes.Status422UnprocessableEntity);
        RuleUpload sent;
        IReadOnlyList<PackEffect> effects = [];
        IReadOnlyList<RanCase> ran;
        try
        {
            sent = await RuleUpload.ReadAsync(call, file, cases);
            if (sent.Rules.Pack is { } pack)
            {
                effects = call.Served.InForce.EffectsOf(pack);
                if (effects.Any(static one => one.IsBarred))
                    return await FormAsync(call, call.T("RuleChange.Barred", pack.Name), [], StatusCodes.Status422UnprocessableEntity, effects);
                if (!effects.Any(static one => one.Kind != PackEffectKind.Words))
                    return await FormAsync(call, call.T("RuleChange.NoEffect", pack.Name), [], StatusCodes.Status422UnprocessableEntity, effects);
            }

            var gate = await GateAsync(call, call.Served.InForce.Of(call.Ledger).Own, sent.Rules);
            ran = sent.Run(gate);
            // Law without a case that shows it is law that nobody tried.
            if (sent.Rules.Pack is not null && PackChange.WantingCases(gate.Rules, effects).Where(id => !ran.Any(one => RuleCases.Names(one.Case, id))).ToArray() is { Length: > 0 } wanting)
                return await FormAsync(call, call.T("RuleChange.NoCases", string.Join(call.T("List.Join"), wanting.Take(10))), [], StatusCodes.Status422UnprocessableEntity, effects);
        }
        catch (RuleFileException e)
        {
            return await FormAsync(call, e.Message, [], StatusCodes.Status422UnprocessableEntity);
        }
        catch (DecoderFallbackException)
        {
            return await FormAsync(call, call.T("RuleChange.NotText"), [], StatusCodes.Status422UnprocessableEntity);
        }

        if (ran.Any(static one => !one.Holds))
            return await FormAsync(call, call.T("RuleChange.CasesFail", ran.Count(static one => !one.Holds), ran.Count), ran, StatusCodes.Status422UnprocessableEntity);
        var id = Fresh.Id();
        try
        {
            await call.DoAsync(new AskRulesCommand(call.Actor, id, sent.Rules.Kind, sent.Rules.Name, sent.Rules.Document, retire: false));
        }
        catch (CommandRefusedException e) when (e.Code is "rules-asked" or "rules-in-force")
        {
            return await FormAsync(call, call.T("RuleChange." + e.Code, sent.Rules.Name), [], StatusCodes.Status409Conflict);
        }

        return PageCall.SeeOther(call.At(PathOf(id.ToString())) + (ran.Count == 0 ? "" : FormattableString.Invariant($"?held={ran.Count}")));
    }

    /// <summary><c>POST rules/retire</c>: asks that rules are in force no longer.</summary>
    public static async Task<PageAnswer> RetireAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (name, kind) = (form.Text("name"), form.TextOrNull("kind") ?? RulesInForce.House);
        form.Done();
        var row = call.Served.InForce.Of(call.Ledger).Own.FirstOrDefault(row => row.Kind == kind && row.Name == name) ?? throw PageFault.Missing;
        var document = await DocumentAsync(call, row) ?? throw PageFault.Missing;
        var id = Fresh.Id();
        await call.DoAsync(new AskRulesCommand(call.Actor, id, kind, name, document, retire: true));
        return PageCall.SeeOther(call.At(PathOf(id.ToString())));
    }

    /// <summary><c>GET rules/changes/{id}</c>: what is asked for, and what it would change.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var (row, all) = await ChangeAsync(call);
        var document = await DocumentAsync(call, row);
        string? fault = null;
        ChangePreview? preview = null;
        OwnRules? own = null;
        IReadOnlyList<PackEffect> effects = [];
        try
        {
            own = OwnRules.Read(row, document ?? throw new RuleArchiveException("missing", row.Name));
            if (own.Pack is { } pack)
                effects = call.Served.InForce.EffectsOf(pack);
            if (row.AnsweredSeq is null)
                preview = await PreviewAsync(call, row, all);
        }
        catch (Exception e) when (e is RuleFileException or RuleArchiveException)
        {
            fault = e.Message;
        }

        // It is looked at again by itself; nothing has to run in the page for that.
        if (preview is { GoesOn: true })
            call.Http.Response.Headers["Refresh"] = "3";
        return await call.PageAsync<RuleChangePage>(
            call.T(row.Retire ? "RuleChange.TitleRetire" : "RuleChange.Title", row.Name),
            new RuleChangeView(
                row, RulesInForce.Of(all).Any(one => one.Id == row.Id), own, effects, TextOf(call, own, document), preview, fault, RulesInForce.SeqOf(all),
                await AtAsync(call, row.Seq), row.AnsweredSeq is { } answered ? await AtAsync(call, answered) : null, await NameAsync(call, row.AskedBy), row.AnsweredBy is { } by ? await NameAsync(call, by) : null));
    }

    /// <summary><c>POST rules/changes/{id}/preview</c>: stops the look at everybody, or begins it again.</summary>
    public static async Task<PageAnswer> TurnPreviewAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var act = form.Text("act");
        form.Done();
        var (row, all) = await ChangeAsync(call);
        if (act is not ("stop" or "again"))
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "act");
        if (act == "stop")
            call.Served.Previews.Find(call.Ledger, row.Id, RulesInForce.SeqOf(all))?.Stop();
        else
            call.Served.Previews.Forget(call.Ledger, row.Id);
        return PageCall.SeeOther(call.At(PathOf(row.Id)));
    }

    /// <summary><c>GET rules/changes/{id}/people</c>: whose answer on a channel for a purpose would become another one; each page of people is a record before it is shown.</summary>
    public static async Task<PageAnswer> PeopleAsync(PageCall call)
    {
        var (row, all) = await ChangeAsync(call);
        if (row.AnsweredSeq is not null)
            throw PageFault.Missing;
        if (!Channels.TryParse(call.Query("channel") ?? "", out var channel) || !Cell("was", "why-was", out var was) || !Cell("will", "why-will", out var will))
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-filter", "channel");
        var from = call.Query("from") is not { } text ? 0 : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : throw new PageFault(StatusCodes.Status400BadRequest, "bad-filter", "from");
        var ask = new AudienceAsk(channel, call.Query("purpose"));
        // Who is meant is known only where everybody was asked about, a little while ago.
        if (call.Served.Previews.Find(call.Ledger, row.Id, RulesInForce.SeqOf(all))?.Everybody is not { } everybody)
            return PageCall.SeeOther(call.At(PathOf(row.Id)));
        var move = everybody.Asked.FirstOrDefault(one => one.Ask == ask)?.Moves.FirstOrDefault(one => one.Before == was && one.After == will) ?? throw PageFault.Missing;
        var people = await ListedContacts.ReadAsync(call, [.. move.Named.Skip(from).Take(PeopleOfPage)], [ask.Purpose!]);
        if (people.Count > 0)
            await call.DoAsync(new RevealListCommand(call.Actor, [.. people.Select(static one => one.Sid)]));
        return await call.PageAsync<RuleChangePeoplePage>(call.T("RuleChange.People", row.Name), new RuleChangePeople(row, move, from, people));

        bool Cell(string verdict, string why, out AudienceCell cell)
        {
            cell = default;
            if (!Words<AudienceVerdict>.TryParse(call.Query(verdict) ?? "", out var one))
                return false;
            if (call.Query(why) is not { } word)
            {
                cell = new AudienceCell(one, null);
                return true;
            }

            var isReason = Words<ReasonCode>.TryParse(word, out var reason);
            cell = new AudienceCell(one, reason);
            return isReason;
        }
    }

    /// <summary><c>POST rules/changes/{id}/agree</c>: puts it in force; only somebody else than who asked may.</summary>
    public static Task<PageAnswer> AgreeAsync(PageCall call) => AnswerAsync(call, agreed: true);

    /// <summary><c>POST rules/changes/{id}/decline</c>: it comes to nothing; whoever asked may take it back.</summary>
    public static Task<PageAnswer> DeclineAsync(PageCall call) => AnswerAsync(call, agreed: false);

    /// <summary>Changes to be shown with the rules: those that wait first, then the newest.</summary>
    public static async Task<IReadOnlyList<RuleChangeRow>> AllAsync(PageCall call) =>
        [.. (await call.Installation.Store.RuleChangesAsync(call.Ledger.Ledger, call.Cancel).ToListAsync(call.Cancel)).OrderBy(static row => row.AnsweredSeq is not null).ThenByDescending(static row => row.AnsweredSeq ?? row.Seq)];

    private static async Task<PageAnswer> AnswerAsync(PageCall call, bool agreed)
    {
        var form = await call.FormAsync();
        var since = long.TryParse(form.Text("since"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq) ? seq : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "since");
        form.Done();
        var (row, all) = await ChangeAsync(call);
        if (agreed && row.AnsweredSeq is null)
            await TwoPeople.RequireAsync(call.Installation, call.Served.Entrance.Accounts, row.AskedBy, call.Actor.Ref, call.Cancel);
        // What is agreed to has to go with the rules that are in force by now, and with what the program knows of the law. Rules are taken out of force even where those that are left can't be used: how else would they be mended.
        if (agreed && !row.Retire)
            _ = await WithAsync(call, row, all);
        await call.DoAsync(new AnswerRulesCommand(call.Actor, row.Id, agreed, since));
        if (agreed)
        {
            // It counts from here on, whoever is asked next.
            if ((await call.Served.InForce.RefreshAsync(call.Ledger, call.Cancel)).Fault is null)
                await call.Served.KeepRulesAsync(call.Ledger, call.Actor, call.Cancel);
        }

        return PageCall.SeeOther(call.At(PathOf(row.Id)));
    }

    private static async Task<ChangePreview> PreviewAsync(PageCall call, RuleChangeRow row, IReadOnlyList<RuleChangeRow> all)
    {
        var since = RulesInForce.SeqOf(all);
        var preview = call.Served.Previews.Find(call.Ledger, row.Id, since);
        if (preview is null)
        {
            preview = call.Served.Previews.Begin(call.Ledger, row.Id, since, call.Served.InForce.Of(call.Ledger).Gate, await WithAsync(call, row, all));
        }

        await preview.LookAsync(Patience, call.Cancel);
        return preview;
    }

    // The rules that would be in force after a change.
    private static async Task<ContactGate> WithAsync(PageCall call, RuleChangeRow row, IReadOnlyList<RuleChangeRow> all) => row.Retire
        ? await call.Served.InForce.WithAsync(call.Ledger, [.. RulesInForce.Of(all).Where(one => one.Kind != row.Kind || one.Name != row.Name)], call.Cancel)
        : await GateAsync(call, RulesInForce.Of(all), OwnRules.Read(row, await DocumentAsync(call, row) ?? throw new RuleArchiveException("missing", row.Name)));

    // Those of now, with these in the place of others of their name. Not kept: most that is looked at never counts.
    private static async Task<ContactGate> GateAsync(PageCall call, IReadOnlyList<RuleChangeRow> own, OwnRules with) =>
        call.Served.InForce.With([.. await call.Served.InForce.ReadAsync(call.Ledger, [.. own.Where(row => !with.IsOf(row))], call.Cancel), with]);

    // Of a pack what differs from the program's, so that it is read by whoever answers.
    private static string TextOf(PageCall call, OwnRules? own, byte[]? document) => own?.Pack is { } pack
        ? string.Join('\n', pack.Files.Where(file => call.Served.InForce.Program.Text(file.Path)?.ReplaceLineEndings("\n") != file.Text).Select(static file => $"# {file.Path}\n{file.Text}"))
        : document is null ? "" : Encoding.UTF8.GetString(document);

    private static async Task<(RuleChangeRow Row, IReadOnlyList<RuleChangeRow> All)> ChangeAsync(PageCall call)
    {
        var all = await AllAsync(call);
        return (all.FirstOrDefault(row => row.Id == call.Path("id")) ?? throw PageFault.Missing, all);
    }

    private static async Task<byte[]?> DocumentAsync(PageCall call, RuleChangeRow row) =>
        (await call.Installation.Store.DocumentAsync(call.Ledger, new Digest(row.Doc), call.Cancel))?.Bytes;

    private static async Task<NodaTime.Instant?> AtAsync(PageCall call, long seq)
    {
        await foreach (var row in call.Installation.Store.RecordsAsync(call.Ledger.Ledger, seq, seq + 1, call.Cancel))
            return StoredRecord.Read(row).At;
        return null;
    }

    // As people call them; the account as records name it, where there is none by it.
    private static async Task<string> NameAsync(PageCall call, string account) =>
        call.Staff.Account == account ? call.Staff.Name : await call.Served.Entrance.Accounts.FindAsync(account, call.Cancel) is { } known ? known.Name : account;

    private static Task<PageAnswer> FormAsync(PageCall call, string? fault, IReadOnlyList<RanCase> ran, int status, IReadOnlyList<PackEffect>? effects = null) =>
        call.PageAsync<RuleChangeFormPage>(call.T("RuleChange.New"), new RuleChangeForm(fault is null ? null : ReportLanguage.Visible(fault), ran, effects ?? []), status);
}

/// <summary>The form by which rules are sent in.</summary>
/// <param name="Fault">What is amiss with the file, with line and column; null: nothing.</param>
/// <param name="Ran">Cases that came with it, where some did not come out.</param>
/// <param name="Effects">What a pack of law would do, where that is why it can't be sent in.</param>
internal sealed record RuleChangeForm(string? Fault, IReadOnlyList<RanCase> Ran, IReadOnlyList<PackEffect> Effects);

/// <summary>One change of a controller's own rules.</summary>
/// <param name="Row">As it is stored.</param>
/// <param name="IsInForce">Whether the rules are in force by it.</param>
/// <param name="Own">The rules; null: they can't be read.</param>
/// <param name="Effects">Of a pack of law, what it does against the program's own.</param>
/// <param name="Text">The file.</param>
/// <param name="Preview">What it would change; null once it is answered.</param>
/// <param name="Fault">Why it can't be looked at; null: it can.</param>
/// <param name="Since">By which record the rules became what they are now.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="AnsweredAt">When it was answered; null: not yet.</param>
/// <param name="AskedBy">Who asked.</param>
/// <param name="AnsweredBy">Who answered; null: nobody.</param>
internal sealed record RuleChangeView(
    RuleChangeRow Row, bool IsInForce, OwnRules? Own, IReadOnlyList<PackEffect> Effects, string Text, ChangePreview? Preview, string? Fault, long Since, NodaTime.Instant? AskedAt, NodaTime.Instant? AnsweredAt, string AskedBy, string? AnsweredBy)
{
    public bool IsWaiting => Row.AnsweredSeq is null;
}

/// <summary>People whose answer a change would make another one.</summary>
/// <param name="Row">The change.</param>
/// <param name="Move">How it changes, and for whom.</param>
/// <param name="From">How many of them come before the page.</param>
/// <param name="People">The page.</param>
internal sealed record RuleChangePeople(RuleChangeRow Row, AudienceMove Move, int From, IReadOnlyList<ListedContact> People);
