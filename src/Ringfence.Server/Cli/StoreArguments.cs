using System.CommandLine;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Cli;

/// <summary>The options of every command that works on a store, and how such a command opens it and tells of what goes wrong.</summary>
internal static class StoreArguments
{
    /// <summary>Names the folder of the data where no option does.</summary>
    public const string DataVariable = "RINGFENCE_DATA";

    /// <summary>Names the PostgreSQL database where no option does.</summary>
    public const string DatabaseVariable = "RINGFENCE_DB";

    /// <summary>Names the PostgreSQL database of the keyring where no option does.</summary>
    public const string KeyringVariable = "RINGFENCE_KEYRING_DB";

    private static readonly Option<string?> Data = new("--data") { HelpName = "DIR" };
    private static readonly Option<string?> Database = new("--db") { HelpName = "CONNECTION" };
    private static readonly Option<string?> Keys = new("--keys") { HelpName = "DIR" };
    private static readonly Option<string?> Controller = new("--controller") { HelpName = "WORD" };
    private static readonly Option<string?> Region = new("--region") { HelpName = "XX" };
    private static readonly Option<string?> As = new("--as") { HelpName = "NAME" };
    private static readonly Option<string?> Anchors = new("--anchors") { HelpName = "DIR" };
    private static readonly Option<string?> Authority = new("--tsa") { HelpName = "URL" };
    private static readonly Option<string?> AuthorityCertificate = new("--tsa-cert") { HelpName = "FILE" };

    /// <summary>What holds where nobody names a folder of the data.</summary>
    public const string DefaultData = "data";

    /// <summary>The file in which all of this may be told instead.</summary>
    public static Option<string?> Config { get; } = new("--config") { HelpName = "FILE" };

    /// <summary>Adds the options of the store.</summary>
    public static Command OnStore(this Command command) => Add(command, "Store.Option.", Config, Data, Database, Keys, Anchors, Authority, AuthorityCertificate);

    /// <summary>Adds where the installation keeps its things, and nothing of the store itself.</summary>
    public static Command WithData(this Command command) => Add(command, "Store.Option.", Data);

    /// <summary>Where the installation keeps its things.</summary>
    public static string DataOf(ParseResult parsed) => parsed.GetValue(Data) ?? Variable(DataVariable) ?? DefaultData;

    /// <summary>Whether there is a store to be asked, for commands that also work without one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isNamed">Whether somebody named one; then its absence is a mistake.</param>
    public static bool HoldsStore(ParseResult parsed, out bool isNamed)
    {
        var isRemote = (parsed.GetValue(Database) ?? Variable(DatabaseVariable)) is not null;
        isNamed = isRemote || parsed.GetValue(Data) is not null;
        return isRemote || File.Exists(Path.Combine(DataOf(parsed), StoreOptions.FileName));
    }

    /// <summary>Adds the options of the store, and which controller is meant and who does it.</summary>
    public static Command OnLedger(this Command command) => Add(command.OnStore(), "Store.Option.", Controller, As);

    /// <summary>Adds where a number without country code is.</summary>
    public static Command WithRegion(this Command command) => Add(command, "Store.Option.", Region);

    /// <summary>Where the installation keeps its things.</summary>
    public static InstallationOptions Options(ParseResult parsed) => Options(parsed, DefaultData);

    /// <summary>The same, where another folder holds when nobody names one.</summary>
    public static InstallationOptions Options(ParseResult parsed, string otherwise)
    {
        var data = parsed.GetValue(Data) ?? Variable(DataVariable) ?? otherwise;
        var connection = parsed.GetValue(Database) ?? Variable(DatabaseVariable);
        var store = connection is null ? new StoreOptions { Folder = data } : new StoreOptions { Connection = connection };
        return new InstallationOptions(store, data, parsed.GetValue(Keys), Variable(KeyringVariable))
        {
            Anchors = AnchorOptions.Of(parsed.GetValue(Anchors), parsed.GetValue(Authority), parsed.GetValue(AuthorityCertificate), data, Variable),
        };
    }

    /// <summary>Who does it: a member of staff by the name given, else by that of the account.</summary>
    public static Actor Actor(ParseResult parsed)
    {
        return new Actor(ActorKind.Staff, NameOf(parsed.GetValue(As) ?? Environment.UserName) is { Length: > 0 } word ? word : "staff");
    }

    /// <summary>A name as records have it: their alphabet has no blanks and no signs; a name made of others is told by its letters. Empty: it is none.</summary>
    public static string NameOf(string name)
    {
        var word = new string([.. name.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')]);
        return word.Length is 0 or > 64 || word.All(char.IsAsciiDigit) ? "" : word;
    }

    /// <summary>The controller's word, where one was given.</summary>
    public static string? ControllerOf(ParseResult parsed) => parsed.GetValue(Controller);

    /// <summary>Where a number without country code is.</summary>
    public static Ringfence.Numbers.Region RegionOf(ParseResult parsed) => parsed.GetValue(Region) is { } code ? Ringfence.Numbers.Region.Of(code) : Ringfence.Numbers.Region.None;

    /// <summary>Reads a number or address from the command line.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-point</c>.</exception>
    public static ContactPoint Point(ParseResult parsed, string text)
    {
        return ContactPoint.TryRead(text, RegionOf(parsed), out var point) ? point : throw new CommandRefusedException("not-a-point");
    }

    /// <summary>The person that a number or address leads to, or whose name in the ledger it is. Whoever was merged, or erased, is found by the latter alone.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-point</c>, <c>not-a-contact</c>.</exception>
    public static async Task<OpaqueId> SidAsync(Installation installation, LedgerRow ledger, ParseResult parsed, string text, CancellationToken cancel)
    {
        if (OpaqueId.TryParse(text, out var sid))
            return sid;
        var wanted = new RowsWanted { WithRecords = false };
        var tags = installation.TagsOf(Point(parsed, text));
        wanted.Points.Add(tags.Lookup);
        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        return rows.Lookups.Find(row => row.Tag.AsSpan().SequenceEqual(tags.Lookup)) is { } row ? new OpaqueId(row.Sid) : throw new CommandRefusedException("not-a-contact");
    }

    /// <summary>Opens the installation, does something, closes it; tells what went wrong and gives the exit code for it.</summary>
    /// <param name="whenAway">What is done where the store can't be reached, or nobody knows what it did; null: nothing.</param>
    /// <param name="whenDamaged">The key of what is said where it is damaged.</param>
    public static Task<int> RunAsync(
        ParseResult parsed, TimeProvider time, Func<Installation, CancellationToken, Task<int>> work, CancellationToken cancel, Action<StoreException>? whenAway = null,
        string whenDamaged = "Store.Damaged") =>
        GuardAsync(async () =>
        {
            await using var installation = await Installation.OpenAsync(Options(parsed), time, cancel);
            var code = await work(installation, cancel);
            return await SignAsync(installation, code, cancel);
        }, whenAway, whenDamaged);

    /// <summary>Does something with stores and keys; tells what went wrong and gives the exit code for it.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> work, Action<StoreException>? whenAway = null, string whenDamaged = "Store.Damaged")
    {
        try
        {
            return await work();
        }
        catch (UnusableFileException e)
        {
            Terminal.Error(e.Message);
            return Exit.Unusable;
        }
        catch (RuleFileException e)
        {
            Terminal.Error(CliText.Say("File.Fault", e.Message));
            return Exit.Unusable;
        }
        catch (BackupException e)
        {
            Terminal.Error(CliText.Say("Backup.Fault." + e.Code, e.What));
            if (e.Left.Length > 0)
                Terminal.Error(CliText.Say("Restore.Left", e.Left));
            return Exit.NotReady;
        }
        catch (CommandRefusedException e)
        {
            Terminal.Error(CliText.SayOr("Refused." + e.Code, "Refused.other", [.. e.Arguments.DefaultIfEmpty(e.Code)]));
            return e.Code is "no-controller" or "which-controller" or "unknown-controller" or "not-a-point" or "bad-tsa" or "bad-tsa-cert"
                or "which-wording" or "which-language" or "said-twice" or "bad-place" or "which-suppression"
                or "bad-networks" or "bad-events" or "bad-deadline" or "bad-webhook-name" || e.Code.StartsWith("url-", StringComparison.Ordinal) ? Exit.Unusable : Exit.No;
        }
        catch (KeysException e)
        {
            Terminal.Error(CliText.SayOr("Keys." + e.Code, "Keys.other", [.. e.Arguments.DefaultIfEmpty(e.Message)]));
            return Exit.NotReady;
        }
        catch (StoreException e)
        {
            Terminal.Error(CliText.Say(e.Fault == StoreFault.Damaged ? whenDamaged : "Store." + e.Fault, e.Message));
            if (e.Fault is StoreFault.OutOfReach or StoreFault.OutcomeUnknown or StoreFault.Full)
                Away(whenAway, e);
            return Exit.NotReady;
        }
        catch (SignerException e)
        {
            Terminal.Error(CliText.Say("Signer.Fault", e.Message));
            return Exit.NotReady;
        }
        catch (LedgerAlarmException e)
        {
            Terminal.Error(CliText.Say("Ledger.Alarm." + e.Code, e.Size, e.Known));
            return Exit.NotReady;
        }
        catch (OperationCanceledException)
        {
            Terminal.Error(CliText.Say("Stopped"));
            return Exit.Stopped;
        }
    }

    private static void Away(Action<StoreException>? whenAway, StoreException e)
    {
        try
        {
            whenAway?.Invoke(e);
        }
        catch (CommandRefusedException refused)
        {
            Terminal.Error(CliText.SayOr("Refused." + refused.Code, "Refused.other", [.. refused.Arguments.DefaultIfEmpty(refused.Code)]));
        }
        catch (Exception failed) when (failed is KeysException or IOException or UnauthorizedAccessException)
        {
            Terminal.Error(CliText.Say("Withdraw.NotKept"));
        }
    }

    // What was done is done and stays done, signed or not; the next command makes good what could not be signed now.
    private static async Task<int> SignAsync(Installation installation, int code, CancellationToken cancel)
    {
        try
        {
            await installation.SignWrittenAsync(cancel);
        }
        catch (SignerException e)
        {
            Terminal.Error(CliText.Say("Signer.Later", e.Message));
        }

        return code;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static Command Add(Command command, string prefix, params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
        {
            option.Description = CliText.Say(prefix + option.Name.TrimStart('-'));
            command.Options.Add(option);
        }

        return command;
    }
}
