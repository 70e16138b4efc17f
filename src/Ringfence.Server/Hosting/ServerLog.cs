using Microsoft.Extensions.Logging.Console;

namespace Ringfence.Server.Hosting;

/// <summary>What the server says of itself on standard error: one JSON object a line where no person looks. Codes, routes and times; never what somebody sent.</summary>
internal static partial class ServerLog
{
    public static void Use(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Information);
        // What the framework would tell of requests holds their paths and, when they are malformed, pieces of them.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.None);
        logging.Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Console.IsErrorRedirected)
            logging.AddJsonConsole(static options => options.UseUtcTimestamp = true);
        else
            logging.AddSimpleConsole(static options => options.SingleLine = true);
    }

    /// <summary>Of a failure that nobody foresaw its kind and its place; its message may hold anything.</summary>
    public static void Fault(HttpContext http, ApiRoute route, Exception failure) => Fault(http, route.Method, route.Path, failure);

    /// <summary>The same of a page.</summary>
    public static void Fault(HttpContext http, string method, string path, Exception failure) => Fault(http.RequestServices.GetRequiredService<ILoggerFactory>(), method, path, failure);

    /// <summary>The same of what goes on after an answer.</summary>
    public static void Fault(ILoggerFactory logs, string method, string path, Exception failure) =>
        Faulted(logs.CreateLogger("Ringfence.Api"), method, path, failure.GetType().FullName!, failure.StackTrace ?? "");

    [LoggerMessage(1, LogLevel.Error, "{Method} {Route} failed: {Kind}\n{Trace}")]
    private static partial void Faulted(ILogger log, string method, string route, string kind, string trace);

    [LoggerMessage(2, LogLevel.Warning, "{What}")]
    public static partial void Warn(this ILogger log, string what);
}
