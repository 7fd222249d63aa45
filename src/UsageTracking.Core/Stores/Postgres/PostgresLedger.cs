namespace UsageTracking.Stores.Postgres;

/// <summary>The table of what came or went past the queues.</summary>
internal static class PostgresLedger
{
    /// <summary>Adds to an entry ($1) a number of records ($2).</summary>
    public const string Add =
        """
        INSERT INTO usage_ledger AS l (entry, records) SELECT $1, $2 WHERE $2 <> 0
        ON CONFLICT (entry) DO UPDATE SET records = l.records + excluded.records
        """;
}
