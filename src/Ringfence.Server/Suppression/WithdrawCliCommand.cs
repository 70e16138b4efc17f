using System.CommandLine;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;

namespace Ringfence.Server.Suppression;

/// <summary><c>ringfence withdraw</c> and <c>ringfence suppress</c>: somebody says no, or the house says it for them.</summary>
internal static class WithdrawCliCommand
{
    /// <summary>Words for the way a no came.</summary>
    public static readonly string[] Ways = ["link", "keyword", "preference-centre", "call", "agent", "api", "email", "one-click", "letter", "person"];

    public static bool IsWay(string word) => Array.IndexOf(Ways, word) >= 0;

    /// <summary><c>withdraw POINT</c>.</summary>
    public static Command CreateWithdraw(TimeProvider time) => Create(time, "withdraw", static (parsed, way) =>
        new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, way), withWay: true);

    /// <summary><c>suppress POINT</c>.</summary>
    public static Command CreateSuppress(TimeProvider time)
    {
        var by = new Option<string?>("--by") { HelpName = "controller|regulator|complaint|platform|person", Description = CliText.Say("Withdraw.Option.by") };
        var kind = new Option<string?>("--kind") { HelpName = "suppression|objection|restriction", Description = CliText.Say("Withdraw.Option.kind") };
        by.Validators.Add(static result => RequireWord<SuppressedBy>(result.Tokens.Count == 1 ? result.Tokens[0].Value : null, result.AddError, "--by"));
        kind.Validators.Add(static result => RequireWord<SuppressionKind>(result.Tokens.Count == 1 ? result.Tokens[0].Value : null, result.AddError, "--kind"));
        var command = Create(time, "suppress", (parsed, _) => new RefusalFacts(
            parsed.GetValue(by) is { } who && Words<SuppressedBy>.TryParse(who, out var said) ? said : SuppressedBy.Controller,
            parsed.GetValue(kind) is { } what && Words<SuppressionKind>.TryParse(what, out var meant) ? meant : SuppressionKind.Suppression,
            "staff"), withWay: false);
        command.Options.Add(by);
        command.Options.Add(kind);
        command.Subcommands.Add(LiftCliCommand.CreateLift(time));
        command.Subcommands.Add(LiftCliCommand.CreateList(time));
        return command;
    }

    private static Command Create(TimeProvider time, string name, Func<ParseResult, string, RefusalFacts> factsOf, bool withWay)
    {
        var key = name == "withdraw" ? "Withdraw" : "Suppress";
        var point = new Argument<string>("POINT") { Description = CliText.Say("Contact.Argument.POINT") };
        var channels = new Option<string?>("--channels") { HelpName = "voice,sms,...", Description = CliText.Say("Withdraw.Option.channels") };
        var purposes = new Option<string?>("--purposes") { HelpName = "offers,...", Description = CliText.Say("Withdraw.Option.purposes") };
        var way = new Option<string?>("--way") { HelpName = string.Join('|', Ways), Description = CliText.Say("Withdraw.Option.way") };
        way.AcceptOnlyFromAmong(Ways);
        var command = new Command(name, CliText.Say(key + ".Description")) { point, channels, purposes };
        if (withWay)
            command.Options.Add(way);
        command.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var scope = ScopeArguments.Read(parsed.GetValue(channels), parsed.GetValue(purposes));
            var asked = StoreArguments.Point(parsed, parsed.GetValue(point)!);
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var tags = installation.TagsOf(asked);
            // To be left alone altogether means every number and address of theirs.
            var everyPoint = scope.Channels == ChannelSet.All ? await Contacts.PointsOfAsync(installation, ledger, tags, stop) : null;
            var facts = factsOf(parsed, withWay ? parsed.GetValue(way) ?? "agent" : "staff");
            var writer = await installation.WriterAsync(ledger, stop);
            var answer = CommandAnswer.Read(await writer.DoAsync(new WithdrawCommand(StoreArguments.Actor(parsed), [tags], scope, facts, everyPoint), stop));
            if (parsed.GetValue(Terminal.Json))
                await Console.Out.WriteLineAsync(answer.ToJson());
            else
                await Console.Out.WriteLineAsync(CliText.Say(answer.Already ? key + ".Already" : key + ".Done", asked.ToString(), answer.Seq));
            return Exit.Done;
        }, cancel, withWay ? _ => Keep(parsed, time, parsed.GetValue(point)!, parsed.GetValue(channels), parsed.GetValue(purposes), parsed.GetValue(way) ?? "agent") : null));
        return command;
    }

    // The store is away: the no is kept here, and said to be no more than kept.
    private static void Keep(ParseResult parsed, TimeProvider time, string text, string? channels, string? purposes, string way)
    {
        var scope = ScopeArguments.Read(channels, purposes);
        Installation.Spool(StoreArguments.Options(parsed), new SpooledWithdrawal(
            Fresh.Id().ToString(), StoreArguments.ControllerOf(parsed), StoreArguments.Point(parsed, text).Value, (int)scope.Channels, scope.Purposes, way,
            StoreArguments.Actor(parsed).Ref, Micros.Of(NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow()))));
        Terminal.Error(CliText.Say("Withdraw.Kept"));
    }

    private static void RequireWord<T>(string? word, Action<string> complain, string option) where T : struct, Enum
    {
        if (word is not null && !Words<T>.TryParse(word, out _))
            complain(CliText.Say("BadOption", option, word));
    }
}
