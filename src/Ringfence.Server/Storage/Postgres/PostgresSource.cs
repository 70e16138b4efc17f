using Npgsql;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>Where connections come from: one source for the program's work, one for what takes the owner of the tables.</summary>
internal sealed class PostgresSource : IAsyncDisposable
{
    private const int PreparedStatements = 200;

    private PostgresSource(NpgsqlDataSource owner, NpgsqlDataSource work, string? role) => (Owner, Work, Role) = (owner, work, role);

    /// <summary>As the user of the connection string: tables, roles, vacuum.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>For everything else.</summary>
    public NpgsqlDataSource Work { get; }

    /// <summary>The role that <see cref="Work"/> works as; null: the user of the connection string.</summary>
    public string? Role { get; }

    /// <summary>Connects, sees to the tables and the role.</summary>
    public static async Task<PostgresSource> OpenAsync(StoreOptions options, CancellationToken cancel)
    {
        var settings = Settings(options);
        var owner = Build(settings, role: null, connections: 2);
        try
        {
            await using var connection = await owner.OpenConnectionAsync(cancel);
            await PostgresSchema.BringForwardAsync(connection, options, cancel);
            var tables = await PostgresSchema.CompareAsync(connection, cancel);
            if (tables.Find(static finding => finding.Verdict == FindingVerdict.Refuse) is { } refused)
                throw new StoreException(StoreFault.Damaged, $"PostgreSQL: {refused.Code} is {refused.Value}.") { Findings = tables };
            var role = await PostgresRole.EnsureAsync(connection, options.Migrate, cancel);
            return new PostgresSource(owner, Build(settings, role, settings.MaxPoolSize), role);
        }
        catch
        {
            await owner.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Work.DisposeAsync();
        await Owner.DisposeAsync();
    }

    private static NpgsqlConnectionStringBuilder Settings(StoreOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.Connection)
        {
            // Rows are quoted in details.
            IncludeErrorDetail = false,
            IncludeFailedBatchedCommand = false,
            LogParameters = false,
            PersistSecurityInfo = false,
            CommandTimeout = (int)Math.Ceiling(options.Patience.TotalSeconds),
            // What is set on a connection has to stay.
            NoResetOnClose = true,
        };
        settings.ApplicationName ??= "ringfence";
        settings.SearchPath ??= "public";
        if (settings.MaxAutoPrepare == 0)
            (settings.MaxAutoPrepare, settings.AutoPrepareMinUsages) = (PreparedStatements, 2);
        return settings;
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, string? role, int connections)
    {
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { MaxPoolSize = connections, MinPoolSize = 0 }.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            static _ => throw new NotSupportedException("Connections are opened asynchronously."),
            async connection =>
            {
                await PostgresSettings.CheckAsync(connection);
                await PostgresSettings.ApplyAsync(connection);
                if (role is not null)
                    await PostgresRole.TakeAsync(connection, role);
            });
        // Of several servers, the one that is written to: a standby may not know yet what was acknowledged.
        return settings.Host?.Contains(',', StringComparison.Ordinal) == true ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary) : builder.Build();
    }
}
