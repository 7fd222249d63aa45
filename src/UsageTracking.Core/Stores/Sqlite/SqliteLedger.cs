using Microsoft.Data.Sqlite;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The table of what came or went past the queues.</summary>
internal static class SqliteLedger
{
    public static void Add(SqliteConnection connection, string entry, long records)
    {
        if (records == 0)
            return;

        connection.Execute(
            "INSERT INTO usage_ledger (entry, records) VALUES ($1, $2) ON CONFLICT (entry) DO UPDATE SET records = records + excluded.records",
            entry, records);
    }
}
