using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Hosting;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

/// <summary>The scan of a signed paper is kept with the yes that it shows, sealed, for as long as the person is known, and no longer. On either store.</summary>
public abstract class KeptScanContract
{
    private const string Ann = "+442079460018";
    private const string Bea = "+442079460019";
    private const string Marker = "Signed by Slartibartfast";

    /// <summary>What looks like a PDF.</summary>
    internal static readonly byte[] Pdf = Encoding.ASCII.GetBytes("%PDF-1.7\n" + Marker + "\n%%EOF\n");

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract Task<BackupHouse> BuildAsync();

    private protected abstract ValueTask<PostgresHome?> HomeAsync();

    private protected abstract RawStore Open(House house);

    [Fact]
    public async Task A_scan_sent_with_the_form_is_kept_and_handed_to_whoever_may_have_it_as_it_came()
    {
        await using var home = await HomeAsync();
        await using var house = await PageHouse.BuildAsync(home?.Options);
        var wording = await SignedAsync(house.House);
        var form = await house.PostAsync(house.Controller + "consents/new", Role.Agent, ("to", Ann), ("wording", wording.Digest.ToString()), ("shownIn", "en"), ("method", "paper"));
        foreach (var text in new[] { "enctype=\"multipart/form-data\"", "name=\"scan\" type=\"file\"", "10 MB at most" })
            Assert.Contains(text, form.Text, StringComparison.Ordinal);

        var done = await SendAsync(house, wording, Pdf, "../../Ann Example, +442079460018.exe");
        Assert.Equal(HttpStatusCode.SeeOther, done.Status);
        var found = (await house.House.FindAsync(Ann))!;
        var at = house.Controller + "contacts/" + found.Person.Sid;
        var record = found.Person.Records.Single(static record => record.State is not null);
        Assert.True(KeptScan.IsBeside(record));
        Assert.Equal([record.Seq], await PlacesAsync(house.House));
        Assert.Equal(TreeHash.Sha256(Pdf), ConsentEvidence.FromBytes(await EvidenceAsync(house.House, record)).Scan);
        Assert.Empty(await house.House.FaultsAsync());
        Assert.Empty(await Traces.OfAsync(house.House.Folder, Marker, ".exe"));

        // Staff who may not take anything along see that there is one, and its digest if they may see evidence at all.
        var seq = record.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"action=\"/{at}/scan\"", (await house.GetAsync(at, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/scan\"", (await house.GetAsync(at, Role.Agent)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAgainAsync(at + "/scan", Role.Agent, ("record", seq))).Status);
        var size = await house.SizeAsync();
        Assert.StartsWith("/account/again?next=", (await house.PostAsync(at + "/scan", Role.PrivacyOfficer, ("record", seq))).Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await house.PostAgainAsync(at + "/scan", Role.PrivacyOfficer, ("record", "0"))).Status);
        Assert.Equal(size, await house.SizeAsync());

        var handed = await house.PostAgainAsync(at + "/scan", Role.PrivacyOfficer, ("record", seq));
        Assert.Equal((HttpStatusCode.OK, Encoding.ASCII.GetString(Pdf)), (handed.Status, handed.Text));
        Assert.Equal(("application/pdf", $"attachment; filename=\"scan-{seq}.pdf\""), (handed.Response.Content.Headers.ContentType!.ToString(), handed.Response.Content.Headers.ContentDisposition!.ToString()));
        Assert.Equal(("nosniff", "no-store"), (handed.Response.Headers.GetValues("X-Content-Type-Options").Single(), handed.Response.Headers.CacheControl!.ToString()));
        Assert.StartsWith("sandbox;", handed.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var told = (await house.House.RecordsAsync())[^1];
        Assert.Equal((RecordType.StaffRevealed, "scan", TreeHash.Sha256(Pdf).ToString()), (told.Type, told.Detail!["view"]!.AsText, told.Detail["digest"]!.AsText));

        // The person gets it with all else, to read and for a machine; and so does whoever is to check the proof.
        var export = await Export.MakeAsync(house.House.Installation, house.House.Ledger, found.Person.Sid, House.Staff, new("en"), Cancel);
        var scan = JsonDocument.Parse(export.Json).RootElement.GetProperty("consents").EnumerateArray().Single(one => one.GetProperty("seq").GetInt64() == record.Seq).GetProperty("scan");
        Assert.Equal(("application/pdf", Convert.ToBase64String(Pdf)), (scan.GetProperty("media").GetString(), scan.GetProperty("base64").GetString()));
        Assert.Contains($"download=\"scan-{seq}.pdf\" href=\"data:application/pdf;base64,{Convert.ToBase64String(Pdf)}\"", Encoding.UTF8.GetString(export.Page), StringComparison.Ordinal);
        var proof = await house.PostAgainAsync(at + "/bundle", Role.PrivacyOfficer, ("open", "evidence"));
        Assert.Contains(Convert.ToBase64String(Pdf), proof.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Pdf), (await house.PostAgainAsync(at + "/bundle", Role.PrivacyOfficer, ("open", "person"))).Text, StringComparison.Ordinal);
        var check = await house.PostAsync(at + "/prove", Role.PrivacyOfficer, ("open", "evidence"));
        Assert.Matches("Unaltered", check.Text);
        Assert.DoesNotContain("Not what was signed", check.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MZ this is a program", "paper.pdf", "Save it as PDF, JPEG, PNG, TIFF or WebP.")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "paper.png", "Save it as PDF, JPEG, PNG, TIFF or WebP.")]
    [InlineData("%PDF-", "too-large", "Scan it again at 300 dots an inch or less")]
    public async Task What_is_no_scan_or_too_large_is_refused_with_what_to_do_and_nothing_typed_is_lost(string begins, string named, string told)
    {
        await using var home = await HomeAsync();
        await using var house = await PageHouse.BuildAsync(home?.Options);
        var wording = await SignedAsync(house.House);
        var size = await house.SizeAsync();
        var file = named == "too-large" ? [.. Encoding.ASCII.GetBytes(begins), .. new byte[ScanFile.MostBytes]] : Encoding.ASCII.GetBytes(begins);
        var refused = await SendAsync(house, wording, file, named);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        foreach (var text in new[] { told, "href=\"#f-scan\"", "Choose the file again", "value=\"Ann Example\"", "value=\"Tablet 3\"", "value=\"Parent Example\"" })
            Assert.Contains(text, refused.Text, StringComparison.Ordinal);
        Assert.Equal(size, await house.SizeAsync());
        Assert.Empty(await PlacesAsync(house.House));
    }

    [Fact]
    public async Task Without_the_file_or_with_another_token_nothing_is_written()
    {
        await using var home = await HomeAsync();
        await using var house = await PageHouse.BuildAsync(home?.Options);
        var wording = await SignedAsync(house.House);
        var size = await house.SizeAsync();
        var none = await SendAsync(house, wording, [], "");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, none.Status);
        Assert.Contains("href=\"#f-scan\"", none.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, wording, Pdf, "a.pdf", token: "other")).Status);
        // A token that comes after the file is none.
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, wording, Pdf, "a.pdf", tokenFirst: false)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(house, wording, Pdf, "a.pdf", ("digest", "0"))).Status);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task Whatever_becomes_of_the_person_it_stays_within_reach_until_they_are_forgotten_and_then_it_is_gone()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var record = await KeptAsync(house, Ann);
        var sid = record.Subject!.Value.Sid;
        await house.SaysAsync(Bea);
        var other = (await house.FindAsync(Bea))!.Person.Sid;
        await house.DoAsync(new MergeCommand(House.Staff, other, sid));
        Assert.Contains((await house.FindAsync(Bea))!.Person.Records, one => one.Seq == record.Seq);
        Assert.Equal(Pdf, await OpenedAsync(house.Installation, house.Ledger, record));
        await house.DoAsync(new UnmergeCommand(House.Staff, other, sid));
        Assert.Equal(Pdf, await OpenedAsync(house.Installation, house.Ledger, record));

        // Keys are wrapped anew, and the old ones go.
        var today = LocalDate.FromDateTime(DateTime.UtcNow);
        await house.Installation.Keyring.BeginKekAsync(today.PlusDays(40), Cancel);
        Assert.True((await house.Installation.Keyring.RotateAsync(null, Cancel)).Rewrapped > 0);
        Assert.NotEmpty((await house.Installation.Keyring.DestroyOldKeksAsync(today.PlusDays(100), Cancel)).Destroyed);
        Assert.Equal(Pdf, await OpenedAsync(house.Installation, house.Ledger, record));
        Assert.Empty(await house.FaultsAsync());

        var row = (await house.Installation.Store.ScanAsync(house.Ledger.Ledger, record.Seq, Cancel))!;
        Assert.NotEmpty(await InDatabaseAsync(backup, row));
        await house.EraseAsync(sid);
        Assert.Empty(await PlacesAsync(house));
        Assert.Null(await KeptScan.OpenAsync(house.Installation, house.Ledger, record, Cancel));
        Assert.Empty(await house.FaultsAsync());
        Assert.Empty(await InDatabaseAsync(backup, row));
        using var raw = Open(house);
        raw.Run($"insert into scan(ledger, seq, nonce, ciphertext) values ({house.Ledger.Ledger}, {row.Seq}, @nonce, @bytes)", ("@nonce", row.Nonce), ("@bytes", row.Ciphertext));
        Assert.Equal(["scan-erased"], await house.FaultsAsync());
    }

    [Fact]
    public async Task Each_change_of_it_is_found()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var (record, second) = (await KeptAsync(house, Ann), await KeptAsync(house, Bea));
        await house.SaysAsync("+442079460020");
        var bare = (await house.FindAsync("+442079460020"))!.Person.Records[^1].Seq;
        Assert.Empty(await house.FaultsAsync());
        using var raw = Open(house);
        raw.Keep("scan");
        foreach (var (sql, code) in new[]
        {
            ($"update scan set ciphertext = (select ciphertext from scan where seq = {second.Seq}) where seq = {record.Seq}", "scan-differs"),
            ($"update scan set nonce = (select nonce from scan where seq = {second.Seq}) where seq = {record.Seq}", "scan-differs"),
            ($"delete from scan where seq = {record.Seq}", "scan-missing"),
            ($"insert into scan(ledger, seq, nonce, ciphertext) select ledger, {bare}, nonce, ciphertext from scan where seq = {record.Seq}", "scan-unexpected"),
            ($"insert into scan(ledger, seq, nonce, ciphertext) select ledger, 99999, nonce, ciphertext from scan where seq = {record.Seq}", "scan-unexpected"),
        })
        {
            Assert.Equal(1, raw.Run(sql));
            Assert.Equal([code], (await house.FaultsAsync()).Distinct());
            raw.PutBack("scan");
        }

        Assert.Empty(await house.FaultsAsync());
        // One that is sealed properly and is not the one that was signed for: whoever has the key.
        using (var sealer = (await house.Installation.Keyring.FindAsync(record.Subject!.Value.Sid, Cancel))!)
        {
            var other = sealer.SealScan(record.Id, [.. Pdf, 10]);
            raw.Run($"update scan set ciphertext = @bytes where seq = {record.Seq}", ("@bytes", other.Ciphertext));
            raw.Run($"update scan set nonce = @bytes where seq = {record.Seq}", ("@bytes", other.Nonce));
        }

        Assert.Equal(["scan-differs"], await house.FaultsAsync());
    }

    [Fact]
    public async Task It_goes_with_the_backup_and_opens_where_that_is_put_back()
    {
        await using var backup = await BuildAsync();
        var record = await KeptAsync(backup.House, Ann);
        await backup.BackUpAsync();
        await backup.House.CloseAsync();
        await backup.RestoreAsync();
        await using var again = await backup.OpenAsync();
        var ledger = await again.LedgerAsync(null, Cancel);
        Assert.Equal(Pdf, await OpenedAsync(again, ledger, record));
        Assert.DoesNotContain((await new Fsck(again, ledger, full: true).RunAsync(Cancel)).All, static finding => finding.Weight != FsckWeight.Warning);
    }

    [Fact]
    public async Task It_goes_over_to_the_epoch_that_goes_on_and_leaves_nothing_beside_the_closed_one()
    {
        await using var backup = await BuildAsync();
        var record = await KeptAsync(backup.House, Ann);
        await backup.BackUpAsync();
        await backup.House.SaysAsync(Bea);
        await backup.House.Installation.NotaryOf(backup.House.Ledger).CheckpointAsync(anchor: true, Cancel);
        await backup.House.CloseAsync();
        await backup.RestoreAsync(newEpoch: true);
        await using var again = await backup.OpenAsync();
        var ledgers = await again.LedgersAsync(Cancel);
        Assert.Equal(2, ledgers.Count);
        Assert.Equal(Pdf, await OpenedAsync(again, ledgers[1], record));
        Assert.Empty(await again.Store.ScansAsync(ledgers[0].Ledger, Cancel).ToListAsync(Cancel));
        foreach (var ledger in ledgers)
            Assert.DoesNotContain((await new Fsck(again, ledger, full: true).RunAsync(Cancel)).All, static finding => finding.Weight != FsckWeight.Warning);
    }

    [Fact]
    public async Task Where_a_law_wants_the_proof_kept_the_paper_is_part_of_it_and_ends_with_it()
    {
        const string berlin = "+4930230000777";
        await using var backup = await BuildAsync();
        var house = backup.House;
        var record = await KeptAsync(house, berlin, "voice");
        var kept = Assert.Single((await house.EraseAsync(record.Subject!.Value.Sid)).Kept);
        Assert.Equal([record.Seq], kept.Scans!);
        Assert.Empty(await PlacesAsync(house));
        Assert.Empty(await Traces.OfAsync(house.Folder, Marker, berlin[1..]));
        Assert.Empty(await house.FaultsAsync());
        var file = Path.Combine(house.Installation.KeysFolder.Proofs, FormattableString.Invariant($"{kept.Key}.{record.Seq}.scan"));
        Assert.True(File.Exists(file));

        var taken = await backup.BackUpAsync();
        Assert.Contains(taken.Files, one => one.Path.EndsWith(".scan", StringComparison.Ordinal));
        var proofs = new KeptProofs(house.Installation);
        File.Delete(file);
        File.Delete(Assert.Single(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs)));
        await proofs.TakeBackAsync(Path.Combine(backup.In("copy"), "erasures", "proofs"), Cancel);
        var bundle = await ProofsCliCommands.HandOutAsync(house.Installation, house.Ledger, House.Staff, house.Tags(berlin).Point, "legal-claim", Cancel);
        Assert.Equal(Pdf, bundle.Document(TreeHash.Sha256(Pdf)));

        await File.WriteAllBytesAsync(file, [.. (await File.ReadAllBytesAsync(file, Cancel))[..^1], 0], Cancel);
        Assert.Equal(StoreFault.Damaged, (await Assert.ThrowsAsync<StoreException>(() => proofs.OpenAsync(house.Ledger, house.Tags(berlin).Point, Cancel))).Fault);
        await proofs.EndAsync(proofs.All(), Cancel);
        Assert.Empty(KeptProofs.EverythingIn(house.Installation.KeysFolder.Proofs));
    }

    [Fact]
    public async Task A_program_sends_it_as_a_part_beside_the_consent_and_once_for_one_key()
    {
        await using var home = await HomeAsync();
        await using var api = await ApiHouse.BuildAsync(home?.Options);
        var wording = await SignedAsync(api.House);
        var key = await api.KeyAsync(ApiScopes.Consent);
        var json = Json(wording, null);
        var done = await PostAsync(json, Pdf);
        Assert.Equal(HttpStatusCode.Created, done.Status);
        var seq = done.Json.GetProperty("records")[0].GetInt64();
        Assert.Equal([seq], await PlacesAsync(api.House));
        Assert.Equal(Pdf, await OpenedAsync(api.House.Installation, api.House.Ledger, (await api.House.RecordsAsync())[(int)seq]));
        Assert.Equal(seq, (await PostAsync(json, Pdf)).Json.GetProperty("records")[0].GetInt64());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "key-reused"), (await PostAsync(json, [.. Pdf, 10])).Said);
        var size = await api.SizeAsync();
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "scan-differs"), (await PostAsync(Json(wording, TreeHash.Sha256("another"u8)), Pdf, "k2")).Said);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "scan-kind"), (await PostAsync(json, "MZ"u8.ToArray(), "k3")).Said);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "scan-too-large"), (await PostAsync(json, [.. Pdf, .. new byte[ScanFile.MostBytes]], "k4")).Said);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "scan-not-here"), (await PostAsync($$"""{"to":"{{Ann}}","state":"confirmed","via":"sms","message":"m"}""", Pdf, "k5")).Said);
        using (var bare = new MultipartFormDataContent { { new ByteArrayContent(Pdf), "scan", "a.pdf" } })
            Assert.Equal((HttpStatusCode.BadRequest, "bad-form"), (await api.SendAsync(HttpMethod.Post, "consents", key.Show(), bare)).Said);
        Assert.Equal(size, await api.SizeAsync());
        // The largest there is.
        byte[] largest = [.. Pdf, .. new byte[ScanFile.MostBytes - Pdf.Length]];
        var last = (await PostAsync(json, largest, "k6")).Json.GetProperty("records")[0].GetInt64();
        Assert.Equal(largest, await OpenedAsync(api.House.Installation, api.House.Ledger, (await api.House.RecordsAsync())[(int)last]));
        // As ever, a digest alone will do where the paper is kept elsewhere.
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("consents", key, Json(wording, TreeHash.Sha256(Pdf)))).Status);
        Assert.Equal([seq, last], await PlacesAsync(api.House));

        async Task<Answered> PostAsync(string consent, byte[] scan, string client = "k1")
        {
            using var form = new MultipartFormDataContent { { new StringContent(consent, Encoding.UTF8, "application/json"), "consent" }, { new ByteArrayContent(scan), "scan", "paper.pdf" } };
            return await api.SendAsync(HttpMethod.Post, "consents", key.Show(), form, ("Idempotency-Key", client));
        }

        static string Json(WordingDocument wording, Digest? scan) => $$$"""
            {"to":"{{{Ann}}}","wording":"{{{wording.Digest}}}","language":"en","evidence":{"method":"paper","at":"2026-11-01T10:00:00Z","place":"Counter 3","recorder":{"kind":"staff","ref":"mia"}{{{(scan is { } digest ? $",\"scan\":\"{digest}\"" : "")}}}}}
            """;
    }

    /// <summary>Publishes words that are signed on paper.</summary>
    internal static async Task<WordingDocument> SignedAsync(House house)
    {
        var wording = House.Offers with { Choice = House.Offers.Choice with { Kind = ChoiceKind.Signature } };
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", wording.ToBytes(), "en", wording.Version));
        return wording;
    }

    // Whoever says yes on paper, with the scan.
    private static async Task<LedgerRecord> KeptAsync(House house, string number, string channel = "sms")
    {
        var scan = ScanFile.Read(Pdf)!;
        var evidence = new ConsentEvidence { Method = ConsentMethod.Paper, Place = "Counter 3", Scan = scan.Digest };
        var answer = await house.DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = RecordType.ConsentGiven, State = RecordState.Given, Actor = House.Staff, Tags = house.Tags(number), Scope = new RecordScope([channel], ["offers"]),
                Method = new CollectionMethod("paper", Ceremony.SingleOptIn), Evidence = evidence.ToBytes(), Scan = scan,
            },
            await house.Installation.NewPersonAsync(Cancel)));
        return (await house.RecordsAsync())[(int)answer.Seq];
    }

    // As a browser without script sends the form.
    private static async Task<Seen> SendAsync(PageHouse house, WordingDocument wording, byte[] file, string name, (string Name, string Value)? more = null, string? token = null, bool tokenFirst = true)
    {
        using var form = new MultipartFormDataContent();
        var field = new StringContent(token ?? PageHouse.TokenOf(Role.Agent));
        if (tokenFirst)
            form.Add(field, "_t");
        foreach (var (key, value) in new[] { ("wording", wording.Digest.ToString()), ("shownIn", "en"), ("method", "paper"), ("to", Ann), ("device", "Tablet 3"), ("at", "2026-11-01T10:00") })
            form.Add(new StringContent(value), key);
        var content = new ByteArrayContent(file);
        // Browsers say by the name what it is; nobody believes them.
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        form.Add(content, "scan", name.Length == 0 ? "\"\"" : name);
        foreach (var (key, value) in new[] { ("name", "Ann Example"), ("guardian", "Parent Example") })
            form.Add(new StringContent(value), key);
        if (more is { } extra)
            form.Add(new StringContent(extra.Value), extra.Name);
        if (!tokenFirst)
            form.Add(field, "_t");
        return await house.SendAsync(HttpMethod.Post, house.Controller + "consents", Role.Agent, form);
    }

    private static Task<Seen> SendAsync(PageHouse house, WordingDocument wording, byte[] file, string name, (string, string) more) => SendAsync(house, wording, file, name, more, null);

    private static async Task<List<long>> PlacesAsync(House house) => await house.Installation.Store.ScansAsync(house.Ledger.Ledger, Cancel).ToListAsync(Cancel);

    private static async Task<byte[]> OpenedAsync(Installation installation, LedgerRow ledger, LedgerRecord record) => (await KeptScan.OpenAsync(installation, ledger, record, Cancel))!.Content.ToArray();

    private static async Task<byte[]> EvidenceAsync(House house, LedgerRecord record) =>
        (await house.Installation.OpenAsync(record, (await house.SealedAsync()).Single(row => row.Seq == record.Seq && row.Group == (short)CommitGroup.Evidence), Cancel))!.Value.Content;

    // Files of the store that hold these very bytes.
    private static async Task<IReadOnlyList<string>> InDatabaseAsync(BackupHouse backup, ScanRow row)
    {
        await backup.SpreadOutAsync();
        var copy = Directory.CreateTempSubdirectory("rf-scan-").FullName;
        try
        {
            // Files that are open can be copied, not read.
            using (var cp = System.Diagnostics.Process.Start("cp", ["-r", backup.House.Folder + "/.", copy]))
                await cp.WaitForExitAsync(Cancel);
            var trace = row.Ciphertext[..32];
            return [.. Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories).Where(file =>
                File.ReadAllBytes(file).AsSpan() is var content && (content.IndexOf(trace) >= 0 || content.IndexOf(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(trace))) >= 0))];
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }
}

/// <summary>In the embedded store.</summary>
public sealed class KeptScanTests : KeptScanContract
{
    [Fact]
    public async Task The_command_line_takes_a_file_and_believes_its_content_alone()
    {
        await using var house = await House.BuildAsync();
        var wording = await SignedAsync(house);
        var scan = ScanFile.Read(Pdf)!;
        var evidence = new ConsentEvidence { Method = ConsentMethod.Paper, Place = "Counter 3", Recorder = new Recorder(ActorKind.Staff, "mia") };
        var asked = ConsentTakingTests.Asked(evidence) with { Wording = wording.Digest.ToString() };
        Assert.Equal("scan-differs", Assert.Throws<CommandRefusedException>(() => (asked with { Evidence = evidence with { Scan = TreeHash.Sha256("x"u8) } }).With(scan)).Code);
        Assert.Equal("scan-not-here", Assert.Throws<CommandRefusedException>(() => (asked with { Evidence = null }).With(scan)).Code);
        var outcome = await ConsentTakingTests.TakeAsync(house, "+442079460018", asked.With(scan));
        Assert.Equal(Assert.Single(outcome.Written), Assert.Single(await house.Installation.Store.ScansAsync(house.Ledger.Ledger, Cancel).ToListAsync(Cancel)));
        await house.CloseAsync();

        var paper = Path.Combine(house.Folder, "paper.png");
        var said = Path.Combine(house.Folder, "evidence.yaml");
        await File.WriteAllTextAsync(said, "method: paper\nat: 2026-11-01T10:00:00Z\nplace: Counter 3\nrecorder: { kind: staff, ref: mia }\n", Cancel);
        Assert.Equal(Exit.Unusable, await RunAsync(Path.Combine(house.Folder, "nowhere.pdf")));
        await File.WriteAllBytesAsync(paper, "MZ"u8.ToArray(), Cancel);
        Assert.NotEqual(Exit.Done, await RunAsync(paper));
        await File.WriteAllBytesAsync(paper, Pdf, Cancel);
        Assert.Equal(Exit.Done, await RunAsync(paper));
        await house.ReopenAsync();
        Assert.Equal(2, (await house.Installation.Store.ScansAsync(house.Ledger.Ledger, Cancel).ToListAsync(Cancel)).Count);

        Task<int> RunAsync(string file) => ConsentCliCommand.Create(TimeProvider.System).Parse(
            ["record", "+442079460019", "--evidence", said, "--wording", wording.Digest.ToString(), "--shown-in", "en", "--scan", file, "--data", Path.Combine(house.Folder, "data"), "--keys", Path.Combine(house.Folder, "keys")])
            .InvokeAsync(cancellationToken: Cancel);
    }

    private protected override Task<BackupHouse> BuildAsync() => SqliteBackupHouse.BuildAsync();

    private protected override ValueTask<PostgresHome?> HomeAsync() => ValueTask.FromResult<PostgresHome?>(null);

    private protected override RawStore Open(House house) => new(house.Folder);
}

/// <summary>In PostgreSQL.</summary>
public sealed class PostgresKeptScanTests : KeptScanContract
{
    private string connection = "";

    private protected override async Task<BackupHouse> BuildAsync()
    {
        var house = await PostgresBackupHouse.BuildAsync();
        connection = house.House.Installation.Options.Store.Connection!;
        return house;
    }

    private protected override async ValueTask<PostgresHome?> HomeAsync() => await PostgresHome.MakeAsync();

    private protected override RawStore Open(House house) => RawStore.OnPostgres(connection);
}
