using Npgsql;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;

namespace UsageTracking.Tests.Testing;

/// <summary>
/// The Citus that $USAGE_TEST_CITUS names by the connection string of a database on its coordinator, in which the workers are known.
/// Where it is set, what the tests call PostgreSQL is a distributed store there.
/// </summary>
internal static class CitusServer
{
    private const string Postgres = "postgres";

    // Databases that are copied are made many times faster than new ones.
    private static readonly Lazy<Task<(string Empty, string Ready)>> Templates = new(CreateTemplatesAsync);
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>The connection string; null where there is none.</summary>
    public static string? ConnectionString { get; } = Environment.GetEnvironmentVariable("USAGE_TEST_CITUS") is { Length: > 0 } given ? given : null;

    /// <summary>Skips a test of what a distributed store cannot have.</summary>
    public static void SkipHere(string reason) => Assert.SkipWhen(ConnectionString is not null, reason);

    /// <summary>Creates a database on every node, with the extension, and with the tables if wanted.</summary>
    /// <returns>How to connect to it on the coordinator.</returns>
    public static async Task<string> CreateDatabaseAsync(string name, bool withTables)
    {
        (string empty, string ready) = await Templates.Value;
        // Copies of one database wait for each other, but give up soon.
        await OneAtATime.WaitAsync();
        try
        {
            await OnEveryNodeAsync(Postgres, $"CREATE DATABASE {name} TEMPLATE {(withTables ? ready : empty)}");
        }
        finally
        {
            OneAtATime.Release();
        }

        string connection = In(name, ConnectionString!);
        if (withTables)
            await ExecuteAsync(connection, $"UPDATE usage_settings SET value = '{Guid.NewGuid()}' WHERE name = 'store_id'");

        return connection;
    }

    /// <summary>Drops a database on every node.</summary>
    public static async Task DropDatabaseAsync(string name)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                await OnEveryNodeAsync(Postgres, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                return;
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ObjectInUse && i < 10)
            {
                // The extension's own process came back in between.
            }
        }
    }

    /// <summary>Executes a statement in a database of every node.</summary>
    public static async Task OnEveryNodeAsync(string database, string sql) =>
        await Task.WhenAll((await NodesAsync()).Select(node => ExecuteAsync(In(database, node), sql)));

    private static async Task<(string Empty, string Ready)> CreateTemplatesAsync()
    {
        string name = "usage_" + Guid.NewGuid().ToString("N")[..12];
        (string empty, string ready) = (name + "_empty", name + "_ready");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.WhenAll(DropDatabaseAsync(empty), DropDatabaseAsync(ready)).Wait();
        string[] nodes = await NodesAsync();
        await OnEveryNodeAsync(Postgres, $"CREATE DATABASE {empty}");
        await OnEveryNodeAsync(empty, "CREATE EXTENSION citus");
        var coordinator = new NpgsqlConnectionStringBuilder(nodes[0]);
        await ExecuteAsync(In(empty, nodes[0]), $"SELECT citus_set_coordinator_host('{coordinator.Host}', {coordinator.Port})");
        foreach (var worker in nodes[1..].Select(n => new NpgsqlConnectionStringBuilder(n)))
            await ExecuteAsync(In(empty, nodes[0]), $"SELECT citus_add_node('{worker.Host}', {worker.Port})");

        await FreezeAsync(empty);
        await OnEveryNodeAsync(Postgres, $"CREATE DATABASE {ready} TEMPLATE {empty}");
        await using (var store = new PostgresStore(In(ready, nodes[0]) + ";Pooling=false"))
            await store.InitializeAsync(StoreLayout.Distributed, null, CancellationToken.None);

        await FreezeAsync(ready);
        return (empty, ready);
    }

    // What is connected to, be it by the extension itself, cannot be copied.
    private static async Task FreezeAsync(string database)
    {
        await OnEveryNodeAsync(Postgres, $"ALTER DATABASE {database} ALLOW_CONNECTIONS false");
        await OnEveryNodeAsync(Postgres, $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'");
    }

    /// <summary>The coordinator, then the workers.</summary>
    private static async Task<string[]> NodesAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        IReadOnlyList<string[]> workers = await SqlRows.ReadAsync(connection, "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY groupid");
        return [ConnectionString!, .. workers.Select(w => new NpgsqlConnectionStringBuilder(ConnectionString) { Host = w[0], Port = int.Parse(w[1], System.Globalization.CultureInfo.InvariantCulture) }.ToString())];
    }

    private static string In(string database, string connection) => new NpgsqlConnectionStringBuilder(connection) { Database = database }.ToString();

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
