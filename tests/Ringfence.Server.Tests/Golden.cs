using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit;

namespace Ringfence.Server.Tests;

/// <summary>What is printed, held to what was approved: <c>golden/NAME.approved.txt</c>. With <c>RINGFENCE_ACCEPT=1</c> what comes out is approved.</summary>
internal static class Golden
{
    public static void Matches(string name, string text, [CallerFilePath] string test = "")
    {
        var path = Path.Combine(Folder(), name + ".approved.txt");
        if (Environment.GetEnvironmentVariable("RINGFENCE_ACCEPT") == "1")
            File.WriteAllText(path, text);
        Assert.True(File.Exists(path), $"{path} is missing; {Path.GetFileName(test)} wants it");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text.ReplaceLineEndings("\n"));
    }

    private static string Folder([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "golden");
}

/// <summary>A command run in a language, with what it wrote.</summary>
internal static class Commands
{
    public static (int Code, string Output, string Errors) Run(Func<TextWriter, TextWriter, int> run, string language = "en")
    {
        var before = CultureInfo.CurrentUICulture;
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        try
        {
            CultureInfo.CurrentUICulture = new CultureInfo(language);
            var code = run(output, errors);
            return (code, output.ToString(), errors.ToString());
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
