using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Pages;

/// <summary>One request of a browser that is let in, and what it works on.</summary>
/// <param name="Served">What is served.</param>
/// <param name="Http">The request.</param>
/// <param name="Route">What was asked for.</param>
/// <param name="StaffOrNull">Who asks; null: nobody is signed in.</param>
/// <param name="LedgerOrNull">Of the controller in the path; null: there is none in it.</param>
/// <param name="FormToken">What forms of this browser carry.</param>
/// <param name="Words">The texts of the pages, in the language of whoever asks.</param>
internal sealed record PageCall(Served Served, HttpContext Http, PageRoute Route, SignedIn? StaffOrNull, LedgerRow? LedgerOrNull, string FormToken, ReportLanguage Words)
{
    private static readonly IReadOnlyList<ReportLanguage> Books = ReportLanguage.Telling(new LanguageTexts("PageTexts"));

    /// <summary>How the controllers are called for whom the asker may do anything, by their words.</summary>
    public IReadOnlyDictionary<string, string> Controllers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the source of the request has come more often than it may, and was let in because it may be saying no.</summary>
    public bool IsBeyondLimit { get; init; }

    /// <summary>The link by which they came, which was made here for this controller and for what the page does; null: by none.</summary>
    public PersonLink? Link { get; init; }

    /// <summary>What the page shows.</summary>
    public object? Model { get; init; }

    public Installation Installation => Served.Installation;

    /// <summary>Whoever asked has gone, and nobody waits for it any more.</summary>
    public CancellationToken Cancel { get; init; } = Http.RequestAborted;

    public Instant Now { get; } = Instant.FromDateTimeOffset(Served.Installation.Time.GetUtcNow());

    /// <summary>Who is signed in.</summary>
    public SignedIn Staff => StaffOrNull ?? throw new InvalidOperationException("The page is for anyone.");

    /// <summary>The ledger of the controller in the path.</summary>
    public LedgerRow Ledger => LedgerOrNull ?? throw new InvalidOperationException("The page is of no controller.");

    /// <summary>The controller's word.</summary>
    public string Controller => Ledger.Controller;

    /// <summary>As records name who asks.</summary>
    public Actor Actor => Staff.Actor;

    public CultureInfo Language => CultureInfo.GetCultureInfo(Words.Tag);

    /// <summary>Whether who asks may do something for the controller in the path.</summary>
    public bool May(Right right) => LedgerOrNull is { } ledger && StaffOrNull is { } staff && (staff.For(ledger.Controller) & right) == right;

    /// <summary>Whoever asks has to have this right, too.</summary>
    /// <exception cref="PageFault"><c>no-right</c>.</exception>
    public void Require(Right right)
    {
        if (!May(right))
            throw new PageFault(StatusCodes.Status403Forbidden, "no-right");
    }

    /// <summary>The texts in a language.</summary>
    public static ReportLanguage WordsOf(string tag) => Books.First(book => book.Tag == tag);

    /// <summary>A text.</summary>
    public string T(string key, params ReadOnlySpan<object> arguments) => Words.Say(key, arguments);

    /// <summary>A part of the path.</summary>
    public string Path(string name) => (string)Http.Request.RouteValues[name]!;

    /// <summary>What the address says after its question mark; null: nothing.</summary>
    public string? Query(string name) => Http.Request.Query[name] is [{ Length: > 0 } text] ? text : null;

    /// <summary>Every value the address gives a name.</summary>
    public IReadOnlyList<string> QueryAll(string name) => [.. Http.Request.Query[name].OfType<string>().Where(static text => text.Length > 0)];

    /// <summary>The address of a page of this controller.</summary>
    public string At(string path) => $"/c/{Uri.EscapeDataString(Controller)}/{path}";

    /// <summary>Where the world reaches this server, for links that are copied, printed and sent: as was said at the start, and not as whoever asks calls it; that only where nobody said.</summary>
    public Uri Site => Served.Address ?? new Uri($"{Http.Request.Scheme}://{Http.Request.Host}/");

    /// <summary>What a form sent; its token is checked already.</summary>
    public async Task<PageForm> FormAsync() => new(Http.Request.HasFormContentType ? await FieldsAsync() : FormCollection.Empty);

    /// <summary>The fields that were sent.</summary>
    /// <exception cref="PageFault"><c>bad-field</c>: they can't be read, such as for a character that stands for nothing.</exception>
    public async Task<IFormCollection> FieldsAsync()
    {
        try
        {
            return await Http.Request.ReadFormAsync(Cancel);
        }
        catch (InvalidDataException)
        {
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "form");
        }
    }

    /// <summary>The token of a form that a route reads by itself.</summary>
    /// <exception cref="PageFault"><c>stale-form</c>.</exception>
    public void RequireToken(string? token)
    {
        if (token is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(FormToken)))
            throw new PageFault(StatusCodes.Status403Forbidden, "stale-form");
    }

    /// <summary>Does a command in the serial order.</summary>
    public async Task<CommandAnswer> DoAsync(LedgerCommand command) => CommandAnswer.Read(await (await Installation.WriterAsync(Ledger, Cancel)).DoAsync(command, Cancel));

    /// <summary>Does something once they were answered, which nobody can time; where too much of it is being done already, it is left undone.</summary>
    /// <param name="errand">It. It reads nothing of the request, which is over by then.</param>
    public void Afterwards(Func<Task> errand)
    {
        var (logs, method, path) = (Http.RequestServices.GetRequiredService<ILoggerFactory>(), Route.Method, "/" + Route.Path);
        _ = Served.Afterwards.Do(errand, failure => ServerLog.Fault(logs, method, path, failure));
    }

    /// <summary>A page within the frame of the house.</summary>
    /// <param name="title">Of the page.</param>
    /// <param name="model">What it shows; the component reads it by <c>Shown</c>.</param>
    /// <param name="status">HTTP status.</param>
    public async Task<PageAnswer> PageAsync<TPage>(string title, object? model = null, int status = StatusCodes.Status200OK) where TPage : StaffComponent =>
        new PageAnswer.Html(status, await PageWriter.WriteAsync<TPage>(this with { Model = model }, title, Route.IsPublic ? typeof(PublicFrame) : StaffOrNull is null ? typeof(PlainFrame) : typeof(StaffFrame)));

    /// <summary>A page that stands alone, such as for signing in.</summary>
    public async Task<PageAnswer> PlainAsync<TPage>(string title, object? model = null, int status = StatusCodes.Status200OK) where TPage : StaffComponent =>
        new PageAnswer.Html(status, await PageWriter.WriteAsync<TPage>(this with { Model = model }, title, typeof(PlainFrame)));

    /// <summary>What is to be seen next.</summary>
    public static PageAnswer SeeOther(string path) => new PageAnswer.SeeOther(path);
}
