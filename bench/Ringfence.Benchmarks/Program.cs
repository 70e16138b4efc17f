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
        return LedgerRace.Run(where is [var folder, ..] ? folder : null);
    case ["list", var path, var count]:
        MadeUpList.Write(path, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["csvhelper", var how, var file]:
        return CsvHelperPeer.Run(how, file);
    default:
        Console.Error.WriteLine("parts [--filter NAME] | numbers | gate | audit [ROWS] | ledger [FOLDER] | list FILE ROWS");
        return 2;
}
