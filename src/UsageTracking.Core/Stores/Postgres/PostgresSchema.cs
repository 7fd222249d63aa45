using System.Globalization;
using Npgsql;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Postgres;

/// <summary>Creates the tables and brings them up to date.</summary>
internal sealed class PostgresSchema(NpgsqlDataSource source, StoreAddress address)
{
    private static readonly SchemaScripts Scripts = new("Postgres");

    // Any constant will do: it keeps two initializations of one database apart.
    private const long InitializeLock = 0x5573616765; // "Usage"

    // Views that respect the reader's rights (security_invoker) came with it.
    private const int OldestServer = 15;

    public async Task<StoreState> GetStateAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        return await ReadStateAsync(connection, cancel);
    }

    public async Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        StoreState state = await ReadStateAsync(connection, cancel);
        await CheckNotForeignAsync(connection, state, cancel);
        return Scripts.Steps(state.SchemaVersion);
    }

    public async Task<IReadOnlyList<string>> InitializeAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({InitializeLock})", cancel);
        StoreState state = await ReadStateAsync(connection, cancel);
        await CheckNotForeignAsync(connection, state, cancel);
        IReadOnlyList<string> steps = Scripts.Steps(state.SchemaVersion);
        if (steps.Count == 0)
            return steps;

        for (int version = state.SchemaVersion + 1; version <= Scripts.Latest; version++)
            await connection.ExecuteAsync(Scripts.Read(version), cancel);

        if (!state.IsInitialized)
            await SeedAsync(connection, cancel);

        await SetAsync(connection, SettingNames.SchemaVersion, Scripts.Latest.ToString(CultureInfo.InvariantCulture), cancel);
        await transaction.CommitAsync(cancel);

        // Made ahead, so that the first record of a month does not wait for its partition.
        await connection.ExecuteAsync(
            "SELECT usage_ensure_partition((now() AT TIME ZONE 'UTC' + m * interval '1 month')::date) FROM generate_series(0, 2) m", cancel);
        return steps;
    }

    private async Task<StoreState> ReadStateAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        bool exists = (bool)(await connection.ScalarAsync("SELECT to_regclass('usage_settings') IS NOT NULL", cancel))!;
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw StoreErrors.ServerTooOld(address, connection.PostgreSqlVersion, OldestServer);

        if (!exists)
            return new StoreState(false, 0, null, ServiceCatalogue.BinaryGigabyte);

        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        await using NpgsqlCommand command = connection.Command("SELECT name, value FROM usage_settings");
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
                settings.Add(reader.GetString(0), reader.GetString(1));
        }

        StoreState state = StoreStates.FromSettings(settings);
        Scripts.CheckNotNewer(state.SchemaVersion, address);
        return state;
    }

    private async Task CheckNotForeignAsync(NpgsqlConnection connection, StoreState state, CancellationToken cancel)
    {
        if (state.IsInitialized || !(bool)(await connection.ScalarAsync("SELECT to_regclass('billing_usage_records') IS NOT NULL", cancel))!)
            return;

        throw new UsageException(UsageErrorKind.StoreNotReady, "ForeignSchema",
            $"The database {address} already has a table billing_usage_records that UsageTracking did not make. This version cannot adopt it; initialize an empty database or schema.", address);
    }

    private static async Task SeedAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await SetAsync(connection, SettingNames.StoreId, Guid.NewGuid().ToString(), cancel);
        await SetAsync(connection, SettingNames.BytesPerGigabyte, ServiceCatalogue.BinaryGigabyte.ToString(CultureInfo.InvariantCulture), cancel);
        foreach ((Service service, decimal unitCost) in BuiltInServices.All)
        {
            await connection.ExecuteAsync(
                "INSERT INTO usage_services (service_name, unit, counts_bytes, sort_order) VALUES ($1, $2, $3, $4)",
                cancel, service.Name, service.Unit, service.CountsBytes, service.SortOrder);
            await connection.ExecuteAsync(
                "INSERT INTO usage_prices (service_name, in_force_from, unit_cost) VALUES ($1, $2, $3)",
                cancel, service.Name, BuiltInServices.InForceFrom, unitCost);
        }
    }

    private static Task<int> SetAsync(NpgsqlConnection connection, string name, string value, CancellationToken cancel) =>
        connection.ExecuteAsync(PostgresSettings.Upsert, cancel, name, value);
}
