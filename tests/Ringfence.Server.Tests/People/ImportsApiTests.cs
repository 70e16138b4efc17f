using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Hosting;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Reading;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.People;

/// <summary>Lists over HTTP: taken once, brought in beside, told of without what stands in them, taken back; and nothing of them stays on the disk.</summary>
public sealed class ImportsApiTests : IAsyncLifetime
{
    private const string List = "name,phone,email,email_opt_in\nZebediah Quux,+442079460101,zeb@example.org,no\nAnn Smith,+442079460100,,\nBo Li,12,,\n";

    private readonly CancellationTokenSource stop = new();
    private ApiHouse api = null!;
    private ApiKey key = null!;
    private Task desk = Task.CompletedTask;

    private string Spool => Path.Combine(api.House.Installation.Options.Data, "imports");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        api = await ApiHouse.BuildAsync(limits: "none");
        key = await api.KeyAsync(ApiScopes.Import);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await desk;
        await api.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public async Task A_list_is_taken_once_brought_in_told_of_and_taken_back_and_its_refusals_stay()
    {
        var taken = await SendAsync("source=form&name=../../leads-2026.csv", List, "k1");
        Assert.Equal(HttpStatusCode.Accepted, taken.Status);
        var import = taken.Json.GetProperty("import").GetString()!;
        Assert.Equal("/api/v1/imports/" + import, taken.Response.Headers.Location!.ToString());
        Assert.Equal("waiting", taken.Json.GetProperty("state").GetString());
        // The retry of a lost answer, and another list under the same key.
        Assert.Equal(import, (await SendAsync("source=form&name=../../leads-2026.csv", List, "k1")).Json.GetProperty("import").GetString());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "key-reused"), (await SendAsync("source=form&name=../../leads-2026.csv", List + "x\n", "k1")).Said);
        Assert.Single(Directory.GetDirectories(Spool));
        if (!OperatingSystem.IsWindows())
            Assert.All(Directory.GetFiles(Spool, "*", SearchOption.AllDirectories), static file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode));

        Begin();
        var done = await UntilAsync(import, "finished");
        Assert.Equal((3, 3, 2), (done.GetProperty("rows").GetInt32(), done.GetProperty("done").GetInt32(), done.GetProperty("figures").GetProperty("new").GetInt32()));
        Assert.Equal("1-leads-2026.csv", done.GetProperty("lists")[0].GetProperty("name").GetString());
        Assert.Equal(1, done.GetProperty("rejected").GetInt32());
        Assert.Equal((3, 2), (done.GetProperty("firstRejected")[0].GetProperty("row").GetInt32(), done.GetProperty("firstRejected")[0].GetProperty("column").GetInt32()));
        Assert.DoesNotContain("Quux", done.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, (await api.House.SuppressionsAsync("zeb@example.org")).Count + (await api.House.FindAsync("+442079460100") is null ? 0 : 1));
        await Folders.EmptiedAsync(Spool);

        Assert.Equal(HttpStatusCode.Accepted, (await api.PostAsync($"imports/{import}/undo", key, "{}")).Status);
        var undone = await UntilAsync(import, "undone");
        Assert.Equal(2, undone.GetProperty("undo").GetProperty("erased").GetInt32());
        Assert.Null(await api.House.FindAsync("+442079460100"));
        Assert.NotEmpty(await api.House.SuppressionsAsync("zeb@example.org"));
        var size = await api.SizeAsync();
        Assert.Equal("undone", (await api.PostAsync($"imports/{import}/undo", key, "")).Json.GetProperty("state").GetString());
        Assert.Equal(size, await api.SizeAsync());
        await Folders.EmptiedAsync(Spool);
    }

    [Fact]
    public async Task A_form_brings_lists_refusals_and_a_passport_and_a_dry_run_writes_nothing()
    {
        Begin();
        var size = await api.SizeAsync();
        using var form = Form(("source", "form"), ("dryRun", "true"), ("map", "phone=Rufnummer"), ("map", "name=Wer"));
        form.Add(ListOf("Wer;Rufnummer\nAnn Smith;+442079460100\n"), "list", "a.csv");
        form.Add(ListOf("Wer;Rufnummer\nBo Li;+442079460102\n"), "suppress", "no.csv");
        var taken = await api.SendAsync(HttpMethod.Post, "imports", key.Show(), form);
        Assert.Equal(HttpStatusCode.Accepted, taken.Status);
        var tried = await UntilAsync(taken.Json.GetProperty("import").GetString()!, "tried");
        Assert.Equal((1, 1), (tried.GetProperty("figures").GetProperty("new").GetInt32(), tried.GetProperty("figures").GetProperty("suppressions").GetInt32()));
        Assert.Equal(size, await api.SizeAsync());
        Assert.Null(await api.House.FindAsync("+442079460100"));
        Assert.Equal((HttpStatusCode.Conflict, "import-dry"), (await api.PostAsync($"imports/{taken.Json.GetProperty("import").GetString()}/undo", key, "")).Said);

        using var wrong = Form(("source", "form"), ("passport", "nonsense: true\n"));
        wrong.Add(ListOf(List), "list", "a.csv");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad-passport"), (await api.SendAsync(HttpMethod.Post, "imports", key.Show(), wrong)).Said);
        await Folders.EmptiedAsync(Spool);
    }

    [Fact]
    public async Task Another_controller_sees_nothing_of_it()
    {
        var other = await api.House.Installation.AddControllerAsync("other", "ledger.example/other", House.Acme, CancellationToken.None);
        var import = (await SendAsync("source=form", List, "k1")).Json.GetProperty("import").GetString()!;
        var theirs = await api.KeyAsync(ApiScopes.Import, other);
        foreach (var answer in new[] { await api.GetAsync("imports/" + import, theirs), await api.PostAsync($"imports/{import}/undo", theirs, ""), await api.GetAsync("imports/imp_" + Fresh.Id(), theirs), await api.GetAsync("imports/x", theirs) })
            Assert.Equal((HttpStatusCode.NotFound, "no-such-import"), answer.Said);
        Assert.Equal((HttpStatusCode.Forbidden, "other-controller"), (await SendAsync("source=form&controller=acme", List, "k2", theirs)).Said);
        Assert.Single(Directory.GetDirectories(Spool));
    }

    [Theory]
    [InlineData("", "missing-field")]
    [InlineData("source=nowhere", "bad-word")]
    [InlineData("source=form&source=form", "wants-text")]
    [InlineData("source=form&purpose=offers", "unknown-field")]
    [InlineData("source=form&region=Atlantis", "bad-region")]
    [InlineData("source=form&region=ZZ", "bad-region")]
    [InlineData("source=form&map=phone", "bad-map")]
    [InlineData("source=form&dryRun=perhaps", "wants-flag")]
    [InlineData("source=form&purposes=123", "bad-purpose")]
    public async Task What_is_not_understood_is_refused_and_nothing_of_it_stays(string query, string code)
    {
        Assert.Equal((HttpStatusCode.BadRequest, code), (await SendAsync(query, List, "k")).Said);
        Assert.Empty(Directory.GetFileSystemEntries(Spool));
    }

    [Fact]
    public async Task What_is_no_list_a_bomb_or_too_large_ends_with_its_reason_and_nothing_of_it_stays()
    {
        Begin();
        Assert.Equal((HttpStatusCode.BadRequest, "missing-field"), (await SendAsync("source=form", "", "k0")).Said);
        foreach (var (name, bytes, problem) in new (string, byte[], string)[]
        {
            ("pdf", "%PDF-1.7 and so on"u8.ToArray(), "not-a-list"),
            ("bomb", BombTests.Make("sheet of empty rows"), "too-large-unpacked"),
            ("wide", Encoding.UTF8.GetBytes(new string(',', 2000) + "\n"), "too-many-columns"),
        })
        {
            using var content = new ByteArrayContent(bytes);
            var taken = await api.SendAsync(HttpMethod.Post, "imports?source=form", key.Show(), content);
            Assert.Equal(HttpStatusCode.Accepted, taken.Status);
            Assert.Equal((name, problem), (name, (await UntilAsync(taken.Json.GetProperty("import").GetString()!, "failed")).GetProperty("problem").GetString()));
        }

        using var large = new StreamContent(new EndlessStream((long)ImportDesk.DefaultLimitMiB << 20));
        using var request = new HttpRequestMessage(HttpMethod.Post, api.Url + "api/v1/imports?source=form") { Content = large };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key.Show());
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = true;
        using var client = new HttpClient();
        try
        {
            using var refused = await client.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The server hangs up on whoever goes on sending.
        }

        await Folders.EmptiedAsync(Spool);
    }

    [Fact]
    public async Task What_was_not_received_whole_is_taken_away_at_the_next_start_and_what_was_is_brought_in()
    {
        var import = (await SendAsync("source=form", List, "k1")).Json.GetProperty("import").GetString()!;
        var torn = Path.Combine(Spool, Fresh.Id().ToString());
        Directory.CreateDirectory(torn);
        await File.WriteAllTextAsync(Path.Combine(torn, "1-list"), List, Cancel);
        // Kept whole, and the server died before the ledger knew.
        var unknown = Fresh.Id();
        api.Served.Imports.Spool.Keep(new ImportJob { Id = unknown.ToString(), Ledger = api.House.Ledger.Ledger, By = "key-x", Source = "form", Files = [] });

        var next = new ImportDesk(api.House.Installation);
        desk = next.RunAsync(NullLogger.Instance, stop.Token);
        await UntilAsync(import, "finished");
        await Folders.EmptiedAsync(Spool);
        Assert.NotNull(await api.House.FindAsync("+442079460100"));
    }

    [Fact]
    public async Task Killed_half_way_it_goes_on_when_the_server_starts_again()
    {
        await using var other = await House.BuildAsync();
        var options = other.Installation.Options;
        var all = ApiKey.New("acme");
        await other.DoAsync(new AddApiKeyCommand(House.Staff, all, "test", ApiScopes.Import | ApiScopes.Contacts, null));
        await other.CloseAsync();
        const int rows = 30_000;
        var list = new StringBuilder("name,phone\n");
        for (var i = 0; i < rows; i++)
            list.Append(System.Globalization.CultureInfo.InvariantCulture, $"P{i} Example{i},+4420{79_000_000 + i}\n");

        string import;
        await using (var served = await ServedProcess.StartAsync(options, all.Show(), new Dictionary<string, string?>(), ["--limits", "none"], []))
        {
            import = (await served.SendAsync("imports?source=form", list.ToString())).GetProperty("import").GetString()!;
            while ((await served.GetAsync("imports/" + import)).GetProperty("done").GetInt32() == 0)
                await Task.Delay(20, Cancel);
            await served.KillAsync();
        }

        await using var again = await ServedProcess.StartAsync(options, all.Show(), new Dictionary<string, string?>(), ["--limits", "none"], []);
        var halfway = (await SeenAsync()).GetProperty("done").GetInt32();
        Assert.InRange(halfway, 1, rows - 1);
        JsonElement now;
        while ((now = await SeenAsync()).GetProperty("state").GetString() != "finished")
            await Task.Delay(50, Cancel);
        Assert.Equal((rows, rows), (now.GetProperty("done").GetInt32(), now.GetProperty("figures").GetProperty("new").GetInt32()));
        var spool = Path.Combine(options.Data, "imports");
        while (Directory.GetFileSystemEntries(spool).Length > 0)
            await Task.Delay(20, Cancel);
        Assert.Equal(0, await again.StopAsync());

        // While it comes up, and while a machine is busy with something else, it may say that it can't tell yet.
        async Task<JsonElement> SeenAsync()
        {
            JsonElement seen;
            while (!(seen = await again.GetAsync("imports/" + import)).TryGetProperty("done", out _))
                await Task.Delay(50, Cancel);
            return seen;
        }
    }

    [Fact]
    public async Task What_is_still_on_its_way_when_the_desk_begins_its_work_is_let_be()
    {
        var source = Path.Combine(api.House.Installation.Options.Data, "1-list");
        await File.WriteAllTextAsync(source, List, Cancel);
        var underWay = Fresh.Id();
        api.Served.Imports.Spool.Copy(underWay, [source]);

        Begin();
        await UntilAsync((await SendAsync("source=form", List, "k1")).Json.GetProperty("import").GetString()!, "finished");
        Assert.Equal(List, await File.ReadAllTextAsync(Path.Combine(Spool, underWay.ToString(), "1-list"), Cancel));
    }

    private static MultipartFormDataContent Form(params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        return form;
    }

    private static ByteArrayContent ListOf(string list) => new(Encoding.UTF8.GetBytes(list)) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };

    private void Begin() => desk = api.Served.Imports.RunAsync(NullLogger.Instance, stop.Token);

    private Task<Answered> SendAsync(string query, string list, string idempotency, ApiKey? by = null) =>
        api.SendAsync(HttpMethod.Post, "imports?" + query, (by ?? key).Show(), new StringContent(list, Encoding.UTF8, "text/csv"), ("Idempotency-Key", idempotency));

    private async Task<JsonElement> UntilAsync(string import, string state)
    {
        while (true)
        {
            var answer = await api.GetAsync("imports/" + import, key);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            var now = answer.Json.GetProperty("state").GetString();
            if (now == state)
                return answer.Json;
            Assert.True(now is "waiting" or "running" or "being-undone", answer.Text);
            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>Gives zeros until more than so many were read.</summary>
    private sealed class EndlessStream(long most) : Stream
    {
        private long read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (read > most)
                return 0;
            buffer.AsSpan(offset, count).Fill((byte)'x');
            read += count;
            return count;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
