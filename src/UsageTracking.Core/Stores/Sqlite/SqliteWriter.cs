using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Stores chunks by prepared inserts in one transaction.</summary>
internal static class SqliteWriter
{
    private const int RowsBetweenCancelChecks = 1024;

    public static ChunkOutcome Write(SqliteConnection connection, UsageChunk chunk, StoreAddress address, CancellationToken cancel)
    {
        Guid storeId = SqliteSettings.ReadStoreId(connection);
        SqliteSettings.CheckNoCopy(connection, address);
        if (chunk.StoreId is { } expected && storeId != expected)
            throw StoreErrors.OtherStore(address, expected, storeId);

        string spool = chunk.SpoolId.ToString();
        ProtocolStep.Pass("position");
        if (!Advance(connection, spool, chunk))
            return Settled(connection, spool, chunk);

        ProtocolStep.Pass("position done");
        string[] customers = [.. chunk.Traits.Customers];
        HashSet<string> known = KnownCustomers(connection, customers, chunk.AutoCreateCustomers ?? SqliteSettings.CreatesCustomers(connection));
        var judge = new ChunkJudge(chunk, SqliteSettings.ReadCatalogue(connection), known);
        if (judge.Keyed is { Count: > 0 } keyed)
            judge.Settle(ClaimKeys(connection, keyed));

        ProtocolStep.Pass("rows");
        BucketDeltas deltas = Insert(connection, judge.Read(), SqliteSettings.ReadPrices(connection, customers), cancel);
        ProtocolStep.Pass("rows done");
        chunk.WhenSent?.Invoke();
        SqliteRejected.Add(connection, spool, judge.Rejected);
        ChunkOutcome outcome = judge.Outcome;
        connection.Execute(
            """
            UPDATE usage_spools SET last_duplicates = $2, last_rejected = $3, duplicates = duplicates + $2, rejected = rejected + $3
            WHERE spool_id = $1
            """,
            spool, outcome.Duplicates, outcome.Rejected);
        SqliteBuckets.Add(connection, deltas, part: 0);
        return outcome;
    }

    public static SpoolPosition ReadSpoolPosition(SqliteConnection connection, Guid spoolId, StoreAddress address)
    {
        SqliteSettings.CheckNoCopy(connection, address);
        return new SpoolPosition(
            SqliteSettings.ReadStoreId(connection),
            (long?)connection.Scalar("SELECT position FROM usage_spools WHERE spool_id = $1", spoolId.ToString()) ?? 0);
    }

    private static bool Advance(SqliteConnection connection, string spool, UsageChunk chunk) => connection.Execute(
        """
        INSERT INTO usage_spools (spool_id, position, last_from, skipped)
        SELECT $1, $3, $2, $2 - $4 WHERE $4 = 0 OR EXISTS (SELECT 1 FROM usage_spools WHERE spool_id = $1)
        ON CONFLICT (spool_id) DO UPDATE
        SET position = $3, last_from = $2, last_duplicates = 0, last_rejected = 0, skipped = skipped + $2 - $4, updated_at = strftime('%Y-%m-%d %H:%M:%f000Z', 'now')
        WHERE position = $4
        """,
        spool, chunk.From, chunk.To, chunk.StorePosition) == 1;

    private static ChunkOutcome Settled(SqliteConnection connection, string spool, UsageChunk chunk)
    {
        // All zero where the store does not know the spool.
        (long position, long from, long duplicates, long rejected) = connection
            .Query("SELECT position, last_from, last_duplicates, last_rejected FROM usage_spools WHERE spool_id = $1", spool)
            .Select(r => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3))).ToList().FirstOrDefault();
        return position == chunk.To && from == chunk.From
            ? new ChunkOutcome(chunk.Records.Count - duplicates - rejected, duplicates, rejected)
            : throw StoreErrors.PositionMismatch(chunk, position);
    }

    public static HashSet<string> KnownCustomers(SqliteConnection connection, string[] customers, bool create)
    {
        string ids = SqliteCommands.List(customers)!;
        if (create)
        {
            connection.Execute(
                "INSERT INTO billing_customers (customer_id, project_name) SELECT value, value FROM json_each($1) WHERE true ON CONFLICT DO NOTHING", ids);
        }

        return [.. connection.Query("SELECT customer_id FROM billing_customers WHERE customer_id IN (SELECT value FROM json_each($1))", ids)
            .Select(r => r.GetString(0))];
    }

    /// <summary>Takes the keys that are new; returns what is stored under those that are not.</summary>
    private static List<KeyedEvent.Stored> ClaimKeys(SqliteConnection connection, IReadOnlyList<KeyedEvent> keyed)
    {
        var known = new List<KeyedEvent.Stored>();
        foreach (KeyedEvent mine in keyed)
        {
            int claimed = connection.Execute(
                """
                INSERT INTO usage_event_keys (customer_id, event_key, content_hash, given_timestamp, given_unit_cost)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
                """,
                mine.Record.CustomerId, mine.Record.EventKey, mine.ContentHash,
                mine.GivenTimestamp is { } time ? SqliteText.Time(time) : null,
                mine.GivenUnitCost is { } cost ? SqliteText.Number(cost) : null);
            if (claimed == 1)
                continue;

            known.AddRange(connection.Query(
                "SELECT content_hash, given_timestamp, given_unit_cost FROM usage_event_keys WHERE customer_id = $1 AND event_key = $2",
                mine.Record.CustomerId, mine.Record.EventKey)
                .Select(r => new KeyedEvent.Stored(
                    mine.Record.CustomerId, mine.Record.EventKey!, r.GetFieldValue<byte[]>(0),
                    r.TextAt(1) is { } stored ? SqliteText.Time(stored) : null, r.NumberAt(2))));
        }

        return known;
    }

    private static BucketDeltas Insert(SqliteConnection connection, IEnumerable<UsageRecord> records, PriceList prices, CancellationToken cancel)
    {
        var deltas = new BucketDeltas();
        using SqliteCommand insert = connection.Command(
            """
            INSERT INTO billing_usage_records
                (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, received_at, event_key)
            VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)
            """,
            "", "", "", "", "", "", SqliteText.Time(Instants.Truncate(DateTimeOffset.UtcNow)), null);
        insert.Prepare();
        SqliteParameterCollection values = insert.Parameters;
        int row = 0;
        foreach (UsageRecord record in records)
        {
            if (row++ % RowsBetweenCancelChecks == 0)
                cancel.ThrowIfCancellationRequested();

            decimal unitCost = record.UnitCost ?? prices.UnitCostAt(record.CustomerId, record.Service, record.Timestamp);
            deltas.Add(record, unitCost);
            values[0].Value = record.CustomerId;
            values[1].Value = record.Service;
            values[2].Value = SqliteText.Number(record.Quantity);
            values[3].Value = SqliteText.Number(unitCost);
            values[4].Value = record.Metadata.ToString();
            values[5].Value = SqliteText.Time(record.Timestamp);
            values[7].Value = (object?)record.EventKey ?? DBNull.Value;
            insert.ExecuteNonQuery();
        }

        return deltas;
    }
}
