using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>The table of what came or went past the queues.</summary>
internal static class PostgresLedger
{
    public static async Task AddAsync(NpgsqlConnection connection, string entry, long records, CancellationToken cancel)
    {
        if (records == 0)
            return;

        await connection.ExecuteAsync(
            """
            INSERT INTO usage_ledger AS l (entry, records) VALUES ($1, $2)
            ON CONFLICT (entry) DO UPDATE SET records = l.records + excluded.records
            """,
            cancel, entry, records);
    }
}
