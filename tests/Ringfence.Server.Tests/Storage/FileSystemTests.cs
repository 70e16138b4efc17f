using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>Where an embedded store may live.</summary>
public sealed class FileSystemTests
{
    private const string Mounts = """
        22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
        30 22 0:40 / /srv rw - nfs4 server:/export rw,vers=4.2
        31 30 254:3 / /srv/local rw shared:7 master:2 - xfs /dev/vdb rw
        32 22 0:41 / /mnt/My\040Share rw - cifs //server/share rw
        33 22 0:42 / /data rw - tmpfs tmpfs rw
        34 22 0:43 / /data rw - fuse.sshfs host: rw
        """;

    [Theory]
    [InlineData("/var/lib/ringfence", "ext4")]
    [InlineData("/srv", "nfs4")]
    [InlineData("/srv/ringfence", "nfs4")]
    [InlineData("/srv/local/ringfence", "xfs")]
    [InlineData("/srvother", "ext4")]
    [InlineData("/mnt/My Share/x", "cifs")]
    [InlineData("/data/x", "fuse.sshfs")]
    public void The_innermost_and_latest_mount_counts(string path, string type) => Assert.Equal(type, FileSystems.TypeOf(path, Mounts));

    [Theory]
    [InlineData("nfs", FindingVerdict.Refuse)]
    [InlineData("cifs", FindingVerdict.Refuse)]
    [InlineData("smb3", FindingVerdict.Refuse)]
    [InlineData("9p", FindingVerdict.Refuse)]
    [InlineData("fuse", FindingVerdict.Refuse)]
    [InlineData("fuse.s3fs", FindingVerdict.Refuse)]
    [InlineData("virtiofs", FindingVerdict.Refuse)]
    [InlineData("fuseblk", FindingVerdict.Fine)]
    [InlineData("ext4", FindingVerdict.Fine)]
    [InlineData("tmpfs", FindingVerdict.Warn)]
    [InlineData("overlay", FindingVerdict.Warn)]
    [InlineData("of-tomorrow", FindingVerdict.Warn)]
    [InlineData(null, FindingVerdict.Warn)]
    public void Only_a_disk_of_this_machine_is_fine(string? type, FindingVerdict verdict) => Assert.Equal(verdict, FileSystems.Judge(type).Verdict);

    [Fact]
    public async Task A_store_does_not_open_on_a_network_file_system()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux lists its mounts in a file.");
        await using var home = new SqliteHome();
        var table = Path.Combine(Path.GetDirectoryName(home.Folder)!, "mounts");
        await File.WriteAllTextAsync(table, $"22 1 254:0 / / rw - ext4 /dev/vda rw\n30 22 0:40 / {Path.GetDirectoryName(home.Folder)} rw - nfs4 server:/export rw\n", TestContext.Current.CancellationToken);
        var fault = await Assert.ThrowsAsync<StoreException>(() => LedgerStores.OpenAsync(home.Options with { MountTable = table }, TestContext.Current.CancellationToken));
        Assert.Equal(StoreFault.InUse, fault.Fault);
        Assert.Contains("nfs4", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(home.File));
    }

    [Fact]
    public void The_temporary_folder_of_this_machine_is_recognised()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux lists its mounts in a file.");
        var finding = FileSystems.Judge(Path.GetTempPath(), "/proc/self/mountinfo");
        Assert.NotEqual("unknown", finding.Value);
    }
}
