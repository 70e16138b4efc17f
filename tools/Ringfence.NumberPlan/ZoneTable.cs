namespace Ringfence.NumberPlan;

/// <summary>Time zones by the digits a number begins with, and states by area code of +1.</summary>
internal sealed class ZoneTable
{
    private readonly Nodes nodes = new();
    private readonly List<string> sets = [""];
    private readonly int start;
    private readonly List<string> subdivisions = [""];
    private readonly byte[] areas = new byte[1000];

    public ZoneTable(string zoneFile, string subdivisionFile)
    {
        var prefixes = Rows(zoneFile).ToDictionary(row => row.Key, row => Place(sets, row.Value));
        start = Build("", prefixes, [.. prefixes.Keys]);
        foreach (var (area, codes) in Rows(subdivisionFile))
            areas[int.Parse(area, Program.Invariant)] = checked((byte)Place(subdivisions, codes));
    }

    public void Write(BinaryWriter to)
    {
        nodes.Write(to);
        to.Write(checked((ushort)start));
        Write(to, sets, '&');
        Write(to, subdivisions, ';');
        to.Write(areas);
    }

    private int Build(string prefix, Dictionary<string, int> values, string[] below)
    {
        var followers = new int[10];
        foreach (var group in below.Where(key => key.Length > prefix.Length).GroupBy(key => key[prefix.Length]))
            followers[group.Key - '0'] = Build(prefix + group.Key, values, [.. group]);
        return nodes.Intern(values.GetValueOrDefault(prefix), followers);
    }

    private static IEnumerable<(string Key, string Value)> Rows(string file) =>
        from line in File.ReadLines(file)
        where line.Length > 0 && line[0] != '#'
        let cells = line.Split('\t')
        select (cells[0], cells[1]);

    private static int Place(List<string> list, string value)
    {
        if (!list.Contains(value))
            list.Add(value);
        return list.IndexOf(value);
    }

    private static void Write(BinaryWriter to, List<string> lists, char separator)
    {
        to.Write(lists.Count);
        foreach (var list in lists)
        {
            var names = list.Split(separator, StringSplitOptions.RemoveEmptyEntries);
            to.Write(checked((byte)names.Length));
            foreach (var name in names)
                to.Write(name);
        }
    }
}
