using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Ringfence.Suppression.Registers;

/// <summary>The bytes of a register file, as <c>docs/reference/registers.md</c> has them: the header, and how numbers fall into groups and blocks.</summary>
internal static class RegisterLayout
{
    /// <summary>The layout this program writes, and the only one it reads.</summary>
    public const int Current = 1;

    public const int HeaderBytes = 256;

    /// <summary>Numbers of one block: they share all digits but the last four.</summary>
    public const int BlockNumbers = 10_000;

    /// <summary>Blocks of one group: its numbers share all digits but the last seven.</summary>
    public const int GroupBlocks = 1000;

    /// <summary>One bit a number.</summary>
    public const int BitmapBytes = BlockNumbers / 8;

    /// <summary>Up to so many numbers a block is a sorted list of them, two bytes each, which takes no more room than the bits.</summary>
    public const int MostListed = BitmapBytes / 2;

    public const int EntryBytes = 8;
    public const int DirectoryBytes = GroupBlocks * EntryBytes;
    public const int IndexEntryBytes = 16;
    public const int CoverBytes = 8;

    public const int NoKind = 0;
    public const int ListKind = 1;
    public const int BitmapKind = 2;

    /// <summary>The greatest number: E.164 has at most 15 digits.</summary>
    public const ulong MostNumber = 999_999_999_999_999;

    // Text at the front, and line ends after it that a transfer as text would change.
    private static readonly byte[] Magic = "RFREG\r\n\x1a"u8.ToArray();
    private const int NameBytes = RegisterFacts.LongestName;

    /// <summary>Writes the header.</summary>
    /// <param name="facts">With count and digest.</param>
    /// <param name="length">Of the whole file.</param>
    /// <param name="index">Where the index of groups begins.</param>
    /// <param name="groups">How many groups there are.</param>
    public static byte[] Header(RegisterFacts facts, long length, long index, int groups)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Current);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), (int)facts.Format);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), length);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), facts.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), facts.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(40), DayOf(facts.AsOf));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(44), groups);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), facts.BuiltAt.ToUnixTimeTicks() / 10);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(56), facts.Covers.Beginnings.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(64), index);
        Encoding.ASCII.GetBytes(facts.Name, header.AsSpan(72, NameBytes));
        Convert.FromHexString(facts.SourceDigest).CopyTo(header, 136);
        Convert.FromHexString(facts.Digest).CopyTo(header, 168);
        SHA256.HashData(header.AsSpan(0, 200), header.AsSpan(200, 32));
        return header;
    }

    /// <summary>Reads the header, but for what the copy covers, which stands at its end.</summary>
    /// <exception cref="RegisterDamagedException">It is none, or not whole.</exception>
    public static (RegisterFacts Facts, long Index, int Groups, int Covers) Read(ReadOnlySpan<byte> header, long length)
    {
        if (header.Length < HeaderBytes || !header.StartsWith(Magic))
            throw new RegisterDamagedException("not-a-register");
        if (BinaryPrimitives.ReadInt32LittleEndian(header[8..]) != Current)
            throw new RegisterDamagedException("other-layout");
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(header[..200], digest);
        if (!digest.SequenceEqual(header.Slice(200, 32)) || header[232..HeaderBytes].ContainsAnyExcept((byte)0))
            throw new RegisterDamagedException("header");
        if (BinaryPrimitives.ReadInt64LittleEndian(header[16..]) != length)
            throw new RegisterDamagedException("length");
        var name = Encoding.ASCII.GetString(header.Slice(72, NameBytes)).TrimEnd('\0');
        var format = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        var day = BinaryPrimitives.ReadInt32LittleEndian(header[40..]);
        var micros = BinaryPrimitives.ReadInt64LittleEndian(header[48..]);
        var (count, version) = (BinaryPrimitives.ReadInt64LittleEndian(header[24..]), BinaryPrimitives.ReadInt64LittleEndian(header[32..]));
        var (groups, covers) = (BinaryPrimitives.ReadInt32LittleEndian(header[44..]), BinaryPrimitives.ReadInt32LittleEndian(header[56..]));
        var index = BinaryPrimitives.ReadInt64LittleEndian(header[64..]);
        if (!RegisterFacts.IsName(name) || format is < 0 or > (int)RegisterFormat.CaDncl || count < 0 || version < 1 || groups < 0 || covers is < 0 or > RegisterCoverage.Most
            || day is < 0 or > LastDay || Math.Abs(micros) > LastDay * 86_400_000_000L
            || index < HeaderBytes || index > length || index + ((long)groups * IndexEntryBytes) + ((long)covers * CoverBytes) != length)
        {
            throw new RegisterDamagedException("header");
        }

        return (new RegisterFacts
        {
            Name = name,
            Version = version,
            AsOf = Epoch.PlusDays(day),
            Format = (RegisterFormat)format,
            BuiltAt = Instant.FromUnixTimeTicks(micros * 10),
            SourceDigest = Convert.ToHexStringLower(header.Slice(136, 32)),
            Covers = RegisterCoverage.Everything,
            Count = count,
            Digest = Convert.ToHexStringLower(header.Slice(168, 32)),
        }, index, groups, covers);
    }

    /// <summary>A beginning as one number: its digits behind a 1 that keeps their count.</summary>
    public static ulong CoverOf(string beginning) => ulong.Parse("1" + beginning, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The beginning that such a number stands for; empty where it stands for none.</summary>
    public static string BeginningOf(ulong cover) =>
        cover.ToString(System.Globalization.CultureInfo.InvariantCulture) is ['1', .. var digits] ? digits : "";

    private static readonly LocalDate Epoch = new(1970, 1, 1);

    // Source: NodaTime's calendar ends in the year 9999.
    private const int LastDay = 2_932_896;

    private static int DayOf(LocalDate date) => Period.DaysBetween(Epoch, date);
}

/// <summary>A file that is no register, or not the one that was written: nothing it says may be believed, least of all that a number is not listed.</summary>
public sealed class RegisterDamagedException : Exception
{
    public RegisterDamagedException() { }

    /// <param name="code"><c>not-a-register</c>, <c>other-layout</c>, <c>header</c>, <c>length</c>, <c>content</c>, <c>directory</c>.</param>
    public RegisterDamagedException(string code) : base($"The register can't be used: {code}.") => Code = code;

    public RegisterDamagedException(string message, Exception inner) : base(message, inner) { }

    /// <summary>What is wrong; it does not change between versions.</summary>
    public string Code { get; } = "not-a-register";
}
