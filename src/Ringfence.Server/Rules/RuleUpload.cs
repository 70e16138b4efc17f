using System.IO.Compression;
using System.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Ringfence.Rules.Packs;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Rules;

/// <summary>Rules as somebody sent them in: a file of house rules, one rule of law, or the folder of a pack in one ZIP file, with cases.</summary>
/// <param name="Rules">The rules.</param>
/// <param name="Cases">Files of cases, each with its name and its text.</param>
internal sealed record RuleUpload(OwnRules Rules, IReadOnlyList<(string Name, string Text)> Cases)
{
    // The longest code of conduct that ships has a tenth of it.
    private const int LongestFile = 512 << 10;

    // Ten times what the largest pack that ships has. What is packed so small that it comes to more is nobody's law.
    private const int MostFiles = 600;
    private const int LongestPack = 4 << 20;

    private static ReadOnlySpan<byte> ZipMark => "PK"u8;

    /// <summary>Reads what a form sent.</summary>
    /// <exception cref="RuleFileException">It is not in order; the message names file, line and column.</exception>
    /// <exception cref="DecoderFallbackException">It is no text in UTF-8.</exception>
    public static async Task<RuleUpload> ReadAsync(PageCall call, IFormFile file, IFormFile? cases)
    {
        var bytes = await BytesAsync(call, file, LongestPack);
        List<(string, string)> beside = cases is null ? [] : [(NameOf(cases.FileName), TextOf(await BytesAsync(call, cases, LongestFile)))];
        var program = call.Served.InForce.Program;
        if (bytes.AsSpan().StartsWith(ZipMark))
        {
            var files = Unpacked(call, bytes, NameOf(file.FileName));
            return new RuleUpload(
                OwnRules.Of(PackFiles.Of(program, [.. files.Where(static one => one.Path.StartsWith("rules/", StringComparison.Ordinal))])),
                [.. files.Where(static one => one.Path.StartsWith("cases/", StringComparison.Ordinal)), .. beside]);
        }

        if (bytes.Length > LongestFile)
            throw new RuleFileException(call.T("RuleChange.TooLong", NameOf(file.FileName)));
        var (name, text) = (NameOf(file.FileName), TextOf(bytes));
        // A rule of law says which one it is, house rules say whose they are.
        return new RuleUpload(IsOneRule(text) ? OwnRules.Of(PackFiles.Of(program, [(name, text)])) : OwnRules.Of(HouseRules.Read(name, text), text), beside);
    }

    /// <summary>Runs the cases that came with it.</summary>
    /// <exception cref="RuleFileException">They are not in order.</exception>
    public IReadOnlyList<RanCase> Run(ContactGate gate) =>
        [.. Cases.SelectMany(file => CaseFile.Read(file.Name, file.Text, _ => Rules.House)).Select(worked => RuleCases.Run(Rules.House is null ? worked : worked with { House = null }, gate))];

    private static bool IsOneRule(string text) => text.Split('\n').Any(static line => line.StartsWith("id:", StringComparison.Ordinal));

    // Names of a ZIP file are only ever compared; nothing of it is written anywhere.
    private static List<(string Path, string Text)> Unpacked(PageCall call, byte[] bytes, string name)
    {
        var (files, left) = (new List<(string, string)>(), LongestPack);
        try
        {
            using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
            if (zip.Entries.Count > MostFiles)
                throw new RuleFileException(call.T("RuleChange.TooLong", name));
            foreach (var entry in zip.Entries.Where(static entry => entry.Name.Length > 0))
            {
                using var from = entry.Open();
                using var to = new MemoryStream();
                var some = new byte[16 << 10];
                // By what comes out, not by what it says of itself.
                for (int read; (read = from.Read(some)) > 0; to.Write(some, 0, read))
                {
                    if ((left -= read) < 0)
                        throw new RuleFileException(call.T("RuleChange.TooLong", name));
                }

                files.Add((PathOf(entry.FullName), TextOf(to.ToArray())));
            }
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            throw new RuleFileException(call.T("RuleChange.BadZip", name), e);
        }

        return files;
    }

    // From "rules" or "cases" on, however deep a folder lay; a folder that is a pack alone is one of rules.
    private static string PathOf(string entry)
    {
        string[] parts = [.. entry.Split('/', '\\').Where(static part => part is not ("" or "."))];
        var top = Array.FindIndex(parts, static part => part is "rules" or "cases");
        return ReportLanguage.Visible(top >= 0 ? string.Join('/', parts[top..]) : "rules/" + string.Join('/', parts));
    }

    private static async Task<byte[]> BytesAsync(PageCall call, IFormFile file, int most) =>
        await SentFile.BytesAsync(call, file, most) ?? throw new RuleFileException(call.T("RuleChange.TooLong", NameOf(file.FileName)));

    private static string NameOf(string name) => SentFile.NameOf(name);

    private static string TextOf(byte[] bytes) => SentFile.TextOf(bytes);
}
