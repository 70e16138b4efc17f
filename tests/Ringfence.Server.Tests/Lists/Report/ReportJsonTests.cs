using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Ringfence.Lists;
using Ringfence.Server.Lists.Report;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Report;

public sealed class ReportJsonTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root(), "docs/reference/audit.schema.json"))).RootElement;

    [Fact]
    public void Every_report_is_as_the_published_schema_says()
    {
        foreach (var report in new[] { SampleReports.Empty(), SampleReports.Ordinary(), SampleReports.NoSender(), SampleReports.OneChannel(), SampleReports.Maximal() })
            Assert.Empty(new JsonSchemaCheck(Schema).Faults(Json(report)));
    }

    [Fact]
    public void The_check_itself_finds_what_does_not_fit()
    {
        var json = Encoding.UTF8.GetString(Bytes(SampleReports.Ordinary()));
        foreach (var (from, to) in new[]
        {
            ("\"grade\": \"never\"", "\"grade\": \"perhaps\""), ("\"format\": 1", "\"format\": 2"), ("\"rows\": 2000", "\"rows\": -1"),
            ("\"asOf\": \"2026-11-21\"", "\"asOf\": \"today\""), ("\"controller\"", "\"sender\""), ("\"usable\": ", "\"usable\": null, \"x\": "),
        })
        {
            var broken = JsonDocument.Parse(json.Replace(from, to, StringComparison.Ordinal)).RootElement;
            Assert.NotEmpty(new JsonSchemaCheck(Schema).Faults(broken));
        }
    }

    [Fact]
    public void Every_word_the_program_knows_stands_in_the_schema()
    {
        var defs = Schema.GetProperty("$defs");
        Assert.Equal(AuditWords.AllReasons.Select(r => r.Word()), Words(defs.GetProperty("reason").GetProperty("properties").GetProperty("reason")));
        Assert.Equal(AuditWords.AllGrades.Select(g => g.Word()), Words(defs.GetProperty("reason").GetProperty("properties").GetProperty("grade")));
        Assert.Equal(Channels.All.Select(c => c.Word()), Words(defs.GetProperty("channel")));
        Assert.Equal(Enum.GetValues<SourceKind>().Select(k => k.Word()), Words(defs.GetProperty("sourceTally").GetProperty("properties").GetProperty("kind")));
        Assert.Equal(Enum.GetValues<ListField>().Select(FieldWords.Word), Words(defs.GetProperty("column").GetProperty("properties").GetProperty("field")));
    }

    [Fact]
    public void Words_are_those_of_the_files_and_Han_stays_readable()
    {
        var report = SampleReports.Ordinary() with { Controller = "北光太阳能 <b>" };
        var text = Encoding.UTF8.GetString(Bytes(report));
        Assert.Contains("北光太阳能", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", text, StringComparison.Ordinal);
        var json = Json(report);
        Assert.Equal("2026-11-21", json.GetProperty("asOf").GetString());
        Assert.Equal("voice-auto", json.GetProperty("channels")[1].GetProperty("channel").GetString());
        Assert.Equal("consent-date", json.GetProperty("files")[0].GetProperty("columns")[10].GetProperty("field").GetString());
        Assert.Equal("month-first", json.GetProperty("files")[0].GetProperty("columns")[10].GetProperty("dates").GetString());
    }

    private static string[] Words(JsonElement schema) => [.. schema.GetProperty("enum").EnumerateArray().Select(v => v.GetString()!)];

    private static byte[] Bytes(AuditReport report)
    {
        using var stream = new MemoryStream();
        ReportJson.Write(report, stream);
        return stream.ToArray();
    }

    private static JsonElement Json(AuditReport report) => JsonDocument.Parse(Bytes(report)).RootElement;

    internal static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../.."));
}
