using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace UsageTracking.Stores.Sqlite;

/// <summary>
/// One archive in the making. The records are noted in a temporary table and read in one snapshot; nobody waits while their
/// file is looked over. Then those that were noted, and are as they were, are deleted.
/// </summary>
internal sealed class SqliteArchiveRun : IArchiveRun
{
    private const int PageSize = 500;

    // Whether a record was taken back, by a correction that may stay: in the figures it is neither the smallest nor the largest.
    private const string IsCorrected =
        """
        usage_id IN (SELECT o.usage_id FROM billing_usage_records c JOIN billing_usage_records o ON (o.usage_id, o.recorded_at) = (c.corrects_id, c.recorded_at)
                     WHERE c.corrects_id IS NOT NULL AND c.recorded_at < $3)
        """;

    private readonly SqliteDatabase _database;
    private readonly SqliteDatabase.Session _session;
    private readonly ArchiveScope _scope;
    private readonly BucketDeltas _figures = new();
    private long _corrected;
    private SqliteTransaction? _snapshot;

    private SqliteArchiveRun(SqliteDatabase database, SqliteDatabase.Session session, ArchiveScope scope) =>
        (_database, _session, _scope) = (database, session, scope);

    public long Records { get; private set; }

    public bool MayBeCompleted { get; private set; }

    private SqliteConnection Connection => _session.Connection;

    public static SqliteArchiveRun Begin(SqliteDatabase database, ArchiveScope scope, CancellationToken cancel)
    {
        var run = new SqliteArchiveRun(database, database.Open(cancel), scope);
        try
        {
            run.Note();
            return run;
        }
        catch
        {
            run.Close();
            throw;
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<ArchivedRecord>> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        // SQLite answers at once or not at all; there is nothing to await between rows.
        await Task.CompletedTask;
        using IEnumerator<(ArchivedRecord Record, bool IsCorrected)[]> page = Connection.Query(
            $"SELECT {ArchivedRecord.Columns}, {IsCorrected} FROM billing_usage_records r WHERE {SqliteArchives.InScope(_scope)} ORDER BY recorded_at, usage_id",
            SqliteArchives.Values(Connection, _scope)).Select(r => (RecordAt(r), r.GetBoolean(13))).Chunk(PageSize).GetEnumerator();
        while (SqliteErrors.Guard(page.MoveNext, _database.Address, cancel))
        {
            foreach ((ArchivedRecord record, bool isCorrected) in page.Current)
            {
                record.AddTo(_figures, isCorrected);
                _corrected += isCorrected ? 1 : 0;
            }

            yield return [.. page.Current.Select(p => p.Record)];
        }

        _snapshot!.Commit();
    }

    public Task<StoredArchive> CompleteAsync(StoredArchive archive, CancellationToken cancel) =>
        _database.WriteAsync(_session, _ => Complete(archive), cancel);

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private void Note()
    {
        _snapshot = Connection.BeginTransaction(deferred: true);
        // A connection that broke off earlier may come from the pool with its table.
        Connection.Execute("DROP TABLE IF EXISTS temp.usage_noted; CREATE TEMPORARY TABLE usage_noted (usage_id INTEGER PRIMARY KEY, invoice_id TEXT)");
        Records = Connection.Execute(
            $"INSERT INTO temp.usage_noted SELECT usage_id, invoice_id FROM billing_usage_records r WHERE {SqliteArchives.InScope(_scope)}",
            SqliteArchives.Values(Connection, _scope));
    }

    private StoredArchive Complete(StoredArchive archive)
    {
        var corrected = (long)Connection.Scalar(
            """
            SELECT count(DISTINCT n.usage_id) FROM billing_usage_records c JOIN temp.usage_noted n ON n.usage_id = c.corrects_id
            JOIN billing_usage_records r ON (r.usage_id, r.recorded_at) = (n.usage_id, c.recorded_at)
            WHERE c.corrects_id IS NOT NULL AND c.recorded_at >= $1 AND c.recorded_at < $2
            """, SqliteText.Time(archive.Start), SqliteText.Time(archive.End))!;
        if (corrected != _corrected)
            throw StoreErrors.ArchiveOvertaken(corrected - _corrected);

        ProtocolStep.Pass("archive delete");
        // What may be changed of a record is its invoice; whoever did so meanwhile is to be seen in the archive.
        long deleted = Connection.Execute(
            """
            DELETE FROM billing_usage_records WHERE usage_id IN (
                SELECT n.usage_id FROM temp.usage_noted n JOIN billing_usage_records r ON r.usage_id = n.usage_id AND r.invoice_id IS n.invoice_id)
            """);
        if (deleted != Records)
            throw StoreErrors.ArchiveOvertaken(Records - deleted);

        ProtocolStep.Pass("archive delete done");
        StoredArchive entered = SqliteArchives.Enter(Connection, archive);
        SqliteLedger.Add(Connection, LedgerEntries.Archived, -Records);
        SqliteBuckets.Add(Connection, _figures, entered.Number);
        // What other records make stays live, such as those that came late.
        foreach ((BucketDeltas.Key key, _) in _figures.InKeyOrder())
            SqliteSummary.Rebuild(Connection, key);

        MayBeCompleted = true;
        return entered;
    }

    private void Close()
    {
        _snapshot?.Dispose();
        try
        {
            Connection.Execute("DROP TABLE IF EXISTS temp.usage_noted");
        }
        catch (SqliteException)
        {
            // The next one does it.
        }

        _session.Dispose();
    }

    private static ArchivedRecord RecordAt(SqliteDataReader row) => new()
    {
        Id = row.GetInt64(0),
        CustomerId = row.GetString(1),
        Service = row.GetString(2),
        Quantity = SqliteText.Number(row.GetString(3)),
        UnitCost = row.NumberAt(4),
        Metadata = row.IsDBNull(5) ? null : row.Utf8At(5).ToArray(),
        RecordedAt = SqliteText.Time(row.GetString(6)),
        InvoiceId = row.TextAt(7),
        ReceivedAt = SqliteText.Time(row.GetString(8)),
        EventKey = row.TextAt(9),
        CorrectsId = row.IsDBNull(10) ? null : row.GetInt64(10),
        CorrectedBy = row.TextAt(11),
        CorrectionReason = row.TextAt(12),
    };
}
