using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class KeysFolderTests : IDisposable
{
    private readonly TestFolder folder = new();

    private string Data => folder.In("data");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Keys_lie_beside_the_data_where_nothing_else_is_said()
    {
        Assert.Equal(Data + "-keys", KeysFolder.For(null, Data, static _ => null).Path);
        Assert.Equal(Data + "-keys", KeysFolder.For(null, Data + "/", static _ => "").Path);
    }

    [Fact]
    public void The_option_goes_before_the_variable()
    {
        Assert.Equal(folder.In("asked"), KeysFolder.For(folder.In("asked"), Data, _ => folder.In("named")).Path);
        Assert.Equal(folder.In("named"), KeysFolder.For(null, Data, name => name == "RINGFENCE_KEYS" ? folder.In("named") : null).Path);
    }

    [Theory]
    [InlineData("data")]
    [InlineData("data/keys")]
    [InlineData("data/../data/x/y")]
    [InlineData("")]
    [InlineData("other/../data")]
    public void Keys_in_the_data_or_around_it_are_refused(string keys) =>
        Keys.Refused("not-apart", () => KeysFolder.For(System.IO.Path.Combine(folder.Path, keys), Data, static _ => null));

    [Fact]
    public void A_name_that_only_begins_alike_is_another_folder() =>
        Assert.Equal(folder.In("data2"), KeysFolder.For(folder.In("data2"), Data, static _ => null).Path);

    [Fact]
    public void A_link_into_the_data_is_refused()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Data, "sub"));
        Directory.CreateSymbolicLink(folder.In("link"), System.IO.Path.Combine(Data, "sub"));
        Keys.Refused("not-apart", () => KeysFolder.For(folder.In("link"), Data, static _ => null));
        Keys.Refused("not-apart", () => KeysFolder.For(folder.In("link", "deeper"), Data, static _ => null));
    }

    [Fact]
    public void Data_reached_by_a_link_into_the_keys_are_refused()
    {
        Directory.CreateDirectory(folder.In("keys", "sub"));
        Directory.CreateSymbolicLink(Data, folder.In("keys", "sub"));
        Keys.Refused("not-apart", () => KeysFolder.For(folder.In("keys"), Data, static _ => null));
    }

    [Fact]
    public async Task What_is_made_once_is_found_again()
    {
        var place = KeysFolder.For(null, Data, static _ => null);
        var sid = Keys.NewSid();
        string id;
        {
            var (keyring, journal) = await place.OpenAsync(null, create: true, static _ => null, TimeProvider.System, Keys.Cancel);
            await using (keyring)
            using (journal)
            {
                (await keyring.CreateAsync([sid], Keys.Cancel)).Dispose();
                id = keyring.Id;
            }
        }

        var (again, journalAgain) = await place.OpenAsync(null, create: false, static _ => null, TimeProvider.System, Keys.Cancel);
        await using (again)
        using (journalAgain)
        {
            Assert.Equal(id, again.Id);
            Assert.NotNull(await again.FindAsync(sid, Keys.Cancel));
        }
    }

    [Fact]
    public async Task A_creation_that_was_stopped_goes_on()
    {
        var place = KeysFolder.For(null, Data, static _ => null);
        KeyFile.Create(place.KeyFile, Keys.Day(0)).Dispose();
        Directory.CreateDirectory(place.Keyring);
        DurableFile.CreateNew(System.IO.Path.Combine(place.Keyring, "keyring.db")).Dispose();
        var (keyring, journal) = await place.OpenAsync(null, create: true, static _ => null, TimeProvider.System, Keys.Cancel);
        await using (keyring)
        using (journal)
            (await keyring.SuppressionKeysAsync(Keys.Cancel)).Dispose();
    }

    [Theory]
    [InlineData("kek", "no-keys")]
    [InlineData("keyring/keyring.db", "no-keyring")]
    [InlineData("erasures/erasures.journal", "no-journal")]
    public async Task What_was_lost_is_not_made_anew(string lost, string code)
    {
        var place = KeysFolder.For(null, Data, static _ => null);
        var (keyring, journal) = await place.OpenAsync(null, create: true, static _ => null, TimeProvider.System, Keys.Cancel);
        await keyring.DisposeAsync();
        journal.Dispose();
        File.Delete(System.IO.Path.Combine(place.Path, lost));
        await Keys.RefusedAsync(code, () => place.OpenAsync(null, create: false, static _ => null, TimeProvider.System, Keys.Cancel));
        Assert.False(File.Exists(System.IO.Path.Combine(place.Path, lost)));
    }

    [Fact]
    public async Task Who_was_erased_does_not_come_back_with_an_old_keyring()
    {
        var place = KeysFolder.For(null, Data, static _ => null);
        var (erased, stays) = (Keys.NewSid(), Keys.NewSid());
        var db = System.IO.Path.Combine(place.Keyring, "keyring.db");
        for (var round = 0; round < 2; round++)
        {
            var (keyring, journal) = await place.OpenAsync(null, create: round == 0, static _ => null, TimeProvider.System, Keys.Cancel);
            await using (keyring)
            using (journal)
            {
                if (round == 0)
                {
                    (await keyring.CreateAsync([erased, stays], Keys.Cancel)).Dispose();
                }
                else
                {
                    journal.Append(erased);
                    await keyring.DestroyAsync([erased], Keys.Cancel);
                }
            }

            if (round == 0)
                File.Copy(db, folder.In("backup"));
        }

        File.Copy(folder.In("backup"), db, overwrite: true);
        var (restored, again) = await place.OpenAsync(null, create: false, static _ => null, TimeProvider.System, Keys.Cancel);
        await using (restored)
        using (again)
        {
            Assert.Null(await restored.FindAsync(erased, Keys.Cancel));
            Assert.NotNull(await restored.FindAsync(stays, Keys.Cancel));
        }
    }

    [Fact]
    public async Task A_new_file_of_keys_in_the_place_of_the_lost_one_is_noticed()
    {
        var place = KeysFolder.For(null, Data, static _ => null);
        var (keyring, journal) = await place.OpenAsync(null, create: true, static _ => null, TimeProvider.System, Keys.Cancel);
        await keyring.DisposeAsync();
        journal.Dispose();
        File.Delete(place.KeyFile);
        KeyFile.Create(place.KeyFile, Kid.Today(TimeProvider.System)).Dispose();
        await Keys.RefusedAsync("sealed-otherwise", () => place.OpenAsync(null, create: false, static _ => null, TimeProvider.System, Keys.Cancel));
        File.Delete(place.KeyFile);
        KeyFile.Create(place.KeyFile, Kid.Today(TimeProvider.System).PlusDays(1)).Dispose();
        await Keys.RefusedAsync("unknown-kek", () => place.OpenAsync(null, create: false, static _ => null, TimeProvider.System, Keys.Cancel));
    }
}
