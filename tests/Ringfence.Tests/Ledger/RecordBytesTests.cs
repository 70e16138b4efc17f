using System.Buffers;
using System.Text;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

public class RecordBytesTests
{
    [Fact]
    public void A_record_with_every_field_has_the_bytes_of_the_page() =>
        Assert.Equal(SampleRecords.FullText, Encoding.ASCII.GetString(RecordBytes.ToArray(SampleRecords.Full)));

    [Fact]
    public void A_record_that_was_written_is_read_as_an_equal_one_and_its_bytes_are_written_again()
    {
        var random = new Random(1);
        var written = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 20_000; i++)
        {
            var record = SampleRecords.Any(random);
            written.ResetWrittenCount();
            var length = RecordBytes.Write(record, written);
            Assert.Equal(length, written.WrittenCount);
            Assert.True(RecordReader.TryRead(written.WrittenSpan, out var read, out var fault), fault.ToString());
            Assert.Equal(record, read);
            Assert.Equal(record.GetHashCode(), read.GetHashCode());
            Assert.True(written.WrittenSpan.SequenceEqual(RecordBytes.ToArray(read)));
        }
    }
}
