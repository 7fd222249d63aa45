using System.Globalization;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Services, prices, units and options.</summary>
internal static class SqliteSettings
{
    public const string Upsert =
        """
        INSERT INTO usage_settings (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = strftime('%Y-%m-%d %H:%M:%f000Z', 'now')
        """;

    private const string SelectBytes = "SELECT value FROM usage_settings WHERE name = '" + SettingNames.BytesPerGigabyte + "'";

    public static Guid ReadStoreId(SqliteConnection connection) =>
        Guid.Parse((string)connection.Scalar("SELECT value FROM usage_settings WHERE name = $1", SettingNames.StoreId)!);

    /// <summary>Refuses a store into which another one is being copied.</summary>
    /// <exception cref="UsageException"><c>CopyUnfinished</c>.</exception>
    public static void CheckNoCopy(SqliteConnection connection, StoreAddress address)
    {
        if (connection.Scalar("SELECT 1 FROM usage_settings WHERE name = $1", SettingNames.CopyFrom) is not null)
            throw StoreErrors.CopyUnfinished(address);
    }

    public static bool CreatesCustomers(SqliteConnection connection) =>
        StoreStates.CreatesCustomers((string?)connection.Scalar("SELECT value FROM usage_settings WHERE name = $1", SettingNames.AutoCreateCustomer));

    public static ServiceCatalogue ReadCatalogue(SqliteConnection connection) => new(
        [.. connection.Query("SELECT service_name, unit, counts_bytes, sort_order FROM usage_services")
            .Select(r => new Service(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetInt32(3)))],
        BytesPerGigabyte(connection));

    public static PriceList ReadPrices(SqliteConnection connection, IReadOnlyCollection<string> customerIds)
    {
        string ids = SqliteCommands.List([.. customerIds])!;
        return new PriceList(
            SqlitePrices.Read(connection, "removed_at IS NULL AND (customer_id IS NULL OR customer_id IN (SELECT value FROM json_each($1)))", ids),
            ReadPlans(connection, ids));
    }

    /// <summary>The plans of some customers, a list as JSON; of all where null.</summary>
    public static Dictionary<string, string> ReadPlans(SqliteConnection connection, string? ids)
    {
        var plans = new Dictionary<string, string>(StringComparer.Ordinal);
        // A customer with several subscriptions pays by the one that began last.
        foreach (SqliteDataReader row in connection.Query(
            """
            SELECT customer_id, plan_name FROM billing_subscriptions
            WHERE ($1 IS NULL OR customer_id IN (SELECT value FROM json_each($1))) AND status IN ('active', 'trialing')
            ORDER BY customer_id, current_period_start DESC, subscription_id
            """, ids))
        {
            plans.TryAdd(row.GetString(0), row.GetString(1));
        }

        return plans;
    }

    public static bool SetBytesPerGigabyte(SqliteConnection connection, long bytes, StoreAddress address)
    {
        long current = BytesPerGigabyte(connection);
        if (current == bytes)
            return false;

        if (connection.Scalar("SELECT 1 FROM billing_usage_records LIMIT 1") is not null)
            throw StoreErrors.UnitsFixed(address, current);

        connection.Execute(Upsert, SettingNames.BytesPerGigabyte, bytes.ToString(CultureInfo.InvariantCulture));
        return true;
    }

    public static IReadOnlyDictionary<string, string> ReadOptions(SqliteConnection connection) =>
        connection.Query("SELECT substr(name, length($1) + 1), value FROM usage_settings WHERE substr(name, 1, length($1)) = $1", SettingNames.OptionPrefix)
            .ToDictionary(r => r.GetString(0), r => r.GetString(1), StringComparer.OrdinalIgnoreCase);

    public static int SetOption(SqliteConnection connection, string name, string? value) => value is null
        ? connection.Execute("DELETE FROM usage_settings WHERE name = $1", SettingNames.OptionPrefix + name)
        : connection.Execute(Upsert, SettingNames.OptionPrefix + name, value);

    private static long BytesPerGigabyte(SqliteConnection connection) =>
        long.Parse((string)connection.Scalar(SelectBytes)!, CultureInfo.InvariantCulture);
}
