using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>What comes and goes in folders while a test looks on.</summary>
internal static class Folders
{
    /// <summary>Waits until nothing is left in a folder. What is done is told before what it needed is taken away, so that a kill between the two loses nothing.</summary>
    /// <exception cref="TimeoutException">Something stayed for half a minute.</exception>
    public static async Task EmptiedAsync(string folder)
    {
        for (var tries = 0; Directory.GetFileSystemEntries(folder).Length > 0; tries++)
        {
            if (tries == 600)
                throw new TimeoutException($"{Directory.GetFileSystemEntries(folder).Length} entries stay.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
