using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>What a role sees of the records where the table has policies.</summary>
internal static class PostgresVisibility
{
    /// <summary>Refuses a role that may see only some of the records: whatever it does not see would look lost.</summary>
    /// <exception cref="UsageException"><c>RecordsHidden</c>.</exception>
    public static async Task CheckAsync(NpgsqlConnection connection, StoreAddress address, CancellationToken cancel)
    {
        if ((bool)(await connection.ScalarAsync("SELECT row_security_active('billing_usage_records')", cancel))!)
            throw StoreErrors.RecordsHidden(address);
    }
}
