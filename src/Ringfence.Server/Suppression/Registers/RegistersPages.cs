using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Numbers;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.Rules;
using Ringfence.Server.Sealing;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>The registers of others that this server keeps: how old each is, what stops when it is too old, and a new one in its place.</summary>
internal static class RegistersPages
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(400);

    // The layouts of operators have their day; nothing before it is a register.
    private const int FirstYear = 1990;

    /// <summary>The page of one load below the controller.</summary>
    public static string PathOf(RegisterLoad load) => "registers/loads/" + load.Id;

    /// <summary><c>GET registers</c>.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => call.PageAsync<RegistersPage>(call.T("Room.registers"), new RegistersView(Kept(call)));

    /// <summary><c>GET registers/load</c>: the form.</summary>
    public static Task<PageAnswer> FormAsync(PageCall call) =>
        FormAsync(call, call.Query("name") is { } name && RegisterFacts.IsName(name) ? new Dictionary<string, string> { ["name"] = name } : [], null, StatusCodes.Status200OK);

    /// <summary><c>POST registers/load</c>: takes the files in, and begins.</summary>
    public static async Task<PageAnswer> LoadAsync(PageCall call)
    {
        var (desk, id) = (call.Served.RegisterDesk, Fresh.Id());
        var folder = desk.FolderOf(id);
        var begun = false;
        try
        {
            var (fields, files) = await RegisterUpload.ReadAsync(call, folder);
            if (Order(call, fields, files, out var order, out var kind) is { } fault)
                return await FormAsync(call, fields, fault, StatusCodes.Status422UnprocessableEntity);
            var load = desk.Begin(id, order, kind, call.Ledger, call.Actor);
            begun = true;
            return PageCall.SeeOther(call.At(PathOf(load)));
        }
        finally
        {
            if (!begun)
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary><c>GET registers/loads/{id}</c>: how far it is, or what came of it.</summary>
    public static Task<PageAnswer> OneAsync(PageCall call) => call.PageAsync<RegisterLoadPage>(call.T("Registers.Loading", Known(call).Order.Name), Known(call));

    /// <summary><c>GET registers/loads/{id}/progress</c>.</summary>
    public static Task<PageAnswer> ProgressAsync(PageCall call) => Task.FromResult<PageAnswer>(new PageAnswer.Events("progress", FollowAsync(call, Known(call))));

    /// <summary>What became of the files in words; null: all went well, or goes on.</summary>
    public static string? FaultOf(PageCall call, RegisterLoad load) => load switch
    {
        { Fault: { } fault } => (RegisterFaults.Of(fault) ?? call.T("Registers.Failed")).Replace(Path.GetFullPath(call.Installation.Options.Data), "…", StringComparison.Ordinal).Replace(call.Installation.Options.Data, "…", StringComparison.Ordinal),
        { Outcome.Facts: null, Outcome: { } outcome } => call.T("Registers.NotBuilt", outcome.DamagedCount),
        _ => null,
    };

    private static Task<PageAnswer> FormAsync(PageCall call, IReadOnlyDictionary<string, string> fields, (string Field, string Text)? fault, int status) =>
        call.PageAsync<RegisterFormPage>(call.T("Registers.Load"), new RegisterForm(fields, fault, [.. Kept(call).Select(static one => one.Name)]), status);

    private static RegisterLoad Known(PageCall call) => call.Served.RegisterDesk.Find(call.Ledger, call.Path("id")) ?? throw PageFault.Missing;

    // Null: it is in order.
    private static (string Field, string Text)? Order(PageCall call, IReadOnlyDictionary<string, string> fields, int files, out RegisterOrder order, out RegisterLoadKind kind)
    {
        (order, kind) = (null!, RegisterLoadKind.Whole);
        string? Said(string name) => fields.TryGetValue(name, out var text) && text.Length > 0 ? text : null;
        string? unknown = fields.Keys.FirstOrDefault(static name => name is not (PageForm.Token or "name" or "kind" or "as-of" or "format" or "covers" or "region" or "skip"));
        if (unknown is not null)
            throw new PageFault(StatusCodes.Status400BadRequest, "unknown-field");
        if (Said("name") is not { } name || !RegisterFacts.IsName(name))
            return ("name", call.T("Registers.BadName"));
        if (files == 0)
            return ("file", call.T("Registers.NoFile"));
        if (Said("kind") is { } what && !Ringfence.Gate.Words<RegisterLoadKind>.TryParse(what, out kind))
            return ("kind", call.T("Registers.BadKind"));
        // The clock of the operator may be half a day ahead of ours.
        if (LocalDatePattern.Iso.Parse(Said("as-of") ?? "") is not { Success: true, Value: var day } || day.Year < FirstYear || day > call.Now.InUtc().Date.PlusDays(1))
            return ("as-of", call.T("Registers.BadDay"));
        var format = RegisterCliCommand.Formats.FirstOrDefault(one => one.Word == (Said("format") ?? "plain"));
        if (format.Word is null)
            return ("format", call.T("Registers.BadFormat"));
        RegisterCoverage? covers = null;
        if (Said("covers") is { } beginnings)
        {
            string[] all = [.. beginnings.Split([',', ' ', '\n', '\r', '，'], StringSplitOptions.RemoveEmptyEntries).Select(static one => one.TrimStart('+'))];
            if (all.Length > RegisterCoverage.Most || Array.Exists(all, static one => !RegisterCoverage.IsBeginning(one)))
                return ("covers", call.T("Registers.BadCovers"));
            covers = RegisterCoverage.Of(all);
        }

        var region = Region.None;
        if (Said("region") is { } code && (code.Length != 2 || (region = Region.Of(code.ToUpperInvariant())) == Region.None))
            return ("region", call.T("Registers.BadRegion"));
        order = new RegisterOrder
        {
            Name = name,
            Out = RegisterFile.PathOf(call.Installation.Options.Data, name),
            AsOf = day,
            // Whole microseconds, as everywhere.
            Now = Instant.FromUnixTimeTicks(call.Now.ToUnixTimeTicks() / 10 * 10),
            Format = format.Format,
            Covers = covers,
            SkipDamaged = Said("skip") is not null,
            Region = region,
        };
        return null;
    }

    // What the rules of today ask for, and what is there.
    private static IReadOnlyList<KeptRegister> Kept(PageCall call)
    {
        var (gate, today) = (call.Served.InForce.Of(call.Ledger).Gate, call.Now.InUtc().Date);
        var copies = call.Installation.Registers.Copies.ToDictionary(static copy => copy.Name, StringComparer.Ordinal);
        var asking = gate.Rules.Rules.Where(rule => rule.Body is RegisterBody && RuleTimes.IsOf(rule, today) && rule.State == RuleState.InForce).ToLookup(static rule => ((RegisterBody)rule.Body!).Name, StringComparer.Ordinal);
        return
        [
            .. copies.Keys.Union(asking.Select(static rules => rules.Key), StringComparer.Ordinal).Select(name =>
            {
                var copy = copies.GetValueOrDefault(name);
                return new KeptRegister(name, copy.Facts, copy.IsDamaged, [.. asking[name].OrderBy(static rule => rule.Id, StringComparer.Ordinal).Select(rule => AskingRule.Of(rule, copy.Facts, today))]);
            }).OrderBy(static one => one.Facts is null).ThenBy(static one => one.Name, StringComparer.Ordinal),
        ];
    }

    private static async IAsyncEnumerable<string> FollowAsync(PageCall call, RegisterLoad load, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        while (true)
        {
            var isDone = load.IsDone;
            var bytes = new System.Buffers.ArrayBufferWriter<byte>(256);
            using (var json = new Utf8JsonWriter(bytes))
            {
                json.WriteStartObject();
                json.WriteStartObject("text");
                json.WriteString("n-numbers", ReportLanguage.Number(load.Numbers));
                json.WriteEndObject();
                json.WriteStartObject("value");
                json.WriteNumber("bar", load.Read);
                json.WriteEndObject();
                json.WriteBoolean("done", isDone);
                json.WriteEndObject();
            }

            yield return Encoding.UTF8.GetString(bytes.WrittenSpan);
            if (isDone)
                yield break;
            await Task.Delay(Beat, call.Installation.Time, cancel);
        }
    }
}

/// <summary>A rule that asks a register.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="IsFresh">Whether the copy is young enough for it today.</param>
/// <param name="LastDay">The last day on which it is; null: the rule sets no age, or there is no copy.</param>
internal sealed record AskingRule(Rule Rule, bool IsFresh, LocalDate? LastDay)
{
    /// <summary>Looks at a copy as a rule does.</summary>
    public static AskingRule Of(Rule rule, RegisterFacts? copy, LocalDate today)
    {
        var age = ((RegisterBody)rule.Body!).Screened;
        if (copy is null)
            return new AskingRule(rule, false, null);
        if (age is null)
            return new AskingRule(rule, true, null);
        var last = age.AtMost is { } most ? most.After(copy.AsOf) : DateAdjusters.EndOfMonth(copy.AsOf);
        return new AskingRule(rule, today <= last, last);
    }
}

/// <summary>A register that rules ask for, or that is there.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Facts">What the copy says of itself; null: there is none that can be believed.</param>
/// <param name="IsDamaged">Whether the file that lies there can't be believed.</param>
/// <param name="Rules">Those that ask it.</param>
internal sealed record KeptRegister(string Name, RegisterFacts? Facts, bool IsDamaged, IReadOnlyList<AskingRule> Rules)
{
    /// <summary>Rules that let nobody through because of this register.</summary>
    public int Stopping => Rules.Count(static rule => !rule.IsFresh);

    /// <summary>The first day on which a rule stops, of those that don't yet; null: none will.</summary>
    public LocalDate? StopsOn => Rules.Where(static rule => rule.IsFresh).Min(static rule => rule.LastDay) is { } last ? last.PlusDays(1) : null;
}

/// <summary>All registers.</summary>
internal sealed record RegistersView(IReadOnlyList<KeptRegister> Registers);

/// <summary>The form by which a register is loaded.</summary>
/// <param name="Fields">What was typed.</param>
/// <param name="Fault">What is amiss, with its field; null: nothing.</param>
/// <param name="Names">Registers that are known.</param>
internal sealed record RegisterForm(IReadOnlyDictionary<string, string> Fields, (string Field, string Text)? Fault, IReadOnlyList<string> Names);
