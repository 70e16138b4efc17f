using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The folder that a firm's messages go into, read by those they are for.</summary>
internal sealed class Outbox(string folder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HashSet<string> read = [];

    /// <summary>The next message to a number or address that nobody has read yet, once it is there.</summary>
    public async Task<JsonElement> NextAsync(string to)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < Patience; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            var outbox = new DirectoryInfo(folder);
            var messages = !outbox.Exists ? [] : outbox.GetFiles("*.json").Where(file => !read.Contains(file.Name))
                .Select(static file => (file.Name, Message: JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(file.FullName))))
                .Where(one => one.Message.GetProperty("to").GetString() == to).OrderBy(static one => one.Message.GetProperty("at").GetString(), StringComparer.Ordinal).ToList();
            if (messages is [var (name, message), ..])
            {
                read.Add(name);
                return message;
            }
        }

        throw new TimeoutException("No message came.");
    }

    /// <summary>The code in the next message to a number or address.</summary>
    public async Task<string> CodeAsync(string to) => (await NextAsync(to)).GetProperty("code").GetString()!;
}
