using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ringfence.Server.Ledger;

/// <summary>Where checkpoints are carried to.</summary>
/// <param name="Folder">The folder of the files.</param>
/// <param name="Authority">Who stamps them; null: nobody.</param>
/// <param name="Data">The folder of the data.</param>
internal sealed record AnchorOptions(string Folder, TimestampAuthority? Authority, string Data)
{
    /// <summary>Names the certificate of the timestamp authority where no option does.</summary>
    public const string CertificateVariable = "RINGFENCE_TSA_CERT";

    /// <summary>What is said, else what the environment says, else files beside the data and nobody who stamps.</summary>
    /// <exception cref="CommandRefusedException"><c>bad-tsa</c>, <c>bad-tsa-cert</c>.</exception>
    public static AnchorOptions Of(string? folder, string? authority, string? certificate, string data, Func<string, string?> environment)
    {
        data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        var address = authority ?? Named(TimestampAuthority.Variable);
        if (address is not null && !TimestampAuthority.IsAddress(address))
            throw new CommandRefusedException("bad-tsa", address);
        var pinned = certificate ?? Named(CertificateVariable);
        return new AnchorOptions(
            Path.GetFullPath(folder ?? Named(AnchorFolder.Variable) ?? data + "-anchors"),
            address is null ? null : new TimestampAuthority(new Uri(address), pinned is null ? null : Load(pinned)), data);

        string? Named(string variable) => environment(variable) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Whether the files lie on another disk than the data, as far as mounts tell.</summary>
    public bool IsOtherDisk => MountOf(Folder) != MountOf(Data);

    private static X509Certificate2 Load(string file)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandRefusedException("bad-tsa-cert", file);
        }
    }

    private static string MountOf(string path)
    {
        path += Path.DirectorySeparatorChar;
        return DriveInfo.GetDrives().Select(static drive => Path.TrimEndingDirectorySeparator(drive.RootDirectory.FullName) + Path.DirectorySeparatorChar)
            .Select(static root => root.Length > 1 && root.StartsWith("//", StringComparison.Ordinal) ? root[1..] : root)
            .Where(root => path.StartsWith(root, StringComparison.Ordinal)).MaxBy(static root => root.Length) ?? "";
    }
}
