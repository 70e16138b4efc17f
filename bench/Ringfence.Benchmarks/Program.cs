using System.Globalization;
using BenchmarkDotNet.Running;
using Ringfence.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["parts", ..]:
        BenchmarkSwitcher.FromAssembly(typeof(Parts).Assembly).Run(args[1..], new PartsConfig());
        return 0;
    case ["numbers"]:
        return NumbersRace.Run();
    case ["gate"]:
        return GateRace.Run();
    case ["audit", .. var rest]:
        return AuditRace.Run(rest is [var rows, ..] ? int.Parse(rows, CultureInfo.InvariantCulture) : 1_000_000);
    case ["ledger", .. var where]:
        return LedgerRace.Run(where is [var folder, ..] ? folder : null, where is [_, var least, ..] ? double.Parse(least, CultureInfo.InvariantCulture) : null);
    case ["register", .. var size]:
        return RegisterRace.Run(size is [var numbers, ..] ? double.Parse(numbers, CultureInfo.InvariantCulture) : 25e6);
    case ["scrub", .. var sizes]:
        return ScrubRace.Run(sizes is [var length, ..] ? int.Parse(length, CultureInfo.InvariantCulture) : 1_000_000, sizes is [_, var listed, ..] ? double.Parse(listed, CultureInfo.InvariantCulture) : 25e6);
    case ["import", .. var rest]:
        return ImportRace.Run(rest is [var many, ..] ? int.Parse(many, CultureInfo.InvariantCulture) : 1_000_000, rest is [_, var place, ..] ? place : Path.GetTempPath());
    case ["http", .. var rest]:
        return HttpRace.Run(rest is [var people, ..] ? int.Parse(people, CultureInfo.InvariantCulture) : 20_000, rest is [_, var entries, ..] ? int.Parse(entries, CultureInfo.InvariantCulture) : 10_000_000);
    case ["contacts", .. var known]:
        return ContactsRace.Run(known is [var held, ..] ? int.Parse(held, CultureInfo.InvariantCulture) : 1_000_000, known is [_, var store, ..] ? store : null);
    case ["public", .. var some]:
        return PublicRace.Run(some is [var reached, ..] ? int.Parse(reached, CultureInfo.InvariantCulture) : 8_000);
    case ["public-host", var files, var asMany]:
        return PublicPagesHost.Run(files, int.Parse(asMany, CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
    case ["http-host", var data, var contacts]:
        return HttpHost.Run(data, int.Parse(contacts, CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
    case ["permits", .. var which]:
        return PermitRace.Run(which is [var one, ..] ? one : null);
    case ["permit-host", var kept, var permitted, .. var database]:
        return PermitHost.Run(kept, int.Parse(permitted, CultureInfo.InvariantCulture), database is [var connection] ? connection : null).GetAwaiter().GetResult();
    case ["http-grow", var grown, var entriesMore]:
        return HttpHost.Grow(grown, int.Parse(entriesMore, CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
    case ["list-with-consent", var path, var count]:
        ConsentList.Write(path, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["list", var path, var count]:
        MadeUpList.Write(path, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["csvhelper", var how, var file]:
        return CsvHelperPeer.Run(how, file);
    default:
        Console.Error.WriteLine("parts [--filter NAME] | numbers | gate | audit [ROWS] | ledger [FOLDER [MILLISECONDS]] | import [ROWS [FOLDER]] | register [NUMBERS] | scrub [ROWS [NUMBERS]] | http [CONTACTS [ENTRIES]] | permits [sqlite|postgresql] | contacts [CONTACTS [sqlite|postgresql]] | public [CONTACTS] | list FILE ROWS | list-with-consent FILE ROWS");
        return 2;
}
