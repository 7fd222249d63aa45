using Microsoft.Data.Sqlite;
using Npgsql;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Stores.Sqlite;
using UsageTracking.Testing;

namespace UsageTracking.Tests.Testing;

/// <summary>
/// A fresh, real store of either kind, gone after the test; and a second way into it, for counting independently. PostgreSQL is
/// Citus where $USAGE_TEST_CITUS is set.
/// </summary>
public sealed class TestStore : IAsyncDisposable
{
    private readonly string? _folder;
    private readonly string? _database;

    private TestStore(IUsageStore store, string connectionString, string? folder, string? database) =>
        (Store, ConnectionString, _folder, _database) = (store, connectionString, folder, database);

    public IUsageStore Store { get; }

    /// <summary>For Npgsql or Microsoft.Data.Sqlite.</summary>
    public string ConnectionString { get; }

    /// <summary>For the spools of queues in front of this store; gone after the test.</summary>
    public string SpoolRoot { get; } = Path.Combine(Path.GetTempPath(), "usage-spool-" + Guid.NewGuid().ToString("N")[..12]);

    public bool IsPostgres => _database is not null;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A store with its tables. Skips the test where there is no PostgreSQL.</summary>
    public static async Task<TestStore> CreateAsync(StoreKind kind)
    {
        if (kind == StoreKind.PostgreSql && CitusServer.ConnectionString is not null)
            return await CreateOnCitusAsync(withTables: true);

        TestStore store = await CreateEmptyAsync(kind);
        await store.Store.InitializeAsync(Cancel);
        return store;
    }

    /// <summary>A store without tables.</summary>
    public static async Task<TestStore> CreateEmptyAsync(StoreKind kind)
    {
        if (kind == StoreKind.Sqlite)
        {
            string folder = Directory.CreateTempSubdirectory("usage-test-").FullName;
            string path = Path.Combine(folder, "usage.db");
            return new TestStore(new SqliteStore(path), $"Data Source={path};Pooling=False", folder, null);
        }

        if (CitusServer.ConnectionString is not null)
            return await CreateOnCitusAsync(withTables: false);

        string database = "usage_" + Guid.NewGuid().ToString("N")[..12];
        await ExecuteOnServerAsync($"CREATE DATABASE {database}");
        string connectionString = new NpgsqlConnectionStringBuilder(Server()) { Database = database }.ToString();
        return new TestStore(new PostgresStore(connectionString), connectionString, null, database);
    }

    /// <summary>A second store object over the same data, as another process would have.</summary>
    public IUsageStore OpenAgain() => IsPostgres ? new PostgresStore(ConnectionString) : new SqliteStore(Store.Address.Path!);

    /// <summary>Runs SQL past the store and returns the rows, each value as invariant text.</summary>
    public async Task<IReadOnlyList<string[]>> QueryAsync(string sql)
    {
        await using System.Data.Common.DbConnection connection = IsPostgres ? new NpgsqlConnection(ConnectionString) : new SqliteConnection(ConnectionString);
        return await SqlRows.ReadAsync(connection, sql);
    }

    /// <summary>The one value that SQL gives.</summary>
    public async Task<string> ScalarAsync(string sql) => (await QueryAsync(sql))[0][0];

    /// <summary>Inserts a row past the store, as another program would, and returns its id.</summary>
    public async Task<string> InsertAsync(UsageRecord row, string aggregated = "false", string corrects = "NULL")
    {
        if (IsPostgres)
            await QueryAsync(FormattableString.Invariant($"SELECT usage_ensure_partition('{row.Timestamp:yyyy-MM-dd}')"));

        return await ScalarAsync(FormattableString.Invariant(
            $"""
            INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, corrects_id)
            VALUES ('{row.CustomerId}', '{row.Service}', '{row.Quantity}', '{row.UnitCost ?? 0}', '{row.Metadata}', '{Records.SqlTime(row.Timestamp)}', {aggregated}, {corrects})
            RETURNING usage_id
            """));
    }

    /// <summary>Leaves what archiving leaves of a customer's usage in a range of whole quarter hours: its figures in part 1, and no records.</summary>
    public async Task ArchiveAsync(string customer, string service, DateTimeOffset start, DateTimeOffset end)
    {
        string Within(string column) => $"customer_id = '{customer}' AND service_name = '{service}' AND {column} >= '{Records.SqlTime(start)}' AND {column} < '{Records.SqlTime(end)}'";
        await QueryAsync($"UPDATE usage_buckets SET part = 1 WHERE {Within("bucket_start")}");
        await QueryAsync($"DELETE FROM billing_usage_records WHERE {Within("recorded_at")}");
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        if (Directory.Exists(SpoolRoot))
            Directory.Delete(SpoolRoot, recursive: true);
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
        if (_database is not null)
            await (CitusServer.ConnectionString is null ? ExecuteOnServerAsync($"DROP DATABASE {_database} WITH (FORCE)") : CitusServer.DropDatabaseAsync(_database));
    }

    private static async Task<TestStore> CreateOnCitusAsync(bool withTables)
    {
        string database = "usage_" + Guid.NewGuid().ToString("N")[..12];
        string connectionString = await CitusServer.CreateDatabaseAsync(database, withTables);
        return new TestStore(new PostgresStore(connectionString), connectionString, null, database);
    }

    private static string Server()
    {
        string? server = PostgresCluster.FindConnectionString(out string reason);
        Assert.SkipWhen(server is null, reason);
        return server!;
    }

    private static async Task ExecuteOnServerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Server());
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
