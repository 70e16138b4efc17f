using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class KeyFileTests : IDisposable
{
    private readonly TestFolder folder = new();

    private string Path => folder.In("keys", "kek");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_new_file_holds_one_key_that_is_read_back()
    {
        byte[] key;
        using (var made = KeyFile.Create(Path, Keys.Day(0)))
            key = made.Current.Key.ToArray();
        using var read = KeyFile.Open(Path);
        Assert.Equal("k2026-11-22", Assert.Single(read.Kids).ToString());
        Assert.Equal(key, read.Current.Key);
        Assert.True(key.Distinct().Count() > 10);
    }

    [Fact]
    public void Every_file_has_a_key_of_its_own()
    {
        using var one = KeyFile.Create(Path, Keys.Day(0));
        using var other = KeyFile.Create(folder.In("other", "kek"), Keys.Day(0));
        Assert.False(one.Current.Key.SequenceEqual(other.Current.Key));
    }

    [Fact]
    public void A_file_that_is_there_is_never_overwritten()
    {
        KeyFile.Create(Path, Keys.Day(0)).Dispose();
        var before = File.ReadAllText(Path);
        Keys.Refused("exists", () => KeyFile.Create(Path, Keys.Day(1)));
        Assert.Equal(before, File.ReadAllText(Path));
    }

    [Fact]
    public void Only_its_owner_may_read_the_file()
    {
        KeyFile.Create(Path, Keys.Day(0)).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Modes.Of(Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Modes.Of(folder.In("keys")));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_file_that_others_may_read_is_refused(UnixFileMode more)
    {
        KeyFile.Create(Path, Keys.Day(0)).Dispose();
        Modes.Set(Path, DurableFile.OwnerOnly | more);
        Assert.Contains("chmod 600", Keys.Refused("too-open", () => KeyFile.Open(Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_which_others_may_put_a_file_is_refused()
    {
        KeyFile.Create(Path, Keys.Day(0)).Dispose();
        Modes.Set(folder.In("keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite);
        Keys.Refused("too-open", () => KeyFile.Open(Path));
    }

    [Fact]
    public void A_file_of_another_user_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "only root can give a file away");
        KeyFile.Create(Path, Keys.Day(0)).Dispose();
        using (var chown = System.Diagnostics.Process.Start("chown", ["nobody", Path]))
            chown.WaitForExit();
        Keys.Refused("wrong-owner", () => KeyFile.Open(Path));
    }

    [Fact]
    public void A_file_that_is_missing_is_told_with_what_helps() =>
        Assert.Contains("RINGFENCE_KEYS", Keys.Refused("no-keys", () => KeyFile.Open(Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_new_key_is_current_and_the_old_one_still_there()
    {
        using var keys = KeyFile.Create(Path, Keys.Day(0));
        var first = keys.Current.Key.ToArray();
        Assert.Equal("k2026-12-22", keys.Begin(Keys.Day(30)).ToString());
        using var read = KeyFile.Open(Path);
        Assert.Equal(["k2026-11-22", "k2026-12-22"], read.Kids.Select(static kid => kid.ToString()));
        Assert.Equal("k2026-12-22", read.Current.Kid.ToString());
        Assert.Equal(first, read.Get(keys.Kids[0]).Key);
    }

    [Fact]
    public void A_second_new_key_on_one_day_is_named_by_the_next()
    {
        using var keys = KeyFile.Create(Path, Keys.Day(0));
        Assert.Equal("k2026-11-23", keys.Begin(Keys.Day(0)).ToString());
        Assert.Equal("k2026-11-24", keys.Begin(Keys.Day(-400)).ToString());
    }

    [Fact]
    public void A_destroyed_key_stands_nowhere_any_more()
    {
        using var keys = KeyFile.Create(Path, Keys.Day(0));
        var doomed = Convert.ToHexStringLower(keys.Current.Key);
        keys.Begin(Keys.Day(30));
        using var old = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        keys.Destroy(keys.Kids[0]);

        Assert.Equal("k2026-12-22", Assert.Single(keys.Kids).ToString());
        Assert.All(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), file => Assert.DoesNotContain(doomed, File.ReadAllText(file), StringComparison.Ordinal));

        // Where the file stood before, as one who had it open sees it.
        var before = new StreamReader(old).ReadToEnd();
        Assert.NotEqual(0, before.Length);
        Assert.Equal(new string('\0', before.Length), before);
    }

    [Fact]
    public void The_current_key_can_not_be_destroyed()
    {
        using var keys = KeyFile.Create(Path, Keys.Day(0));
        Assert.Throws<InvalidOperationException>(() => keys.Destroy(keys.Current.Kid));
    }

    [Fact]
    public void Any_character_that_is_changed_is_noticed()
    {
        using (var keys = KeyFile.Create(Path, Keys.Day(0)))
            keys.Begin(Keys.Day(30));
        var good = File.ReadAllBytes(Path);
        for (var i = 0; i < good.Length; i++)
        {
            foreach (var to in "0a# \n"u8)
            {
                if (good[i] == to)
                    continue;
                var bad = good.ToArray();
                bad[i] = to;
                File.WriteAllBytes(Path, bad);
                Assert.True(IsRefused(), $"byte {i} as {(char)to}");
            }
        }
    }

    [Fact]
    public void Any_end_that_is_missing_is_noticed()
    {
        using (var keys = KeyFile.Create(Path, Keys.Day(0)))
            keys.Begin(Keys.Day(30));
        var good = File.ReadAllBytes(Path);
        var lastLine = good.AsSpan(0, good.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (var length = 0; length < good.Length; length++)
        {
            if (length == lastLine)
                continue; // a file with one key less is a file; the keyring misses the key
            File.WriteAllBytes(Path, good[..length]);
            Assert.True(IsRefused(), $"cut at {length}");
        }
    }

    [Fact]
    public void Keys_that_stand_twice_or_out_of_order_are_refused()
    {
        using (var keys = KeyFile.Create(Path, Keys.Day(0)))
            keys.Begin(Keys.Day(30));
        var lines = File.ReadAllLines(Path);
        File.WriteAllText(Path, string.Join('\n', [lines[0], lines[1], lines[3], lines[2], ""]));
        Assert.Contains("line 4", Keys.Refused("damaged", () => KeyFile.Open(Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path, string.Join('\n', [lines[0], lines[1], lines[2], lines[2], ""]));
        Keys.Refused("damaged", () => KeyFile.Open(Path));
    }

    [Fact]
    public void What_a_killed_run_left_aside_is_in_nobodys_way()
    {
        using var keys = KeyFile.Create(Path, Keys.Day(0));
        File.WriteAllText(Path + ".new", "half a fi");
        keys.Begin(Keys.Day(30));
        using var read = KeyFile.Open(Path);
        Assert.Equal(2, read.Kids.Count);
        Assert.False(File.Exists(Path + ".new"));
    }

    [Fact]
    public void No_refusal_tells_of_a_key()
    {
        string key;
        using (var keys = KeyFile.Create(Path, Keys.Day(0)))
            key = Convert.ToHexStringLower(keys.Current.Key);
        File.WriteAllText(Path, File.ReadAllText(Path).Replace(key, key[..^1] + "z", StringComparison.Ordinal));
        Assert.DoesNotContain(key[..8], Keys.Refused("damaged", () => KeyFile.Open(Path)).ToString(), StringComparison.Ordinal);
    }

    private bool IsRefused()
    {
        try
        {
            KeyFile.Open(Path).Dispose();
            return false;
        }
        catch (KeysException e)
        {
            return e.Code == "damaged";
        }
    }
}

public sealed class EnvironmentKeysTests
{
    private const string One = "k2026-11-22:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string Other = "k2026-12-22:202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";

    [Theory]
    [InlineData(One + "," + Other)]
    [InlineData(Other + " , " + One)]
    public void The_newest_key_is_current_wherever_it_stands(string value)
    {
        using var keys = EnvironmentKeys.Parse(value);
        Assert.Equal("k2026-12-22", keys.Current.Kid.ToString());
        Assert.Equal(0x20, keys.Current.Key[0]);
        Assert.Equal(0x00, keys.Get(keys.Kids[0]).Key[0]);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(One + ",", 2)]
    [InlineData(One + "," + One, 2)]
    [InlineData(One + "0", 1)]
    [InlineData("k2026-13-22:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1)]
    [InlineData("k2026-11-22:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1ezz", 1)]
    [InlineData("k2026-11-22 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1)]
    public void What_is_not_of_the_form_is_refused_by_its_number_and_not_repeated(string value, int entry)
    {
        var refusal = Keys.Refused("bad-variable", () => EnvironmentKeys.Parse(value));
        Assert.Equal([KeyProvider.Variable, entry], refusal.Arguments);
        Assert.DoesNotContain("00010203", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_neither_adds_nor_destroys_what_it_does_not_keep()
    {
        using var keys = EnvironmentKeys.Parse(One + "," + Other);
        Keys.Refused("keys-elsewhere", () => keys.Begin(Keys.Day(60)));
        Keys.Refused("keys-elsewhere", () => keys.Destroy(keys.Kids[0]));
    }

    [Fact]
    public void The_variable_goes_before_the_file()
    {
        using var folder = new TestFolder();
        var place = KeysFolder.For(null, folder.In("data"), static _ => null);
        KeyFile.Create(place.KeyFile, Keys.Day(0)).Dispose();
        using var keys = KeyProvider.Open(place, static name => name == KeyProvider.Variable ? Other : null);
        Assert.Equal("k2026-12-22", keys.Current.Kid.ToString());
        using var file = KeyProvider.Open(place, static _ => "");
        Assert.Equal("k2026-11-22", file.Current.Kid.ToString());
    }
}
