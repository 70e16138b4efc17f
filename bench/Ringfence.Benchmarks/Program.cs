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
    case ["list", var path, var count]:
        MadeUpList.Write(path, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["csvhelper", var how, var file]:
        return CsvHelperPeer.Run(how, file);
    default:
        Console.Error.WriteLine("parts [--filter NAME] | numbers | gate | audit [ROWS] | list FILE ROWS");
        return 2;
}
