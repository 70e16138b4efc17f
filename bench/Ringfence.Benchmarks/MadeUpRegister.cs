using System.Buffers.Text;

namespace Ringfence.Benchmarks;

/// <summary>A register in the shape of the US one, a list of people to be called, and a list of refusals; the same ones each time.</summary>
/// <remarks>350 area codes of 792 exchanges each. Exchanges are of very different density, as real ones are, so that many blocks are thin.</remarks>
internal static class MadeUpRegister
{
    private const int Areas = 350;
    private const int Exchanges = 792;
    private const int InExchange = 10_000;

    // What this many exchanges at the densities below come to.
    private const double Full = 250e6;

    /// <summary>Writes the flat file, sorted; returns how many numbers it has.</summary>
    public static long WriteFlatFile(string path, double numbers)
    {
        var random = new Random(20261122);
        var share = Math.Min(1, numbers / Full);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var (line, count) = (new byte[12], 0L);
        // A smaller one has fewer area codes, not thinner ones: the shape of its blocks stays.
        for (var area = 0; area < Math.Round(Areas * share); area++)
        {
            for (var exchange = 0; exchange < Exchanges; exchange++)
            {
                var density = Density(random);
                for (var number = 0; number < InExchange; number++)
                {
                    if (random.NextDouble() >= density)
                        continue;
                    Write(line, AreaCode(area), 200 + exchange, number);
                    file.Write(line);
                    count++;
                }
            }
        }

        return count;
    }

    /// <summary>Writes a list with six columns; its numbers are anywhere in the area codes that a register of the size has.</summary>
    public static void WriteList(string path, int rows, double numbers)
    {
        var random = new Random(77);
        var areas = (int)Math.Max(1, Math.Round(Areas * Math.Min(1, numbers / Full)));
        using var writer = new StreamWriter(path, append: false, new System.Text.UTF8Encoding(false), 1 << 20);
        writer.Write("id,name,phone,state,city,since\n");
        string[] names = ["Ann Lee", "Bob Stone", "Carla Diaz", "Dev Patel", "Eva Novak", "Femi Ade", "Gus Holm"];
        string[] cities = ["Springfield", "Fairview", "Riverside", "Franklin", "Clinton"];
        for (var i = 0; i < rows; i++)
        {
            writer.Write('C');
            writer.Write(i);
            writer.Write(',');
            writer.Write(names[i % names.Length]);
            writer.Write(",+1");
            writer.Write(AreaCode(random.Next(areas)) * 10_000_000L + (200 + random.Next(Exchanges)) * 10_000L + random.Next(InExchange));
            writer.Write(",,");
            writer.Write(cities[i % cities.Length]);
            writer.Write(",20");
            writer.Write(10 + (i % 16));
            writer.Write('\n');
        }
    }

    /// <summary>Writes numbers of people who refused, one a line under a header.</summary>
    public static void WriteRefusals(string path, int rows, double numbers)
    {
        var random = new Random(78);
        var areas = (int)Math.Max(1, Math.Round(Areas * Math.Min(1, numbers / Full)));
        using var writer = new StreamWriter(path, append: false, new System.Text.UTF8Encoding(false), 1 << 20);
        writer.Write("phone\n");
        for (var i = 0; i < rows; i++)
        {
            writer.Write("+1");
            writer.Write(AreaCode(random.Next(areas)) * 10_000_000L + (200 + random.Next(Exchanges)) * 10_000L + random.Next(InExchange));
            writer.Write('\n');
        }
    }

    // Area codes that exist: of 201 to 989 those that the numbering plan has for the US.
    private static readonly int[] Codes =
    [
        .. Enumerable.Range(201, 789).Where(static code => Numbers.NumberReader.Read($"+1{code}5550100", Numbers.Region.None) is { IsValid: true } reading && reading.Number.Region.ToString() == "US"),
    ];

    private static int AreaCode(int area) => Codes[area % Codes.Length];

    // From empty to 36 numbers in a hundred, most of them thin; on the average nine.
    private static double Density(Random random) => 0.36 * Math.Pow(random.NextDouble(), 3);

    private static void Write(byte[] line, int area, int exchange, int number)
    {
        Utf8Formatter.TryFormat(area, line, out _);
        line[3] = (byte)',';
        Utf8Formatter.TryFormat(exchange, line.AsSpan(4), out _);
        Utf8Formatter.TryFormat(number, line.AsSpan(7), out _, new System.Buffers.StandardFormat('D', 4));
        line[11] = (byte)'\n';
    }
}
