using Microsoft.AspNetCore.Http;
using Ringfence.Server.People;

namespace Ringfence.Server.Pages;

/// <summary>One page, or one thing that a form of a page does.</summary>
/// <param name="Method">GET shows; POST changes, and answers with the way to what is to be seen next.</param>
/// <param name="Path">From the root, without the first slash: <c>c/{controller}/contacts</c>.</param>
/// <param name="Access">Who may.</param>
/// <param name="Do">Serves it.</param>
internal sealed record PageRoute(string Method, string Path, Access Access, Func<PageCall, Task<PageAnswer>> Do)
{
    /// <summary>What stands before the pages of a controller.</summary>
    public const string OfController = "c/{controller}/";

    /// <summary>Whether it reads what is sent by itself, because that may be too much to be held at once. It checks the form's token by <see cref="PageCall.RequireToken"/>.</summary>
    public bool ReadsBody { get; init; }

    /// <summary>Whether it is for people who are contacted: no script, no cookie, nothing but what they bring with them.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether it is a way to say no, which is open however many come.</summary>
    public bool IsNo { get; init; }

    /// <summary>What the link in its path, the part <c>token</c>, has to be made for; null: there is none in it.</summary>
    public LinkAct? Link { get; init; }

    /// <summary>Answers whoever came by a link that was made here while the store is away; null: they are told that nothing can be done now.</summary>
    public Func<PageCall, PersonLink, Task<PageAnswer>>? WhileAway { get; init; }

    /// <summary>Whether it belongs to a controller.</summary>
    public bool IsOfController => Path.StartsWith(OfController, StringComparison.Ordinal);
}

/// <summary>What a page answers.</summary>
internal abstract record PageAnswer
{
    private PageAnswer()
    {
    }

    /// <summary>A page.</summary>
    /// <param name="Status">HTTP status.</param>
    /// <param name="Text">The whole page.</param>
    public sealed record Html(int Status, string Text) : PageAnswer;

    /// <summary>Something is done; this is to be seen next.</summary>
    /// <param name="Path">Within this server.</param>
    public sealed record SeeOther(string Path) : PageAnswer;

    /// <summary>A file to keep.</summary>
    /// <param name="Name">What it is to be called; nothing personal.</param>
    /// <param name="Media">Media type.</param>
    /// <param name="Write">Writes it.</param>
    public sealed record File(string Name, string Media, Func<Stream, CancellationToken, Task> Write) : PageAnswer;

    /// <summary>What goes on, told as it happens: server-sent events of one name.</summary>
    /// <param name="Name">Of the events.</param>
    /// <param name="Data">What each carries, without line breaks.</param>
    public sealed record Events(string Name, IAsyncEnumerable<string> Data) : PageAnswer;

    /// <summary>JSON for a script of the page.</summary>
    /// <param name="Bytes">It.</param>
    public sealed record Json(ReadOnlyMemory<byte> Bytes) : PageAnswer;
}

/// <summary>A page that can't be shown as it was asked for.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="key">The text <c>Fault.KEY</c> that says why.</param>
/// <param name="arguments">What the sentence names; nothing personal.</param>
internal sealed class PageFault(int status, string key, params object[] arguments) : Exception(key)
{
    public int Status { get; } = status;

    public string Key { get; } = key;

    public IReadOnlyList<object> Arguments { get; } = arguments;

    /// <summary>There is no such page for whoever asks: it does not exist, or it is not theirs to know.</summary>
    public static PageFault Missing => new(StatusCodes.Status404NotFound, "missing");
}
