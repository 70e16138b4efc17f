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

    /// <summary>All records, in order.</summary>
    public static async Task<List<LedgerRecord>> RecordsAsync(this House house)
    {
        var records = new List<LedgerRecord>();
        await foreach (var row in house.Installation.Store.RecordsAsync(house.Ledger.Ledger, 0, long.MaxValue, CancellationToken.None))
            records.Add(StoredRecord.Read(row));
        return records;
    }
}
