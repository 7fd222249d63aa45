using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using static UsageTracking.Stores.Postgres.PostgresCommands;

namespace UsageTracking.Stores.Postgres;

/// <summary>The tables of services and prices.</summary>
internal sealed class PostgresPrices(PostgresSource source)
{
    /// <summary>What <see cref="ReadAsync"/> reads.</summary>
    public const string Select =
        "SELECT price_id, service_name, customer_id, plan_name, in_force_from, unit_cost, model, tiers, package_size, set_at, removed_at FROM usage_prices";

    public async Task SetServiceAsync(Service service, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        // Locked, so that two who change it do so one after the other.
        await using (NpgsqlCommand command = connection.Command(
            "SELECT service_name, unit, counts_bytes, sort_order FROM usage_services WHERE service_name = $1 FOR UPDATE", service.Name))
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
            Service? before = await reader.ReadAsync(cancel) ? new Service(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt32(3)) : null;
            await reader.CloseAsync();
            if (before is not null && (before.Unit != service.Unit || before.CountsBytes != service.CountsBytes)
                && (bool)(await connection.ScalarAsync(
                    """
                    SELECT EXISTS (SELECT 1 FROM usage_buckets WHERE service_name = $1)
                        OR EXISTS (SELECT 1 FROM billing_usage_records WHERE service_name = $1)
                    """, cancel, service.Name))!)
            {
                throw StoreErrors.UnitFixed(service, before);
            }
        }

        await connection.ExecuteAsync(
            """
            INSERT INTO usage_services (service_name, unit, counts_bytes, sort_order) VALUES ($1, $2, $3, $4)
            ON CONFLICT (service_name) DO UPDATE SET unit = excluded.unit, counts_bytes = excluded.counts_bytes, sort_order = excluded.sort_order
            """,
            cancel, service.Name, service.Unit, service.CountsBytes, service.SortOrder);
        await transaction.CommitAsync(cancel);
    }

    public async Task<IReadOnlyList<Price>> ListAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlCommand command = connection.Command(Select + " WHERE removed_at IS NULL");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        return await ReadAsync(reader, cancel);
    }

    public async Task SetAsync(Price price, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        // One after the other, or two would stand where one was.
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('usage_prices'))", cancel);
        // By the server's clock, and after the wait.
        object now = (await connection.ScalarAsync("SELECT clock_timestamp()", cancel))!;
        await connection.ExecuteAsync(
            """
            UPDATE usage_prices SET removed_at = $5
            WHERE service_name = $1 AND customer_id IS NOT DISTINCT FROM $2 AND plan_name IS NOT DISTINCT FROM $3 AND in_force_from = $4 AND removed_at IS NULL
            """,
            cancel, price.Service, Text(price.CustomerId), Text(price.PlanName), price.InForceFrom, now);
        await connection.ExecuteAsync(
            """
            INSERT INTO usage_prices (service_name, customer_id, plan_name, in_force_from, unit_cost, model, tiers, package_size, set_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            cancel, price.Service, Text(price.CustomerId), Text(price.PlanName), price.InForceFrom, price.UnitCost, PriceTexts.Of(price.Model),
            price.Tiers.ToString(), Nullable(price.PackageSize, NpgsqlDbType.Numeric), now);
        await transaction.CommitAsync(cancel);
    }

    public async Task RemoveAsync(long id, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync("UPDATE usage_prices SET removed_at = now() WHERE price_id = $1 AND removed_at IS NULL", cancel, id);
    }

    public static async Task<List<Price>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        var prices = new List<Price>();
        while (await reader.ReadAsync(cancel))
        {
            prices.Add(new Price(
                reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetFieldValue<DateOnly>(4),
                ExactDecimal.Trim(reader.GetDecimal(5)))
            {
                Id = reader.GetInt64(0),
                Model = PriceTexts.Model(reader.GetString(6)),
                Tiers = PriceTiers.Parse(reader.GetString(7)),
                PackageSize = reader.IsDBNull(8) ? null : ExactDecimal.Trim(reader.GetDecimal(8)),
                SetAt = reader.GetFieldValue<DateTimeOffset>(9),
                RemovedAt = reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10),
            });
        }

        return prices;
    }
}
