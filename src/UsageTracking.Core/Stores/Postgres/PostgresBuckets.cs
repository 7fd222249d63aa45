using Npgsql;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Postgres;

/// <summary>The table of buckets. Whoever adds to it does so in key order and as its last statement, so that writers do not deadlock.</summary>
internal static class PostgresBuckets
{
    public const string Columns =
        "customer_id, service_name, bucket_start, part, event_count, total_quantity, total_cost, min_quantity, max_quantity, first_event, last_event";

    /// <summary>Begins a SELECT of the buckets that records between $3 and $4 make; ends with GROUP BY 1, 2, 3.</summary>
    public const string Sums = $"{Figures}, min(quantity) FILTER (WHERE {PostgresReader.Uncorrected}) AS min_quantity, max(quantity) FILTER (WHERE {PostgresReader.Uncorrected}) AS max_quantity, {Times}";

    /// <summary>The same of records of which those were taken back that taken_back names.</summary>
    public const string SumsOfFolded = $"{Figures}, min(quantity) FILTER (WHERE {NotTakenBack}) AS min_quantity, max(quantity) FILTER (WHERE {NotTakenBack}) AS max_quantity, {Times}";

    /// <summary>The same of records of which none was taken back.</summary>
    public const string SumsOfUncorrected = $"{Figures}, min(quantity) FILTER (WHERE corrects_id IS NULL) AS min_quantity, max(quantity) FILTER (WHERE corrects_id IS NULL) AS max_quantity, {Times}";

    // The names are ordered as those of the buckets are, whatever the collation of the records' table, which may be an adopted one.
    private const string Figures =
        """
        SELECT customer_id COLLATE "C" AS customer_id, service_name COLLATE "C" AS service_name,
               date_bin('15 minutes', recorded_at, timestamptz '2000-01-01 00:00:00+00') AS bucket_start, 0 AS part,
               sum(CASE WHEN corrects_id IS NULL THEN 1 ELSE -1 END)::bigint AS event_count,
               sum(quantity) AS total_quantity, sum(quantity * coalesce(unit_cost, 0)) AS total_cost
        """;

    private const string NotTakenBack = "corrects_id IS NULL AND (recorded_at, usage_id) NOT IN (SELECT recorded_at, corrects_id FROM taken_back)";

    private const string Times = "min(recorded_at) AS first_event, max(recorded_at) AS last_event";

    /// <summary>Ends an INSERT INTO usage_buckets AS b.</summary>
    public const string OrAddToWhatIsThere =
        """
        ON CONFLICT (customer_id, service_name, bucket_start, part) DO UPDATE SET
            event_count = b.event_count + excluded.event_count,
            total_quantity = b.total_quantity + excluded.total_quantity,
            total_cost = b.total_cost + excluded.total_cost,
            min_quantity = least(b.min_quantity, excluded.min_quantity),
            max_quantity = greatest(b.max_quantity, excluded.max_quantity),
            first_event = least(b.first_event, excluded.first_event),
            last_event = greatest(b.last_event, excluded.last_event)
        """;

    /// <summary>
    /// Makes the smallest and largest quantities of live buckets what the records say. The caller's transaction has added to these
    /// buckets: whoever else did so has committed, and the statement sees the records of both.
    /// </summary>
    public static async Task SettleExtremesAsync(NpgsqlConnection connection, IReadOnlyList<BucketDeltas.Key> keys, CancellationToken cancel)
    {
        if (keys.Count == 0)
            return;

        // Each quarter hour is read once, whatever the number of customers. A record and its correction make one group, which is left
        // out: a join would depend on statistics that a new table does not have.
        await using NpgsqlCommand command = connection.Command(
            """
            UPDATE usage_buckets b SET min_quantity = low, max_quantity = high
            FROM (
                SELECT c, s, t, low, high
                FROM unnest($1, $2, $3) AS k (c, s, t) LEFT JOIN (
                    SELECT q, customer_id, service_name, low, high
                    FROM (SELECT DISTINCT q FROM unnest($3) AS q) quarters CROSS JOIN LATERAL (
                        SELECT customer_id, service_name, min(quantity) AS low, max(quantity) AS high
                        FROM (SELECT customer_id, service_name, min(quantity) AS quantity
                              FROM billing_usage_records
                              WHERE recorded_at >= q AND recorded_at < q + interval '15 minutes' AND (aggregated OR corrects_id IS NOT NULL)
                              GROUP BY customer_id, service_name, recorded_at, coalesce(corrects_id, usage_id)
                              HAVING count(corrects_id) = 0) uncorrected
                        GROUP BY 1, 2) live
                ) r ON (r.customer_id, r.service_name, q) = (c, s, t)) extremes
            WHERE (b.customer_id, b.service_name, b.bucket_start, b.part) = (c, s, t, 0)
            """,
            keys.Select(k => k.CustomerId).ToArray(), keys.Select(k => k.Service).ToArray(), keys.Select(k => k.Start.UtcDateTime).ToArray());
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Adds to the buckets of a part: 0 is live, n archive n.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, BucketDeltas deltas, int part, CancellationToken cancel)
    {
        IReadOnlyList<(BucketDeltas.Key Key, BucketDeltas.Delta Delta)> rows = deltas.InKeyOrder();
        if (rows.Count == 0)
            return;

        await using NpgsqlCommand command = connection.Command(
            $"""
            INSERT INTO usage_buckets AS b ({Columns})
            SELECT c, s, t, $11, n, q::numeric, k::numeric, low, high, f, l
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS d (c, s, t, n, q, k, low, high, f, l)
            {OrAddToWhatIsThere}
            """,
            Column(r => r.Key.CustomerId), Column(r => r.Key.Service), Column(r => r.Key.Start.UtcDateTime),
            Column(r => r.Delta.Events), Sums(r => r.Delta.Quantity), Sums(r => r.Delta.Cost),
            Column(r => r.Delta.Minimum), Column(r => r.Delta.Maximum),
            Column(r => r.Delta.FirstEvent.UtcDateTime), Column(r => r.Delta.LastEvent.UtcDateTime), part);
        await command.ExecuteNonQueryAsync(cancel);
        // Archives have their own figures of what was taken back.
        if (part == 0)
            await SettleExtremesAsync(connection, deltas.Corrected, cancel);

        Array Sums(Func<(BucketDeltas.Key Key, BucketDeltas.Delta Delta), ExactDecimal> value)
        {
            // A sum may be longer than a decimal; then all of them travel as text, which is slower.
            var small = new decimal[rows.Count];
            for (int i = 0; i < rows.Count; i++)
            {
                if (!value(rows[i]).TryToDecimal(out small[i]))
                    return Column(r => value(r).ToString());
            }

            return small;
        }

        T[] Column<T>(Func<(BucketDeltas.Key Key, BucketDeltas.Delta Delta), T> value) => [.. rows.Select(value)];
    }
}
