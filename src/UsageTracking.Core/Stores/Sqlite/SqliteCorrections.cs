using Microsoft.Data.Sqlite;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Takes records back. The caller holds the write lock, so nobody does the same.</summary>
internal static class SqliteCorrections
{
    private const int RowsBetweenCancelChecks = 1024;

    public static IReadOnlyList<CorrectionOutcome> Write(SqliteConnection connection, IReadOnlyList<RecordCorrection> asked, CancellationToken cancel)
    {
        string ids = Ids(asked.Select(a => a.Id));
        var judge = new CorrectionJudge(
            asked,
            connection.Query(
                $"SELECT {SqliteReader.RecordColumns}, aggregated IS 1 FROM billing_usage_records WHERE usage_id IN (SELECT value FROM json_each($1))", ids)
                .Select(r => new CorrectionJudge.Found(SqliteReader.RecordAt(r), r.GetBoolean(10))),
            Read(connection,
                """
                SELECT c.corrects_id FROM billing_usage_records r
                JOIN billing_usage_records c ON c.recorded_at = r.recorded_at AND c.corrects_id = r.usage_id
                WHERE c.corrects_id IS NOT NULL AND r.usage_id IN (SELECT value FROM json_each($1))
                """, ids),
            Read(connection, "SELECT usage_id FROM usage_readings WHERE usage_id IN (SELECT value FROM json_each($1))", ids));
        List<(long, DateTimeOffset)> written = Insert(connection, judge.ToDo, cancel);
        ReleaseKeys(connection, judge.ToDo);
        SqliteLedger.Add(connection, LedgerEntries.Corrections, judge.Count);
        SqliteBuckets.Add(connection, judge.Deltas(), part: 0);
        return judge.Outcomes(written);
    }

    private static HashSet<long> Read(SqliteConnection connection, string sql, string ids) => [.. connection.Query(sql, ids).Select(r => r.GetInt64(0))];

    private static string Ids(IEnumerable<long> ids) => $"[{string.Join(',', ids)}]";

    /// <summary>Adds corrections and what takes the place of the records; the ids of the latter where there are any.</summary>
    private static List<(long Id, DateTimeOffset ReceivedAt)> Insert(
        SqliteConnection connection, IReadOnlyList<CorrectionJudge.Accepted> toDo, CancellationToken cancel)
    {
        DateTimeOffset now = Instants.Truncate(DateTimeOffset.UtcNow);
        // Copied by the engine, so that nothing is lost of what other programs wrote.
        using SqliteCommand correct = connection.Command(
            """
            INSERT INTO billing_usage_records
                (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, received_at, corrects_id, corrected_by, correction_reason)
            SELECT customer_id, service_name, $2, unit_cost, metadata, recorded_at, aggregated, $5, usage_id, $3, $4
            FROM billing_usage_records WHERE usage_id = $1
            RETURNING usage_id
            """, null, null, null, null, SqliteText.Time(now));
        // Received when the record was that it stands for: so it knows of the same prices.
        using SqliteCommand replace = connection.Command(
            """
            INSERT INTO billing_usage_records
                (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, received_at, event_key, corrected_by, correction_reason)
            SELECT customer_id, service_name, $2, $5, metadata, recorded_at, aggregated, received_at, event_key, $3, $4
            FROM billing_usage_records WHERE usage_id = $1
            RETURNING usage_id
            """, null, null, null, null, null);
        var written = new List<(long, DateTimeOffset)>(toDo.Count);
        foreach (CorrectionJudge.Accepted one in toDo)
        {
            if (written.Count % RowsBetweenCancelChecks == 0)
                cancel.ThrowIfCancellationRequested();

            long id = Run(correct, one, -one.Found.Record.Quantity, one.Asked.Reason);
            if (one.Replacement is { } right)
            {
                replace.Parameters[4].Value = SqliteText.Number(right.UnitCost!.Value);
                id = Run(replace, one, right.Quantity, one.ReplacementReason);
            }

            written.Add((id, now));
        }

        return written;
    }

    private static long Run(SqliteCommand insert, CorrectionJudge.Accepted one, decimal quantity, string reason)
    {
        insert.Parameters[0].Value = one.Asked.Id;
        insert.Parameters[1].Value = SqliteText.Number(quantity);
        insert.Parameters[2].Value = one.Asked.By;
        insert.Parameters[3].Value = reason;
        return (long)insert.ExecuteScalar()!;
    }

    /// <summary>Gives up the keys of records that are taken back; the key of one that is replaced stands for what takes its place.</summary>
    private static void ReleaseKeys(SqliteConnection connection, IReadOnlyList<CorrectionJudge.Accepted> undone)
    {
        foreach (CorrectionJudge.Accepted one in undone.Where(u => u.Found.Record.EventKey is not null))
        {
            if (one.Replacement is null)
            {
                connection.Execute("DELETE FROM usage_event_keys WHERE customer_id = $1 AND event_key = $2", one.Found.Record.CustomerId, one.Found.Record.EventKey);
                continue;
            }

            connection.Execute(
                "UPDATE usage_event_keys SET content_hash = $3, given_unit_cost = coalesce($4, given_unit_cost) WHERE customer_id = $1 AND event_key = $2",
                one.Found.Record.CustomerId, one.Found.Record.EventKey, new KeyedEvent(one.Replacement, 0).ContentHash,
                one.Asked.UnitCost is { } cost ? SqliteText.Number(cost) : null);
        }
    }
}
