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
}
