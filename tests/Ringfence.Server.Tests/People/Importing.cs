using System.Globalization;
using System.Text;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;

namespace Ringfence.Server.Tests.People;

/// <summary>Imports of lists into a house, in tests.</summary>
internal static class Importing
{
    public const string Wording = "I agree that Acme Ltd may call me by phone with offers";

    public static readonly LocalDate Today = new(2026, 11, 21);

    /// <summary>How a list is imported, unless a test says otherwise.</summary>
    public static ImportOptions Options(string file, ContactSource source = ContactSource.Form) => new()
    {
        Files = [file], AsOf = Today, Source = source, Language = CultureInfo.GetCultureInfo("en"), Threads = 2,
    };

    /// <summary>Imports a list that is written beside the house's data.</summary>
    public static async Task<ImportOutcome> ImportAsync(this House house, string list, ContactSource source = ContactSource.Form, string? passport = null, bool isDry = false, string name = "list.csv")
    {
        var path = Path.Combine(house.Folder, name);
        await File.WriteAllTextAsync(path, list);
        return await house.RunAsync(Options(path, source) with { Passport = passport is null ? null : Passport.Read("passport.yaml", passport) }, passport, isDry);
    }

    public static async Task<ImportOutcome> RunAsync(this House house, ImportOptions options, string? passport = null, bool isDry = false)
    {
        using var rejected = new RejectedFile(Path.Combine(house.Folder, "rejected.csv"));
        return await ImportRun.RunAsync(
            house.Installation, house.Ledger, House.Staff, options, passport is null ? null : Encoding.UTF8.GetBytes(passport), isDry, rejected, ProgressBar.None, CancellationToken.None);
    }

    /// <summary>The person a number or address leads to.</summary>
    public static async Task<FoundContact> PersonAsync(this House house, string point) =>
        await house.FindAsync(point) ?? throw new InvalidOperationException("Nobody is known by that.");

    /// <summary>The evidence of a record that an import wrote.</summary>
    public static async Task<ImportEvidence> EvidenceAsync(this House house, LedgerRecord record)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.Add(record.Seq);
        var rows = await house.Installation.Store.LoadAsync(house.Ledger.Ledger, wanted, CancellationToken.None);
        var opened = await house.Installation.OpenAsync(record, rows.Sealed.Single(static row => row.Group == (short)CommitGroup.Evidence), CancellationToken.None);
        return ImportEvidence.Read(opened!.Value.Content);
    }

    /// <summary>
    /// Everything that is known of people and refused by numbers, without what differs between two installations: names of persons and points, places, times, keys.
    /// </summary>
    public static async Task<List<string>> EverythingAsync(this House house)
    {
        var lines = new List<string>();
        var store = house.Installation.Store;
        byte[]? last = null;
        while (await store.SubjectsAsync(house.Ledger.Ledger, last, 500, CancellationToken.None) is { Count: > 0 } page)
        {
            last = page[^1].Sid;
            foreach (var row in page)
            {
                if (await Contacts.FindAsync(house.Installation, house.Ledger, new OpaqueId(row.Sid), CancellationToken.None) is { } found)
                    lines.Add(LineOf(found));
            }
        }

        await foreach (var row in store.SuppressionsAsync(house.Ledger.Ledger, CancellationToken.None))
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"closed {row.Channels} {row.Purposes} {row.Kind} {row.By} {row.LiftedSeq is null}"));
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static string LineOf(FoundContact found)
    {
        var names = found.Points().ToDictionary(static point => point.Id, static point => point.Point.Value);
        string Point(LedgerRecord record) => record.Subject?.Point is { } point ? names.GetValueOrDefault(point, "?") : "";
        var records = found.Person.Records.Select(record =>
            $"{record.Type} {record.State} {Point(record)} [{string.Join(' ', record.Scope?.Channels ?? [])}] {record.EventAt} {record.ValidFor} {record.Notice?.Doc}");
        var data = found.Data;
        return $"{string.Join(' ', names.Values.Order(StringComparer.Ordinal))} {data.Name}|{data.Given}|{data.Family} {found.Person.Status} {found.Person.Residence} {found.Person.Source} {found.Person.IsMinor}: {string.Join("; ", records)}";
    }
}
