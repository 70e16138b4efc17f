using System.Globalization;
using System.Text.RegularExpressions;
using Ringfence.Numbers;

namespace Ringfence.Tests.Numbers;

/// <summary>Cases answered by google-libphonenumber, and what we say of the same texts.</summary>
internal static partial class ReferenceCases
{
    /// <summary>The columns of a case file, escapes undone.</summary>
    public static IEnumerable<string[]> Read(string file) =>
        from line in Lines(file).Where(line => !line.StartsWith('#')).Skip(1)
        select line.Split('\t').Select(Unescape).ToArray();

    /// <summary>Our answer in the columns of the file, without the class at the end.</summary>
    public static string[] Ours(string input, string region)
    {
        var reading = NumberReader.Read(input, Region.Of(region));
        var possible = reading.IsRead ? reading.Reason switch { NumberReason.IsPossible => "yes", NumberReason.IsPossibleLocalOnly => "local", _ => "no" } : "no";
        return
        [
            input, region, reading.E164, possible, reading.IsValid ? "yes" : "no", reading.Region.ToString(), reading.IsRead ? reading.Type.PlanWord() : "",
            reading.Reason.PlanWord(), reading.Extension ?? "", reading.FormatNational(), reading.FormatInternational(),
        ];
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(typeof(ReferenceCases).Assembly.GetManifestResourceStream(file)!);
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static string Unescape(string text) => Escape().Replace(text, match => match.Value[1] switch
    {
        'u' => ((char)int.Parse(match.Value.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString(),
        't' => "\t",
        'n' => "\n",
        _ => "\\",
    });

    [GeneratedRegex(@"\\(u[0-9A-F]{4}|t|n|\\)")]
    private static partial Regex Escape();
}
