using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using static UsageTracking.Stores.Postgres.PostgresCommands;

namespace UsageTracking.Stores.Postgres;

/// <summary>The table of customers.</summary>
internal sealed class PostgresCustomers(PostgresSource source, StoreAddress address)
{
    private const string Columns = "customer_id, project_name, name, email, company, metadata::text, created_at";

    public async Task<IReadOnlyList<Customer>> GetAsync(string? caller, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(caller is null ? null : [caller], cancel);
        await using NpgsqlCommand command = connection.Command(
            $"SELECT {Columns} FROM billing_customers WHERE deleted_at IS NULL ORDER BY customer_id COLLATE \"C\"");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var customers = new List<Customer>();
        while (await reader.ReadAsync(cancel))
            customers.Add(Read(reader));

        return customers;
    }

    public async Task<Customer> SetAsync(CustomerChange change, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [change.CustomerId], cancel);
        await using NpgsqlCommand command = connection.Command(
            $"""
            INSERT INTO billing_customers AS c (customer_id, project_name, name, email, company, metadata, updated_at)
            VALUES ($1, coalesce($2, $1), $3, $4, $5, coalesce($6, '{"{}"}'), now())
            ON CONFLICT (customer_id) DO UPDATE SET
                project_name = coalesce($2, c.project_name), name = coalesce($3, c.name), email = coalesce($4, c.email),
                company = coalesce($5, c.company), metadata = coalesce($6, c.metadata), deleted_at = NULL, updated_at = excluded.updated_at
            RETURNING {Columns}
            """,
            Text(change.CustomerId), Text(change.ProjectName), Text(change.Name), Text(change.Email), Text(change.Company),
            new NpgsqlParameter { Value = (object?)change.Metadata?.ToString() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb });
        Customer customer;
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel))
        {
            await reader.ReadAsync(cancel);
            customer = Read(reader);
        }

        await transaction.CommitAsync(cancel);
        return customer;
    }

    public async Task<long> CountRecordsAsync(string customerId, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync([customerId], cancel);
        return (long)(await connection.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE customer_id = $1", cancel, customerId))!;
    }

    public async Task RemoveAsync(string customerId, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [customerId], cancel);
        await PostgresDistribution.SettleAsync(connection, source, address, cancel);
        long removed = (long)(await connection.ScalarAsync(
            "WITH gone AS (DELETE FROM billing_usage_records WHERE customer_id = $1 RETURNING aggregated) SELECT count(*) FROM gone WHERE aggregated",
            cancel, customerId))!;
        await PostgresLedger.AddAsync(connection, LedgerEntries.Removed, -removed, cancel);
        // Books are kept longer than customers.
        await connection.ExecuteAsync("UPDATE usage_invoices SET is_closed = true WHERE customer_id = $1", cancel, customerId);
        foreach (string table in (string[])[
            "usage_event_keys", "usage_prices", "usage_quotas", "usage_allowances", "usage_readings", "usage_meters", "usage_alerts",
            "usage_buckets", "billing_customers"])
        {
            await connection.ExecuteAsync($"DELETE FROM {table} WHERE customer_id = $1", cancel, customerId);
        }

        await transaction.CommitAsync(cancel);
    }

    /// <summary>Creates those that are not there.</summary>
    public static async Task CreateAsync(NpgsqlConnection connection, string[] customers, CancellationToken cancel)
    {
        // One after the other, both statements in one round trip and one transaction: where the table is on several servers, two who
        // create the same customers might begin at different ones, and wait for each other.
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock(hashtext('billing_customers'))"),
                PostgresCommands.BatchCommand(
                    "INSERT INTO billing_customers (customer_id, project_name) SELECT c, c FROM unnest($1) c ON CONFLICT DO NOTHING", PostgresCommands.TextArray(customers)),
            },
        };
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static Customer Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), TextAt(reader, 2), TextAt(reader, 3), TextAt(reader, 4),
        Metadata.FromStore(TextAt(reader, 5)),
        reader.IsDBNull(6) ? default : reader.GetFieldValue<DateTimeOffset>(6));

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
