using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

public class SampleListTests
{
    public static string Folder
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Ringfence.slnx")))
                folder = Path.GetDirectoryName(folder)!;
            return Path.Combine(folder, "samples");
        }
    }

    [Theory]
    [InlineData("leads-2000.csv", 2000, "utf-8", "lead_id")]
    [InlineData("leads-zh-utf8bom-300.csv", 300, "utf-8", "线索编号")]
    [InlineData("leads-zh-gb18030-200.csv", 200, "gb18030", "线索编号")]
    public void The_sample_lists_are_read_whole(string name, int rows, string encoding, string firstHeader)
    {
        using var file = ListFile.Open(Path.Combine(Folder, name), new ListReadOptions(null));
        var list = Contents.Of(file);

        Assert.Equal(encoding, list.Encoding);
        Assert.Equal(',', list.Separator);
        Assert.Equal(rows + 1, list.Rows.Count);
        Assert.Equal(firstHeader, list.Rows[0][0]);
        Assert.All(list.Rows, row => Assert.Equal(16, row.Length));
        Assert.All(list.Rows.Skip(1), row => Assert.Matches("^L[0-9]{5}$", row[0]));
        Assert.Empty(list.Faults);
        Assert.DoesNotContain(list.Rows, row => row.Any(cell => cell.Contains('\uFFFD')));
    }

    [Fact]
    public void A_list_read_twice_gives_the_same_rows()
    {
        var path = Path.Combine(Folder, "leads-2000.csv");
        using var first = ListFile.Open(path, new ListReadOptions(null));
        using var second = ListFile.Open(path, new ListReadOptions(null));
        Assert.Equal(Contents.Of(first).Lines, Contents.Of(second).Lines);
        Assert.Equal((first.Progress.Total, first.Progress.Total), first.Progress);
    }
}
