using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gateways;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Gateways;

/// <summary>Writes each message into a folder, as JSON: for development, tests and demonstrations.</summary>
/// <param name="setting">Names the folder.</param>
/// <param name="folder">It.</param>
/// <param name="time">The clock.</param>
internal sealed class FileGateway(GatewaySetting setting, string folder, TimeProvider time) : IChannelGateway
{
    public GatewaySetting Setting => setting;

    public async Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel)
    {
        try
        {
            // What people are written is for their eyes.
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var path = Path.Combine(folder, message.Id + ".json");
            var part = path + ".part";
            await File.WriteAllBytesAsync(part, Write(message), cancel);
            // Whoever looks finds it whole.
            File.Move(part, path, overwrite: true);
            return new Delivery.Accepted(message.Id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Delivery.Later("folder");
        }
    }

    public void Dispose()
    {
    }

    private ReadOnlyMemory<byte> Write(OutMessage message) => ApiAnswer.Json(0, json =>
    {
        json.WriteStartObject();
        json.WriteString("id", message.Id);
        json.WriteString("at", InstantPattern.ExtendedIso.Format(Instant.FromDateTimeOffset(time.GetUtcNow())));
        json.WriteString("channel", message.Channel.Word());
        json.WriteString("to", message.To.Value);
        if (message.Subject.Length > 0)
            json.WriteString("subject", message.Subject);
        json.WriteString("language", message.Language);
        json.WriteString("text", message.Text);
        if (message.Code is { } code)
            json.WriteString("code", code);
        if (message.OneClick is { } click)
            json.WriteString("oneClick", click.AbsoluteUri);
        json.WriteEndObject();
    }).Bytes;
}
