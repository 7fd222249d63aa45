using System.Globalization;
using Npgsql;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Postgres;

/// <summary>Services, prices, units and options.</summary>
internal sealed class PostgresSettings(PostgresSource source, StoreAddress address)
{
    public const string Upsert =
        """
        INSERT INTO usage_settings (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
        """;

    public const string SelectServices = "SELECT service_name, unit, counts_bytes, sort_order FROM usage_services";

    public const string SelectBytes = "SELECT value FROM usage_settings WHERE name = '" + SettingNames.BytesPerGigabyte + "'";

    public const string SelectStoreId = "SELECT value FROM usage_settings WHERE name = '" + SettingNames.StoreId + "'";

    public const string SelectCreatesCustomers = "SELECT max(value) FROM usage_settings WHERE name = '" + SettingNames.AutoCreateCustomer + "'";

    /// <summary>Whether another store is being copied into this one, which is refused to writers meanwhile.</summary>
    public const string IsCopy = "EXISTS (SELECT FROM usage_settings WHERE name = '" + SettingNames.CopyFrom + "')";

    // A customer with several subscriptions pays by the one that began last.
    public const string SelectPlans =
        """
        SELECT DISTINCT ON (customer_id) customer_id, plan_name FROM billing_subscriptions
        WHERE ($1::text[] IS NULL OR customer_id = ANY ($1)) AND status IN ('active', 'trialing')
        ORDER BY customer_id, current_period_start DESC, subscription_id
        """;

    public const string SelectPrices = $"{PostgresPrices.Select} WHERE removed_at IS NULL AND (customer_id IS NULL OR customer_id = ANY ($1))";

    public async Task<ServiceCatalogue> GetCatalogueAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands = { new NpgsqlBatchCommand(SelectServices), new NpgsqlBatchCommand(SelectBytes) },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        return await ReadCatalogueAsync(reader, cancel);
    }

    public async Task<PriceList> GetPricesAsync(IReadOnlyCollection<string> customerIds, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(customerIds, cancel);
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                PostgresCommands.BatchCommand(SelectPlans, PostgresCommands.TextArray(customerIds)),
                PostgresCommands.BatchCommand(SelectPrices, PostgresCommands.TextArray(customerIds)),
            },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        return await ReadPricesAsync(reader, cancel);
    }

    public async Task SetBytesPerGigabyteAsync(long bytes, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        var current = (string?)await connection.ScalarAsync(SelectBytes + " FOR UPDATE", cancel);
        if (current == bytes.ToString(CultureInfo.InvariantCulture))
            return;

        if ((bool)(await connection.ScalarAsync("SELECT EXISTS (SELECT 1 FROM billing_usage_records)", cancel))!)
            throw StoreErrors.UnitsFixed(address, long.Parse(current!, CultureInfo.InvariantCulture));

        await connection.ExecuteAsync(Upsert, cancel, SettingNames.BytesPerGigabyte, bytes.ToString(CultureInfo.InvariantCulture));
        await transaction.CommitAsync(cancel);
    }

    public async Task<IReadOnlyDictionary<string, string>> GetOptionsAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlCommand command = connection.Command(
            "SELECT substr(name, length($1) + 1), value FROM usage_settings WHERE starts_with(name, $1)", SettingNames.OptionPrefix);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadAsync(cancel))
            options[reader.GetString(0)] = reader.GetString(1);

        return options;
    }

    public async Task SetOptionAsync(string name, string? value, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        string key = SettingNames.OptionPrefix + name;
        if (value is null)
            await connection.ExecuteAsync("DELETE FROM usage_settings WHERE name = $1", cancel, key);
        else
            await connection.ExecuteAsync(Upsert, cancel, key, value);
    }

    /// <summary>Reads two results: services, then bytes per GB.</summary>
    public static async Task<ServiceCatalogue> ReadCatalogueAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        var services = new List<Service>();
        while (await reader.ReadAsync(cancel))
            services.Add(new Service(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt32(3)));

        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        return new ServiceCatalogue(services, long.Parse(reader.GetString(0), CultureInfo.InvariantCulture));
    }

    /// <summary>Reads two results: plans, then prices.</summary>
    public static async Task<PriceList> ReadPricesAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        Dictionary<string, string> plans = await ReadPlansAsync(reader, cancel);
        await reader.NextResultAsync(cancel);
        return new PriceList(await PostgresPrices.ReadAsync(reader, cancel), plans);
    }

    /// <summary>Reads the result of <see cref="SelectPlans"/>.</summary>
    public static async Task<Dictionary<string, string>> ReadPlansAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        var plans = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
            plans.Add(reader.GetString(0), reader.GetString(1));

        return plans;
    }
}
