using System.Text;
using Ringfence.Server.Lists;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

public sealed class Utf8CellTests
{
    [Fact]
    public void Cells_of_every_length_are_decoded_like_any_other_UTF_8()
    {
        foreach (var length in Enumerable.Range(0, 40))
        {
            foreach (var mark in (string[])["", "é", "王", "😀"])
            {
                var text = new string('x', length).Insert(length / 2, mark);
                var bytes = Encoding.UTF8.GetBytes(text);
                Assert.Equal(text, new string(Utf8Cell.Chars(bytes, new char[bytes.Length])));
                Assert.Equal(text, Utf8Cell.Read(bytes, static cell => cell.ToString()));
            }
        }
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_replaced() => Assert.Equal("abcdefgh\uFFFDi", new string(Utf8Cell.Chars([.. "abcdefgh"u8, 0xFF, .. "i"u8], new char[10])));

    [Fact]
    public void Texts_that_differ_anywhere_have_different_hashes()
    {
        var hashes = new HashSet<ulong>();
        var texts = 0;
        foreach (var length in Enumerable.Range(0, 40))
        {
            for (var place = -1; place < length; place++)
            {
                var bytes = new byte[length];
                if (place >= 0)
                    bytes[place] = 1;
                hashes.Add(Utf8Cell.Hash(bytes));
                texts++;
            }
        }

        Assert.Equal(texts, hashes.Count);
    }

    [Fact]
    public void A_memo_says_the_same_however_full_it_is()
    {
        var read = 0;
        var memo = new CellMemo<string>(cell =>
        {
            read++;
            return cell.ToString();
        });
        for (var round = 0; round < 2; round++)
        {
            foreach (var number in Enumerable.Range(0, 10_000))
                Assert.Equal($"cell {number}", memo[Encoding.UTF8.GetBytes($"cell {number}")]);
            Assert.Equal("", memo[[]]);
            Assert.Equal(new string('y', 3000), memo[Encoding.UTF8.GetBytes(new string('y', 3000))]);
        }

        Assert.InRange(read, 10_002, 19_999);
    }
}
