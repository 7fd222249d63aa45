using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The table of customers.</summary>
internal static class SqliteCustomers
{
    private const string Columns = "customer_id, project_name, name, email, company, metadata, created_at";

    public static IReadOnlyList<Customer> Read(SqliteConnection connection) =>
        [.. connection.Query($"SELECT {Columns} FROM billing_customers WHERE deleted_at IS NULL ORDER BY customer_id").Select(Read)];

    public static Customer Set(SqliteConnection connection, CustomerChange change) => connection.Query(
        $"""
        INSERT INTO billing_customers (customer_id, project_name, name, email, company, metadata)
        VALUES ($1, coalesce($2, $1), $3, $4, $5, coalesce($6, '{"{}"}'))
        ON CONFLICT (customer_id) DO UPDATE SET
            project_name = coalesce($2, project_name), name = coalesce($3, name), email = coalesce($4, email),
            company = coalesce($5, company), metadata = coalesce($6, metadata), deleted_at = NULL,
            updated_at = strftime('%Y-%m-%d %H:%M:%f000Z', 'now')
        RETURNING {Columns}
        """,
        change.CustomerId, change.ProjectName, change.Name, change.Email, change.Company, change.Metadata?.ToString())
        .Select(Read).ToList()[0];

    public static int Remove(SqliteConnection connection, string customerId)
    {
        SqliteLedger.Add(connection, LedgerEntries.Removed, -(long)connection.Scalar(
            "SELECT count(*) FROM billing_usage_records WHERE customer_id = $1 AND aggregated = 1", customerId)!);
        // Books are kept longer than customers.
        int rows = connection.Execute("UPDATE usage_invoices SET is_closed = 1 WHERE customer_id = $1", customerId);
        foreach (string table in (string[])[
            "billing_usage_records", "usage_event_keys", "usage_prices", "usage_quotas", "usage_allowances", "usage_readings", "usage_meters",
            "usage_alerts", "usage_buckets", "billing_customers"])
        {
            rows += connection.Execute($"DELETE FROM {table} WHERE customer_id = $1", customerId);
        }

        return rows;
    }

    private static Customer Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.TextAt(2), row.TextAt(3), row.TextAt(4),
        Metadata.FromStore(row.TextAt(5)), row.TextAt(6) is { } created ? SqliteText.Time(created) : default);
}
