using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>The table of event keys.</summary>
internal static class PostgresEventKeys
{
    /// <summary>Takes the keys that are new; returns what is stored under those that are not.</summary>
    public static async Task<List<KeyedEvent.Stored>> ClaimAsync(
        NpgsqlConnection connection, IReadOnlyList<KeyedEvent> keyed, CancellationToken cancel)
    {
        string[] customers = [.. keyed.Select(k => k.Record.CustomerId)];
        string[] keys = [.. keyed.Select(k => k.Record.EventKey!)];
        var claimed = new HashSet<(string, string)>();
        await using (NpgsqlCommand insert = connection.Command(
            """
            INSERT INTO usage_event_keys (customer_id, event_key, content_hash, given_timestamp, given_unit_cost)
            SELECT * FROM unnest($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
            RETURNING customer_id, event_key
            """,
            customers, keys, keyed.Select(k => k.ContentHash).ToArray(),
            keyed.Select(k => k.GivenTimestamp?.UtcDateTime).ToArray(), keyed.Select(k => k.GivenUnitCost).ToArray()))
        await using (NpgsqlDataReader reader = await insert.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
                claimed.Add((reader.GetString(0), reader.GetString(1)));
        }

        var known = new List<KeyedEvent.Stored>();
        if (claimed.Count == keyed.Count)
            return known;

        await using NpgsqlCommand select = connection.Command(
            """
            SELECT k.customer_id, k.event_key, k.content_hash, k.given_timestamp, k.given_unit_cost
            FROM unnest($1, $2) AS asked (customer_id, event_key) JOIN usage_event_keys k USING (customer_id, event_key)
            """,
            customers, keys);
        await using NpgsqlDataReader stored = await select.ExecuteReaderAsync(cancel);
        while (await stored.ReadAsync(cancel))
        {
            if (claimed.Contains((stored.GetString(0), stored.GetString(1))))
                continue;

            known.Add(new KeyedEvent.Stored(
                stored.GetString(0), stored.GetString(1), stored.GetFieldValue<byte[]>(2),
                stored.IsDBNull(3) ? null : stored.GetFieldValue<DateTimeOffset>(3),
                stored.IsDBNull(4) ? null : stored.GetDecimal(4)));
        }

        return known;
    }

    /// <summary>Gives up the keys of records that are taken back; the key of one that is replaced stands for what takes its place.</summary>
    public static async Task ReleaseAsync(NpgsqlConnection connection, IReadOnlyList<CorrectionJudge.Accepted> undone, CancellationToken cancel)
    {
        CorrectionJudge.Accepted[] released = [.. undone.Where(u => u.Replacement is null && u.Found.Record.EventKey is not null)];
        if (released.Length > 0)
        {
            await connection.ExecuteAsync(
                "DELETE FROM usage_event_keys WHERE (customer_id, event_key) IN (SELECT * FROM unnest($1, $2))",
                cancel, released.Select(r => r.Found.Record.CustomerId).ToArray(), released.Select(r => r.Found.Record.EventKey).ToArray());
        }

        await using NpgsqlBatch batch = new(connection);
        foreach (CorrectionJudge.Accepted moved in undone.Where(u => u.Replacement is { EventKey: not null }))
        {
            batch.BatchCommands.Add(PostgresCommands.BatchCommand(
                "UPDATE usage_event_keys SET content_hash = $3, given_unit_cost = coalesce($4, given_unit_cost) WHERE customer_id = $1 AND event_key = $2",
                moved.Replacement!.CustomerId, moved.Replacement.EventKey, new KeyedEvent(moved.Replacement, 0).ContentHash,
                PostgresCommands.Nullable(moved.Asked.UnitCost, NpgsqlTypes.NpgsqlDbType.Numeric)));
        }

        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancel);
    }
}
