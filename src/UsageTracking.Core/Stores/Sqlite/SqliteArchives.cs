using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The table of archives, and the way of records back into the store.</summary>
internal static class SqliteArchives
{
    // A record and its correction leave together: a store with one of them alone would price the credit otherwise, or undo twice.
    private const string IsTaken =
        """
        (NOT $4 OR (r.invoice_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM billing_usage_records c WHERE c.recorded_at = r.recorded_at AND c.corrects_id = r.usage_id AND c.corrects_id IS NOT NULL AND c.invoice_id IS NULL)))
        """;

    private const string Columns = "archive_id, archive_number, path, customer_ids, records, range_start, range_end, sha256, archived_at, restored_at";

    public static ArchivePlan Plan(SqliteConnection connection, ArchiveScope scope) => connection.Query(
        $"""
        SELECT count(*) FILTER (WHERE taken), count(DISTINCT substr(recorded_at, 1, 10)) FILTER (WHERE taken),
               coalesce(sum(size) FILTER (WHERE taken), 0), count(*) FILTER (WHERE NOT taken)
        FROM (SELECT {IsTaken} AS taken, recorded_at,
                     length(customer_id) + length(service_name) + length(quantity) + coalesce(length(unit_cost), 0) + coalesce(octet_length(metadata), 0)
                     + length(recorded_at) + length(received_at) + coalesce(length(invoice_id), 0) + coalesce(length(event_key), 0)
                     + coalesce(length(corrected_by), 0) + coalesce(length(correction_reason), 0) + 24 AS size
              FROM billing_usage_records r WHERE {SqliteCommands.Where(scope.Filter)} recorded_at < $3) x
        """, Values(connection, scope))
        .Select(r => new ArchivePlan(r.GetInt64(0), r.GetInt32(1), r.GetInt64(2), r.GetInt64(3)))
        .Single();

    /// <summary>A condition on records r, for <see cref="Values"/>.</summary>
    public static string InScope(ArchiveScope scope) =>
        $"{SqliteCommands.Where(scope.Filter)} recorded_at < $3 AND aggregated = 1 AND {IsTaken}";

    public static object?[] Values(SqliteConnection connection, ArchiveScope scope)
    {
        // Whether a record is on an invoice matters where there are invoices.
        bool invoicedOnly = !scope.IncludeUninvoiced && connection.Scalar(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'billing_invoices')
                        OR EXISTS (SELECT 1 FROM usage_archives WHERE has_invoices)
                        OR EXISTS (SELECT 1 FROM billing_usage_records WHERE invoice_id IS NOT NULL)
            """) is not null;
        return [SqliteCommands.List(scope.Filter.CustomerIds), SqliteCommands.List(scope.Filter.Services), SqliteText.Time(scope.Before), invoicedOnly];
    }

    public static StoredArchive? Find(SqliteConnection connection, Guid id) => Read(connection, "WHERE archive_id = $1", id.ToString()).SingleOrDefault();

    public static IReadOnlyList<StoredArchive> Get(SqliteConnection connection) => Read(connection, "ORDER BY archive_number DESC");

    public static StoredArchive Enter(SqliteConnection connection, StoredArchive archive)
    {
        connection.Execute(
            """
            INSERT INTO usage_archives (archive_id, path, customer_ids, records, range_start, range_end, sha256, has_invoices)
            VALUES ($1, $2, $3, $4, $5, $6, $7, EXISTS (SELECT 1 FROM temp.usage_noted WHERE invoice_id IS NOT NULL))
            """,
            archive.Id.ToString(), archive.Path, SqliteCommands.List(archive.CustomerIds), archive.Records,
            SqliteText.Time(archive.Start), SqliteText.Time(archive.End), archive.Sha256);
        return Find(connection, archive.Id)!;
    }

    public static long Restore(SqliteConnection connection, StoredArchive archive, IEnumerable<ArchivedRecord> records, CancellationToken cancel)
    {
        if (connection.Execute(
            "UPDATE usage_archives SET restored_at = strftime('%Y-%m-%d %H:%M:%f000Z', 'now') WHERE archive_id = $1 AND restored_at IS NULL", archive.Id.ToString()) == 0)
        {
            throw StoreErrors.ArchiveRestored(archive);
        }

        // A customer that is younger than the archive is another one, of the same name; one that nself marked as deleted is still there.
        HashSet<string> customers =
        [
            .. connection.Query(
                """
                SELECT customer_id FROM billing_customers
                WHERE customer_id IN (SELECT value FROM json_each($1)) AND NOT coalesce(created_at > $2, 0)
                """, SqliteCommands.List(archive.CustomerIds), SqliteText.Time(archive.ArchivedAt)).Select(r => r.GetString(0)),
        ];
        var deltas = new BucketDeltas();
        (long read, long restored) = Insert(connection, records, customers, deltas, cancel);
        if (read != archive.Records)
            throw StoreErrors.ArchiveIncomplete(archive, read);

        SqliteLedger.Add(connection, LedgerEntries.Archived, restored);
        connection.Execute("DELETE FROM usage_buckets WHERE part = $1", archive.Number);
        // A record that was taken back while it was archived comes back to its correction.
        foreach (SqliteDataReader row in connection.Query(
            "SELECT customer_id, service_name, recorded_at FROM billing_usage_records WHERE corrects_id IS NOT NULL AND recorded_at >= $1 AND recorded_at < $2",
            SqliteText.Time(archive.Start), SqliteText.Time(archive.End)))
        {
            deltas.MarkCorrected(SqliteSummary.KeyOf(row));
        }

        SqliteBuckets.Add(connection, deltas, part: 0);
        return restored;
    }

    private static (long Read, long Restored) Insert(
        SqliteConnection connection, IEnumerable<ArchivedRecord> records, HashSet<string> customers, BucketDeltas deltas, CancellationToken cancel)
    {
        using SqliteCommand insert = connection.Command(
            $"INSERT INTO billing_usage_records ({ArchivedRecord.Columns}, aggregated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)",
            [.. Enumerable.Repeat<object?>(null, 13)]);
        insert.Prepare();
        long read = 0;
        long restored = 0;
        foreach (ArchivedRecord record in records)
        {
            cancel.ThrowIfCancellationRequested();
            read++;
            if (!customers.Contains(record.CustomerId))
                continue;

            restored++;
            record.AddTo(deltas);
            Put(insert,
                record.Id, record.CustomerId, record.Service, SqliteText.Number(record.Quantity),
                record.UnitCost is { } unitCost ? SqliteText.Number(unitCost) : null,
                record.Metadata is { } metadata ? Encoding.UTF8.GetString(metadata) : null,
                SqliteText.Time(record.RecordedAt), record.InvoiceId, SqliteText.Time(record.ReceivedAt), record.EventKey,
                record.CorrectsId, record.CorrectedBy, record.CorrectionReason);
            insert.ExecuteNonQuery();
        }

        return (read, restored);
    }

    private static void Put(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }

    private static List<StoredArchive> Read(SqliteConnection connection, string rest, params object?[] values) =>
    [
        .. connection.Query($"SELECT {Columns} FROM usage_archives {rest}", values).Select(r => new StoredArchive
        {
            Id = Guid.Parse(r.GetString(0)),
            Number = r.GetInt32(1),
            Path = r.GetString(2),
            CustomerIds = JsonSerializer.Deserialize<string[]>(r.GetString(3))!,
            Records = r.GetInt64(4),
            Start = SqliteText.Time(r.GetString(5)),
            End = SqliteText.Time(r.GetString(6)),
            Sha256 = r.GetString(7),
            ArchivedAt = SqliteText.Time(r.GetString(8)),
            RestoredAt = r.IsDBNull(9) ? null : SqliteText.Time(r.GetString(9)),
        }),
    ];
}
