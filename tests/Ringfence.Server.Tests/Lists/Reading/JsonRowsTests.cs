using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

public class JsonRowsTests
{
    [Fact]
    public void Keys_are_columns_and_values_stay_as_they_are_written()
    {
        var list = ListOnDisk.Of("""
            {"id":1,"phone":441234567890123456789,"ok":true,"x":null,"name":"Zo\u00eb \"Z\"","rate":1.50e3}
            {"name":"Bob","id":2,"ok":false}

            """);

        Assert.Equal("ndjson", list.Format);
        Assert.Equal(["id", "phone", "ok", "x", "name", "rate"], list.ColumnNames);
        Assert.Equal(["1|441234567890123456789|true||Zoë \"Z\"|1.50e3", "2||false||Bob|"], list.Lines);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void Nested_objects_become_columns_and_arrays_one_cell()
    {
        var list = ListOnDisk.Of("""
            {"name":{"first":"Ada","last":"Byron"},"tags":["vip",3,null,true],"phones":[{"type":"mobile","number":"+1"},{"type":"home","number":"+2"}],"a":{"b":{"c":1}},"e":[]}
            """);

        Assert.Equal(["name.first", "name.last", "tags", "phones", "a.b.c", "e"], list.ColumnNames);
        Assert.Equal(["Ada|Byron|vip; 3; true|mobile +1; home +2|1|"], list.Lines);
    }

    [Fact]
    public void A_key_that_comes_in_the_last_row_only_is_a_column_of_all()
    {
        var list = ListOnDisk.Of(string.Concat(Enumerable.Range(0, 5000).Select(i => $"{{\"id\":{i}}}\n")) + "{\"id\":5000,\"late\":\"do not call\"}\n");

        Assert.Equal(["id", "late"], list.ColumnNames);
        Assert.Equal(["5000", "do not call"], list.Rows[^1]);
        Assert.Equal(["0", ""], list.Rows[0]);
    }

    [Theory]
    [InlineData("[{\"a\":1,\"b\":\"x}y\"},\n {\"a\":2}]")]
    [InlineData("[\n  {\n    \"a\": 1,\n    \"b\": \"x}y\"\n  },\n  {\n    \"a\": 2\n  }\n]\n")]
    [InlineData("{\n  \"a\": 1, \"b\": \"x}y\"\n}\n{\n  \"a\": 2\n}\n")]
    [InlineData("\uFEFF{\"a\":1,\"b\":\"x}y\"}\r\n\r\n{\"a\":2}")]
    public void Arrays_and_objects_over_several_lines_are_read_too(string json)
    {
        var list = ListOnDisk.Of(json);

        Assert.Equal(["1|x}y", "2|"], list.Lines);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void A_line_that_is_no_object_is_one_cell_and_a_fault()
    {
        var list = ListOnDisk.Of("{\"a\":1}\n{\"a\":2,\nnot json\n[1]\n{\"a\":3} x\n{\"a\":4}\n");

        Assert.Equal(["1", "{\"a\":2,", "not json", "[1]", "{\"a\":3} x", "4"], list.Lines);
        Assert.Equal([(1, "bad-json", -1), (2, "bad-json", -1), (3, "bad-json", -1), (4, "bad-json", -1)], list.Faults);
    }

    [Fact]
    public void Both_values_of_a_repeated_key_are_kept_and_reported()
    {
        var list = ListOnDisk.Of("{\"note\":\"ok\",\"id\":1,\"note\":\"do not call\"}\n{\"note\":\"\",\"id\":2}\n");

        Assert.Equal(["ok; do not call|1", "|2"], list.Lines);
        Assert.Equal([(0, "bad-json", 0)], list.Faults);
    }

    [Theory]
    [InlineData("gb18030")]
    [InlineData("utf-16")]
    public void Lists_of_objects_come_in_all_encodings(string encoding) =>
        Assert.Equal(["王伟|请勿来电"], ListOnDisk.Of("{\"姓名\":\"王伟\",\"备注\":\"请勿来电\"}\n", encoding).Lines);

    [Fact]
    public void Damaged_characters_and_half_surrogates_are_faults_of_their_cells()
    {
        var list = ListOnDisk.Of([.. "{\"a\":\"x"u8, 0xFF, .. "\",\"b\":\"北京\"}\n{\"a\":\"\\ud83d\",\"b\":1}\n"u8]);

        Assert.Equal(["x\uFFFD|北京", "\\ud83d|1"], list.Lines);
        Assert.Equal([(0, "bad-encoding", 0)], list.Faults);
    }

    [Theory]
    [InlineData("{\"a\":[[[[", 40_000)]
    [InlineData("{\"a\":", 100_000)]
    [InlineData("{\"a\":1,\"a\":2,\"b\":3,\"b\":4,", 50_000)]
    [InlineData("[{\"a\":1}{", 100_000)]
    [InlineData("{\"\\ud800\":1}\n", 2_000)]
    public void Hostile_text_is_read_or_refused_without_harm(string piece, int times)
    {
        using var list = new ListOnDisk("{\"a\":1}\n" + string.Concat(Enumerable.Repeat(piece, times)));
        try
        {
            Assert.NotEmpty(list.Read().Rows);
        }
        catch (UnreadableListException refused)
        {
            Assert.Contains(refused.Code, (string[])["row-too-long", "too-many-columns"]);
        }
    }

    [Fact]
    public void More_keys_than_any_list_has_are_refused()
    {
        using var list = new ListOnDisk(string.Concat(Enumerable.Range(0, 1100).Select(i => $"{{\"k{i}\":1}}\n")));
        Assert.Equal("too-many-columns", list.CodeOfRefusal());
    }
}
