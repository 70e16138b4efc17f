using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.People;

namespace Ringfence.Server.Tests.Storage;

/// <summary>A process in which many clients at once want something of one ledger, and which says of everything whether it is acknowledged: a line each, in one writing.</summary>
/// <remarks>
/// <c>no N SEQ</c>, <c>yes N SEQ SID</c>, <c>gone N SID SEQ,...</c>, <c>list N</c>: acknowledged. <c>leaf SEQ HASH</c>: the hash of a record that was acknowledged.
/// <c>not N FAULT</c>: told as not done, or not known. N counts numbers.
/// </remarks>
internal static class AcknowledgingProcess
{
    /// <summary>Tells the program of the tests to be this.</summary>
    public const string Argument = "acknowledge-until-killed";

    /// <summary>Names the database; without, it is the embedded store.</summary>
    public const string ConnectionVariable = "RINGFENCE_TEST_ACKNOWLEDGING";

    /// <summary>What it says when the clients begin.</summary>
    public const string Begun = "begun";

    /// <summary>How many clients.</summary>
    public const int Clients = 64;

    /// <summary>How many rows a list has that it imports.</summary>
    public const int RowsOfList = 20;

    private const int CommandsBetweenLists = 16;

    /// <summary>Where an installation keeps its things.</summary>
    public static InstallationOptions OptionsOf(string folder, string? connection)
    {
        var options = House.In(folder);
        return connection is null ? options : options with { Store = new StoreOptions { Connection = connection } };
    }

    /// <summary>The telephone number of a count.</summary>
    public static string NumberOf(int n) => "+1212" + (2_000_000 + n).ToString(CultureInfo.InvariantCulture);

    /// <summary>The list of a count.</summary>
    public static string ListOf(string folder, int n) => Path.Combine(folder, $"list-{n.ToString(CultureInfo.InvariantCulture)}.csv");

    /// <summary>A number that stands in a list.</summary>
    public static string NumberOf(int list, int row) => "+1312" + (2_000_000 + list / Clients * RowsOfList + row).ToString(CultureInfo.InvariantCulture);

    /// <summary>What it does.</summary>
    /// <param name="folder">The folder of the installation, which is founded where there is none.</param>
    /// <param name="first">The count of the first number.</param>
    /// <param name="each">How many commands of each client; 0: until it is killed.</param>
    /// <param name="onlyNo">Whether all of them are withdrawals.</param>
    public static async Task<int> DoAsync(string folder, int first, int each, bool onlyNo)
    {
        using var mouth = new Mouth();
        await using var installation = await Installation.OpenAsync(OptionsOf(folder, Environment.GetEnvironmentVariable(ConnectionVariable)), TimeProvider.System, CancellationToken.None);
        var ledger = await FoundAsync(installation);
        await installation.WriterAsync(ledger, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var signing = installation.NotaryOf(ledger).RunAsync(why => mouth.Say("notary " + why), stop.Token);
        mouth.Say(Begun);
        using var erasing = new SemaphoreSlim(1);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Task.Run(() => new Client(installation, ledger, mouth, erasing, folder, onlyNo).RunAsync(first + i, each))));
        await stop.CancelAsync();
        await signing;
        return 0;
    }

    private static async Task<LedgerRow> FoundAsync(Installation installation)
    {
        var there = await installation.LedgersAsync(CancellationToken.None);
        return there.Count > 0 && (await installation.Store.HeadAsync(there[0].Ledger, CancellationToken.None)).Size > 0
            ? await installation.LedgerAsync(null, CancellationToken.None)
            : await installation.AddControllerAsync("acme", "ledger.example/acme", House.Acme, CancellationToken.None);
    }

    private sealed class Client(Installation installation, LedgerRow ledger, Mouth mouth, SemaphoreSlim erasing, string folder, bool onlyNo)
    {
        public async Task RunAsync(int first, int each)
        {
            for (var i = 0; each == 0 || i < each; i++)
            {
                var n = first + i * Clients;
                try
                {
                    await DoAsync(n, i);
                }
                catch (StoreException e)
                {
                    mouth.Say($"not {n} {e.Fault}");
                    // A store that is away is not hammered at.
                    await Task.Delay(5);
                }
            }
        }

        private async Task DoAsync(int n, int i)
        {
            if (onlyNo)
                await NoAsync(n);
            else if (n % Clients == 0 && i % CommandsBetweenLists == CommandsBetweenLists - 1)
                await ImportAsync(n);
            else
            {
                switch (n % 10)
                {
                    case < 6:
                        await NoAsync(n);
                        break;
                    case < 8:
                        await YesAsync(n);
                        break;
                    case 8:
                        await YesAsync(n);
                        await NoAsync(n);
                        break;
                    default:
                        await EraseAsync(n, await YesAsync(n));
                        break;
                }
            }
        }

        private async Task NoAsync(int n)
        {
            var answer = await AskAsync(new WithdrawCommand(
                House.Person, [TagsOf(n)], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "api")));
            mouth.Say($"no {n} {answer.Seq}");
            await LeafAsync(answer.Seq);
        }

        private async Task<OpaqueId> YesAsync(int n)
        {
            var answer = await AskAsync(new RecordConsentCommand(
                new ConsentSaid
                {
                    Type = RecordType.ConsentGiven, State = RecordState.Given, Actor = House.Person, Tags = TagsOf(n),
                    Scope = new RecordScope(["sms"], ["offers"]), Method = new CollectionMethod("web_form", Ceremony.SingleOptIn), Evidence = """{"page":"https://acme.example/form"}"""u8.ToArray(),
                },
                await installation.NewPersonAsync(CancellationToken.None)));
            mouth.Say($"yes {n} {answer.Seq} {answer.Sid}");
            await LeafAsync(answer.Seq);
            return OpaqueId.TryParse(answer.Sid, out var sid) ? sid : throw new InvalidOperationException("A yes without a person.");
        }

        // One at a time, as one officer does it.
        private async Task EraseAsync(int n, OpaqueId sid)
        {
            await erasing.WaitAsync();
            try
            {
                var outcome = await new Erasure(installation, ledger, House.Staff).RunAsync(sid, "request", CancellationToken.None);
                mouth.Say($"gone {n} {sid} {string.Join(',', outcome.Records)}");
            }
            catch (StoreException e) when (e.Fault == StoreFault.InUse)
            {
                // It is done, but for what somebody still read; the next start ends it.
                mouth.Say($"not {n} {e.Fault}");
            }
            finally
            {
                erasing.Release();
            }
        }

        private async Task ImportAsync(int n)
        {
            var list = ListOf(folder, n);
            await File.WriteAllTextAsync(list, "phone\n" + string.Concat(Enumerable.Range(0, RowsOfList).Select(row => NumberOf(n, row) + "\n")));
            using var rejected = new RejectedFile(null);
            await ImportRun.RunAsync(installation, ledger, House.Staff, Importing.Options(list), null, false, rejected, ProgressBar.None, CancellationToken.None);
            mouth.Say($"list {n}");
        }

        private async Task<CommandAnswer> AskAsync(LedgerCommand command) =>
            CommandAnswer.Read(await (await installation.WriterAsync(ledger, CancellationToken.None)).DoAsync(command, CancellationToken.None));

        private async Task LeafAsync(long seq) =>
            mouth.Say($"leaf {seq} {Convert.ToHexStringLower(await installation.Store.LeavesAsync(ledger.Ledger, seq, seq + 1, CancellationToken.None))}");

        private PointTags TagsOf(int n) =>
            installation.TagsOf(ContactPoint.TryRead(NumberOf(n), Region.None, out var read) ? read : throw new ArgumentException("Not a point.", nameof(n)));
    }

    // Standard output without anything in between: what is said is with the system, whatever becomes of this process.
    private sealed class Mouth : IDisposable
    {
        private readonly FileStream output = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, 0);
        private readonly Lock one = new();

        public void Say(string line)
        {
            lock (one)
                output.Write(Encoding.ASCII.GetBytes(line + "\n"));
        }

        public void Dispose() => output.Dispose();
    }
}
