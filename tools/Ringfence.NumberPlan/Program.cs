using System.Globalization;

namespace Ringfence.NumberPlan;

/// <summary>
/// Compiles <c>facts/numbering</c> into the one binary that the library carries. Usage: <c>DATA-FOLDER OUTPUT</c>.
/// The layout is read back by <c>NumberPlan</c> in <c>src/Ringfence/Numbers</c>; the two change together.
/// </summary>
internal static class Program
{
    // Raised with every change of the layout, so that a stale resource is noticed rather than misread.
    private const int Layout = 1;

    public static IFormatProvider Invariant => CultureInfo.InvariantCulture;

    private static int Main(string[] arguments)
    {
        if (arguments is not [var folder, var output])
        {
            Console.Error.WriteLine("usage: DATA-FOLDER OUTPUT");
            return 2;
        }
        // Written aside and moved, so that a build running at the same time never reads half a file.
        var aside = $"{output}.{Environment.ProcessId}";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        using (var writer = new BinaryWriter(File.Create(aside)))
            Compile(PlanFile.Read(Path.Combine(folder, "plan.json")), folder, writer);
        File.Move(aside, output, overwrite: true);
        return 0;
    }

    private static void Compile(PlanFile plan, string folder, BinaryWriter to)
    {
        var zones = new ZoneTable(Path.Combine(folder, "zones.tsv"), Path.Combine(folder, "nanp-subdivisions.tsv"));
        // Regions of countries come first, by name; the plans of codes that belong to none follow, all called 001.
        var ids = plan.Regions.Keys.OrderBy(id => char.IsAsciiDigit(id[0])).ThenBy(id => id, StringComparer.Ordinal).ToArray();
        var names = ids.Select(id => char.IsAsciiDigit(id[0]) ? "001" : id).ToArray();
        var ranges = new RangeTable(plan, names);
        var prefixes = new PrefixRules();
        var formats = new FormatTable();

        to.Write("RFNP");
        to.Write(Layout);
        to.Write(plan.Source);
        to.Write(ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            var region = plan.Regions[ids[i]];
            to.Write(names[i]);
            to.Write((ushort)region.CallingCode);
            to.Write(region.Types["general"].LengthMask);
            to.Write(region.Types["general"].LocalLengthMask);
            to.Write(checked((ushort)ranges.AddGeneral(region)));
            to.Write(checked((ushort)prefixes.Add(region.InternationalPrefix, null)));
            to.Write(checked((ushort)prefixes.Add(region.NationalPrefixForParsing, region.NationalPrefixTransform)));
            to.Write(region.NationalPrefix ?? "");
        }
        to.Write(plan.CallingCodes.Count);
        foreach (var (code, members) in plan.CallingCodes)
        {
            var main = Array.IndexOf(ids, members[0] == "001" ? code.ToString(Invariant) : members[0]);
            var national = formats.Add(plan.Regions[ids[main]].Formats);
            var international = formats.Add(plan.Regions[ids[main]].InternationalFormats);
            to.Write((ushort)code);
            to.Write((short)main);
            to.Write(members.Length == 1);
            to.Write(checked((ushort)ranges.AddCallingCode(code, members)));
            foreach (var (state, first, count) in new[] { national, international })
            {
                to.Write(checked((ushort)state));
                to.Write(checked((ushort)first));
                to.Write((byte)count);
            }
            to.Write(plan.Regions[ids[main]].ExtensionPrefix ?? " ext. ");
        }
        ranges.Write(to);
        prefixes.Write(to);
        formats.Write(to);
        zones.Write(to);
    }
}
