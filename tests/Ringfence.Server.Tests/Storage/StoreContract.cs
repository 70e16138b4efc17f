using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>The same tests on either store: the embedded one in a folder that each house makes, or a database of their own.</summary>
/// <param name="isPostgres">Which.</param>
public abstract class StoreContract(bool isPostgres) : IAsyncLifetime
{
    private PostgresHome? home;

    /// <summary>Where houses keep their things; null: in a folder of their own.</summary>
    private protected StoreOptions? Store => home?.Options;

    public async ValueTask InitializeAsync() => home = isPostgres ? await PostgresHome.MakeAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (home is not null)
            await home.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
