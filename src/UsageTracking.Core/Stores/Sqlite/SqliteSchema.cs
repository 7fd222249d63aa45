using System.Globalization;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Creates the file and its tables and brings them up to date.</summary>
internal sealed class SqliteSchema(SqliteDatabase database)
{
    private static readonly SchemaScripts Scripts = new("Sqlite");
    private static readonly StoreState Nothing = new(false, 0, null, ServiceCatalogue.BinaryGigabyte);

    public async Task<StoreState> GetStateAsync(CancellationToken cancel)
    {
        if (Directory.Exists(database.Address.Path))
            throw StoreErrors.Refused(database.Address, new IOException("It is a folder; name a file in it."));

        return database.Exists ? await database.ReadAsync(ReadState, cancel) : Nothing;
    }

    public async Task<IReadOnlyList<string>> PlanAsync(StoreLayout layout, CancellationToken cancel) =>
        layout == StoreLayout.Default ? Steps(await GetStateAsync(cancel)) : throw StoreErrors.LayoutNotSupported(database.Address, layout);

    public async Task<IReadOnlyList<string>> InitializeAsync(StoreLayout layout, CancellationToken cancel)
    {
        IReadOnlyList<string> steps = await PlanAsync(layout, cancel);
        if (steps.Count == 0)
            return steps;

        try
        {
            database.CreateFile();
        }
        catch (Exception error) when (SqliteDatabase.IsStoreError(error))
        {
            throw SqliteErrors.Translate(error, database.Address, cancel);
        }

        // Under the write lock: somebody else may have just done it.
        return await database.WriteAsync(Upgrade, cancel) ? steps : [];
    }

    private IReadOnlyList<string> Steps(StoreState state)
    {
        IReadOnlyList<string> steps = Scripts.Steps(state.SchemaVersion);
        return database.Exists ? steps : [$"create the file {database.Address.Path}, readable by its owner only", .. steps];
    }

    private bool Upgrade(SqliteConnection connection)
    {
        StoreState state = ReadState(connection);
        if (state.SchemaVersion == Scripts.Latest)
            return false;

        for (int version = state.SchemaVersion + 1; version <= Scripts.Latest; version++)
            connection.Execute(Scripts.Read(version));

        if (!state.IsInitialized)
            Seed(connection);

        Set(connection, SettingNames.SchemaVersion, Scripts.Latest.ToString(CultureInfo.InvariantCulture));
        return true;
    }

    private StoreState ReadState(SqliteConnection connection)
    {
        if (connection.Scalar("SELECT 1 FROM sqlite_master WHERE name = 'usage_settings'") is null)
            return Nothing;

        StoreState state = StoreStates.FromSettings(
            connection.Query("SELECT name, value FROM usage_settings").ToDictionary(r => r.GetString(0), r => r.GetString(1)), Scripts.Latest);
        Scripts.CheckNotNewer(state.SchemaVersion, database.Address);
        return state;
    }

    private static void Seed(SqliteConnection connection)
    {
        Set(connection, SettingNames.StoreId, Guid.NewGuid().ToString());
        Set(connection, SettingNames.BytesPerGigabyte, ServiceCatalogue.BinaryGigabyte.ToString(CultureInfo.InvariantCulture));
        foreach ((Service service, decimal unitCost) in BuiltInServices.All)
        {
            connection.Execute("INSERT INTO usage_services (service_name, unit, counts_bytes, sort_order) VALUES ($1, $2, $3, $4)",
                service.Name, service.Unit, service.CountsBytes, service.SortOrder);
            connection.Execute("INSERT INTO usage_prices (service_name, in_force_from, unit_cost) VALUES ($1, $2, $3)",
                service.Name, BuiltInServices.InForceFrom.ToString("o", CultureInfo.InvariantCulture), SqliteText.Number(unitCost));
        }
    }

    private static void Set(SqliteConnection connection, string name, string value) => connection.Execute(SqliteSettings.Upsert, name, value);
}
