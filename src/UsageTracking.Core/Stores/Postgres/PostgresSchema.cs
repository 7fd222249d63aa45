using System.Globalization;
using Npgsql;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Postgres;

/// <summary>Creates the tables, or adopts nself's, and brings them up to date.</summary>
internal sealed class PostgresSchema(PostgresSource source, StoreAddress address)
{
    private static readonly SchemaScripts Scripts = new("Postgres");

    // Any constant will do: it keeps two initializations of one database apart.
    private const long InitializeLock = 0x5573616765; // "Usage"

    // Views that respect the reader's rights (security_invoker) came with it.
    private const int OldestServer = 15;

    private readonly PostgresPartitioning _partitioning = new(source, Scripts, address);

    public async Task<StoreState> GetStateAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        return await ReadStateAsync(connection, cancel);
    }

    public async Task<IReadOnlyList<string>> PlanAsync(StoreLayout layout, CancellationToken cancel)
    {
        IReadOnlyList<string> steps;
        await using (NpgsqlConnection connection = await source.OpenConnectionAsync(cancel))
            steps = (await PlanAsync(connection, layout, cancel)).Steps;

        return layout.HasFlag(StoreLayout.Partitioned) ? [.. steps, .. await _partitioning.PlanAsync(cancel)] : steps;
    }

    public async Task<IReadOnlyList<string>> InitializeAsync(StoreLayout layout, InitializeProgress? progress, CancellationToken cancel)
    {
        IReadOnlyList<string> steps = await InitializeAsync(layout, cancel);
        return layout.HasFlag(StoreLayout.Partitioned) ? [.. steps, .. await _partitioning.RunAsync(progress, cancel)] : steps;
    }

    private async Task<IReadOnlyList<string>> InitializeAsync(StoreLayout layout, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({InitializeLock})", cancel);
        (StoreState state, bool adopts, IReadOnlyList<string> steps) = await PlanAsync(connection, layout, cancel);
        if (steps.Count == 0)
            return steps;

        // What is done over one connection to a node is not seen over another before the transaction ends.
        if (state.IsDistributed)
            await connection.ExecuteAsync(PostgresDistribution.WriteInSequence, cancel);

        if (adopts)
            await PostgresAdoption.BeginAsync(connection, Scripts, cancel);

        for (int version = adopts ? 2 : state.SchemaVersion + 1; version <= Scripts.Latest; version++)
            await connection.ExecutePatientlyAsync(Scripts.Read(version), cancel);

        if (!state.IsInitialized)
            await SeedAsync(connection, cancel);

        if (adopts)
            await PostgresAdoption.CompleteAsync(connection, cancel);

        if ((await PostgresAdoption.PlanPoliciesAsync(connection, Scripts, cancel)).Count > 0)
            await PostgresAdoption.GivePoliciesAsync(connection, Scripts, cancel);

        if (layout.HasFlag(StoreLayout.Distributed) || state.IsDistributed)
            await PostgresDistribution.DistributeAsync(connection, Scripts, cancel);

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

        StoreState state = StoreStates.FromSettings(settings, Scripts.Latest);
        Scripts.CheckNotNewer(state.SchemaVersion, address);
        return state;
    }

    private async Task<(StoreState State, bool Adopts, IReadOnlyList<string> Steps)> PlanAsync(
        NpgsqlConnection connection, StoreLayout layout, CancellationToken cancel)
    {
        StoreState state = await ReadStateAsync(connection, cancel);
        bool adopts = !state.IsInitialized && await PostgresAdoption.IsNeededAsync(connection, address, cancel);
        IReadOnlyList<string> steps = adopts ? PostgresAdoption.Steps(Scripts) : Scripts.Steps(state.SchemaVersion);
        return (state, adopts,
        [
            .. steps,
            .. await PostgresAdoption.PlanPoliciesAsync(connection, Scripts, cancel),
            .. await PostgresDistribution.PlanAsync(connection, Scripts, address, state, layout, cancel),
            .. await PlanPartitionsAsync(connection, state, cancel),
        ]);
    }

    // Those of a new schema are made with it.
    private static async Task<IEnumerable<string>> PlanPartitionsAsync(NpgsqlConnection connection, StoreState state, CancellationToken cancel)
    {
        IReadOnlyList<DateOnly>? missing = state.IsInitialized && state.IsCurrent ? await PostgresPartitions.FindMissingAsync(connection, cancel) : [];
        return (missing ?? []).Select(m => $"create the partition of {m.ToString("yyyy-MM", CultureInfo.InvariantCulture)} of billing_usage_records");
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
