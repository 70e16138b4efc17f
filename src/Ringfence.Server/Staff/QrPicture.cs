using System.Globalization;
using System.Text;
using QRCoder;

namespace Ringfence.Server.Staff;

/// <summary>A QR code as one path of an SVG: pages hold no pictures from elsewhere, and no style of their own.</summary>
internal static class QrPicture
{
    /// <summary>Its dark squares, in a view box of <see cref="Side"/> squares.</summary>
    public static string PathOf(string text)
    {
        var rows = Matrix(text);
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Length; x++)
            {
                if (rows[y][x])
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
            }
        }

        return path.Length == 0 ? "" : FormattableString.Invariant($"{rows.Count} ") + path;
    }

    /// <summary>How many squares a picture has on a side.</summary>
    public static string Side(string picture) => picture[..picture.IndexOf(' ', StringComparison.Ordinal)];

    /// <summary>The path alone.</summary>
    public static string Squares(string picture) => picture[(picture.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static List<System.Collections.BitArray> Matrix(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        return data.ModuleMatrix;
    }
}
