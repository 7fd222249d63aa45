using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>
/// One archive in the making. The records are noted in a temporary table and read in one snapshot; no transaction is open
/// while their file is looked over. Then those that were noted, and are as they were, are deleted.
/// </summary>
internal sealed class PostgresArchiveRun : IArchiveRun
{
    private const int PageSize = 500;

    // What may be changed of a record is its invoice; whoever did so meanwhile is to be seen in the archive.
    private const string IsNoted =
        "(r.recorded_at, r.usage_id, r.customer_id) = (n.recorded_at, n.usage_id, n.customer_id) AND r.invoice_id IS NOT DISTINCT FROM n.invoice_id";

    // Whether a record was taken back, by a correction that may stay: in the figures it is neither the smallest nor the largest.
    private const string IsCorrected =
        "(recorded_at, usage_id) IN (SELECT recorded_at, corrects_id FROM billing_usage_records WHERE corrects_id IS NOT NULL AND recorded_at < $3)";

    // The same for Citus, which looks at each customer by itself.
    private const string IsCorrectedOfCustomer =
        """
        EXISTS (SELECT 1 FROM billing_usage_records c
                WHERE (c.customer_id, c.recorded_at, c.corrects_id) = (r.customer_id, r.recorded_at, r.usage_id) AND c.corrects_id IS NOT NULL AND c.recorded_at < $3)
        """;

    private const string SameBucket = "(a.customer_id, a.service_name, a.bucket_start) = (b.customer_id, b.service_name, b.bucket_start)";

    private readonly NpgsqlConnection _connection;
    private readonly PostgresSource _source;
    private readonly StoreAddress _address;
    private readonly ArchiveScope _scope;
    private readonly BucketDeltas _figures = new();
    private long _corrected;
    private NpgsqlTransaction? _snapshot;

    private PostgresArchiveRun(NpgsqlConnection connection, PostgresSource source, StoreAddress address, ArchiveScope scope) =>
        (_connection, _source, _address, _scope) = (connection, source, address, scope);

    public long Records { get; private set; }

    public bool MayBeCompleted { get; private set; }

    public static async Task<PostgresArchiveRun> BeginAsync(
        NpgsqlConnection connection, PostgresSource source, StoreAddress address, ArchiveScope scope, CancellationToken cancel)
    {
        var run = new PostgresArchiveRun(connection, source, address, scope);
        run._snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await connection.ExecuteAsync(PostgresDistribution.UseOneConnection, cancel);
        await connection.ExecuteAsync(
            "CREATE TEMPORARY TABLE usage_noted (part oid, recorded_at timestamptz, usage_id bigint, customer_id text COLLATE \"C\", invoice_id text COLLATE \"C\")", cancel);
        await using NpgsqlCommand note = await PostgresArchives.ScopeCommandAsync(
            connection,
            $"INSERT INTO usage_noted SELECT tableoid, recorded_at, usage_id, customer_id, invoice_id FROM billing_usage_records r WHERE {PostgresArchives.InScope}",
            scope, cancel);
        run.Records = await note.ExecuteNonQueryAsync(cancel);
        return run;
    }

    public async IAsyncEnumerable<IReadOnlyList<ArchivedRecord>> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await _connection.ExecuteAsync("SET LOCAL work_mem = '64MB'", cancel);
        string corrected = await _source.IsDistributedAsync(_connection, cancel) ? IsCorrectedOfCustomer : IsCorrected;
        await using (NpgsqlCommand command = await PostgresArchives.ScopeCommandAsync(
            _connection,
            $"SELECT {ArchivedRecord.Columns.Replace("metadata", "metadata::text", StringComparison.Ordinal)}, {corrected} FROM billing_usage_records r WHERE {PostgresArchives.InScope} ORDER BY recorded_at, usage_id",
            _scope, cancel))
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
            var page = new List<ArchivedRecord>(PageSize);
            while (await reader.ReadAsync(cancel))
            {
                page.Add(RecordAt(reader));
                bool isCorrected = reader.GetBoolean(13);
                _corrected += isCorrected ? 1 : 0;
                page[^1].AddTo(_figures, isCorrected);
                if (page.Count < PageSize)
                    continue;

                yield return page;
                page = new List<ArchivedRecord>(PageSize);
            }

            if (page.Count > 0)
                yield return page;
        }

        await _snapshot!.CommitAsync(cancel);
    }

    public async Task<StoredArchive> CompleteAsync(StoredArchive archive, CancellationToken cancel)
    {
        await using NpgsqlTransaction transaction = await _connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
        await PostgresArchives.LockAsync(_connection, cancel);
        // Before the first ANALYZE the planner takes tables for empty, and would compare every row with every other.
        await _connection.ExecuteAsync("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'", cancel);
        long corrected = (long)(await _connection.ScalarAsync(
            """
            SELECT count(DISTINCT n.usage_id) FROM usage_noted n JOIN billing_usage_records c ON (c.recorded_at, c.corrects_id) = (n.recorded_at, n.usage_id)
            WHERE c.corrects_id IS NOT NULL AND c.recorded_at >= $1 AND c.recorded_at < $2
            """, cancel, archive.Start.UtcDateTime, archive.End.UtcDateTime))!;
        if (corrected != _corrected)
            throw StoreErrors.ArchiveOvertaken(corrected - _corrected);

        ProtocolStep.Pass("archive delete");
        long deleted = await TruncateAsync(archive, cancel) + await DeleteAsync(archive, cancel);
        if (deleted != Records)
            throw StoreErrors.ArchiveOvertaken(Records - deleted);

        ProtocolStep.Pass("archive delete done");
        StoredArchive entered = await EnterAsync(archive, cancel);
        await PostgresLedger.AddAsync(_connection, LedgerEntries.Archived, -Records, cancel);
        await MoveFiguresAsync(entered, cancel);
        ProtocolStep.Pass("archive commit");
        MayBeCompleted = true;
        await transaction.CommitAsync(CancellationToken.None);
        ProtocolStep.Pass("archive commit done");
        await DropEmptyPartitionsAsync(archive);
        return entered;
    }

    public async ValueTask DisposeAsync()
    {
        if (_snapshot is not null)
            await _snapshot.DisposeAsync();

        // With it goes the temporary table: what is pooled is reset.
        await _connection.DisposeAsync();
    }

    private static ArchivedRecord RecordAt(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        CustomerId = reader.GetString(1),
        Service = reader.GetString(2),
        Quantity = reader.GetDecimal(3),
        UnitCost = reader.IsDBNull(4) ? null : reader.GetDecimal(4),
        Metadata = reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5),
        RecordedAt = reader.GetFieldValue<DateTimeOffset>(6),
        InvoiceId = TextAt(reader, 7),
        ReceivedAt = reader.GetFieldValue<DateTimeOffset>(8),
        EventKey = TextAt(reader, 9),
        CorrectsId = reader.IsDBNull(10) ? null : reader.GetInt64(10),
        CorrectedBy = TextAt(reader, 11),
        CorrectionReason = TextAt(reader, 12),
    };

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>Empties the partitions of which nothing would be left, which takes no time and leaves nothing to clean up.</summary>
    private async Task<long> TruncateAsync(StoredArchive archive, CancellationToken cancel)
    {
        // Citus knows partitions by the names of their shards.
        if (await _source.IsDistributedAsync(_connection, cancel))
            return 0;

        string[] whole = await FindWholePartitionsAsync(archive, cancel);
        if (whole.Length == 0)
            return 0;

        // Quoted by the server that they come from.
        string names = string.Join(", ", whole);
        await _connection.ExecuteAsync("SAVEPOINT whole", cancel);
        try
        {
            // Sooner than the server looks for deadlocks: a writer of several old months may wait for one of these while it holds another.
            await _connection.ExecuteAsync($"SET LOCAL lock_timeout = '500ms'; LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE; SET LOCAL lock_timeout = 0", cancel);
            // Now nobody adds to them.
            if (await CountWholeAsync(whole, archive, cancel) is { } records)
            {
                await _connection.ExecuteAsync($"TRUNCATE {names}", cancel);
                return records;
            }
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.InsufficientPrivilege)
        {
            // Somebody uses them, or the role may not: then row by row.
        }

        await _connection.ExecuteAsync("ROLLBACK TO SAVEPOINT whole", cancel);
        return 0;
    }

    /// <summary>The partitions that have as many records as were noted of them.</summary>
    private async Task<string[]> FindWholePartitionsAsync(StoredArchive archive, CancellationToken cancel)
    {
        await using NpgsqlCommand command = Command(
            """
            SELECT part::regclass::text
            FROM (SELECT part, count(*) AS noted FROM usage_noted GROUP BY 1) n
            JOIN (SELECT tableoid AS part, count(*) AS records FROM billing_usage_records
                  WHERE recorded_at >= date_trunc('month', $1, 'UTC') AND recorded_at < date_trunc('month', $2, 'UTC') GROUP BY 1) r USING (part)
            JOIN pg_class c ON c.oid = part
            WHERE noted = records AND c.relispartition
            ORDER BY 1
            """,
            archive.Start.UtcDateTime, archive.End.UtcDateTime);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var names = new List<string>();
        while (await reader.ReadAsync(cancel))
            names.Add(reader.GetString(0));

        return [.. names];
    }

    /// <summary>How many records the partitions have; null where they are not just those that were noted.</summary>
    private async Task<long?> CountWholeAsync(string[] partitions, StoredArchive archive, CancellationToken cancel)
    {
        await using NpgsqlCommand command = Command(
            $"""
            SELECT count(*), count(n.usage_id), (SELECT count(*) FROM usage_noted WHERE part = ANY ($1::regclass[]::oid[]))
            FROM billing_usage_records r LEFT JOIN usage_noted n ON {IsNoted}
            WHERE r.tableoid = ANY ($1::regclass[]::oid[])
              AND r.recorded_at >= date_trunc('month', $2, 'UTC') AND r.recorded_at < date_trunc('month', $3, 'UTC')
            """,
            PostgresCommands.TextArray(partitions), archive.Start.UtcDateTime, archive.End.UtcDateTime);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        (long records, long matching, long noted) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        return records == matching && records == noted ? records : null;
    }

    private async Task<long> DeleteAsync(StoredArchive archive, CancellationToken cancel)
    {
        await using NpgsqlCommand command = Command(
            $"DELETE FROM billing_usage_records r USING usage_noted n WHERE {IsNoted} AND r.recorded_at >= $1 AND r.recorded_at < $2",
            archive.Start.UtcDateTime, archive.End.UtcDateTime);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task<StoredArchive> EnterAsync(StoredArchive archive, CancellationToken cancel)
    {
        await using NpgsqlCommand command = Command(
            $"""
            INSERT INTO usage_archives (archive_id, path, customer_ids, records, range_start, range_end, sha256, has_invoices)
            SELECT $1, $2, $3, $4, $5, $6, $7, EXISTS (SELECT 1 FROM usage_noted WHERE invoice_id IS NOT NULL)
            RETURNING {PostgresArchives.Columns}
            """,
            archive.Id, archive.Path, PostgresCommands.TextArray(archive.CustomerIds), archive.Records, archive.Start.UtcDateTime, archive.End.UtcDateTime, archive.Sha256);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return PostgresArchives.ArchiveAt(reader);
    }

    /// <summary>Gives the archive's part what the records made, and leaves live what other records make, such as those that came late.</summary>
    private async Task MoveFiguresAsync(StoredArchive archive, CancellationToken cancel)
    {
        await PostgresBuckets.AddAsync(_connection, _figures, archive.Number, cancel);
        // In key order, as every writer takes them. Whoever had one has committed, and the statements after this one see its records.
        if (!await PostgresDistribution.LockBucketsAsync(_connection, _source, _address, cancel))
        {
            await ExecuteAsync(
                $"""
                SELECT count(*) FROM (
                    SELECT FROM usage_buckets b JOIN usage_buckets a ON {SameBucket}
                    WHERE b.part = 0 AND a.part = $1
                    ORDER BY b.customer_id, b.service_name, b.bucket_start FOR UPDATE OF b) locked
                """,
                cancel, archive.Number);
        }

        await _connection.ExecuteAsync("CREATE TEMPORARY TABLE usage_left (LIKE usage_buckets) ON COMMIT DROP", cancel);
        await ExecuteAsync(
            $"""
            INSERT INTO usage_left ({PostgresBuckets.Columns})
            {await _source.AdaptAsync(_connection, PostgresBuckets.Sums, cancel)} FROM billing_usage_records
            WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated
            GROUP BY 1, 2, 3
            """,
            cancel, PostgresCommands.TextArray(_scope.Filter.CustomerIds), PostgresCommands.TextArray(_scope.Filter.Services),
            Instants.QuarterHour(archive.Start).UtcDateTime, archive.End.UtcDateTime);
        await ExecuteAsync(
            $"""
            DELETE FROM usage_buckets b USING usage_buckets a
            WHERE b.part = 0 AND a.part = $1 AND {SameBucket}
              AND (b.customer_id, b.service_name, b.bucket_start) NOT IN (SELECT l.customer_id, l.service_name, l.bucket_start FROM usage_left l)
            """,
            cancel, archive.Number);
        await ExecuteAsync(
            $"""
            UPDATE usage_buckets b
            SET event_count = l.event_count, total_quantity = l.total_quantity, total_cost = l.total_cost,
                min_quantity = l.min_quantity, max_quantity = l.max_quantity, first_event = l.first_event, last_event = l.last_event
            FROM usage_left l, usage_buckets a
            WHERE b.part = 0 AND a.part = $1 AND {SameBucket}
              AND (l.customer_id, l.service_name, l.bucket_start) = (b.customer_id, b.service_name, b.bucket_start)
            """,
            cancel, archive.Number);
    }

    // The archive is complete; an empty partition that is in use just now is left to the next one.
    private async Task DropEmptyPartitionsAsync(StoredArchive archive)
    {
        try
        {
            await using NpgsqlCommand months = Command(
                "SELECT m::date FROM generate_series(date_trunc('month', $1 AT TIME ZONE 'UTC'), ($2 AT TIME ZONE 'UTC') - interval '1 microsecond', interval '1 month') m",
                archive.Start.UtcDateTime, archive.End.UtcDateTime);
            var firstDays = new List<DateOnly>();
            await using (NpgsqlDataReader reader = await months.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    firstDays.Add(reader.GetFieldValue<DateOnly>(0));
            }

            // Of what is in doubt a partition looks empty of; nobody adds to it while it is looked at.
            await using NpgsqlTransaction? transaction = await _source.IsDistributedAsync(_connection, CancellationToken.None)
                ? await _connection.BeginTransactionAsync()
                : null;
            if (transaction is not null)
            {
                await _connection.ExecuteAsync("SET LOCAL lock_timeout = '500ms'; LOCK TABLE ONLY billing_usage_records IN ACCESS EXCLUSIVE MODE", CancellationToken.None);
                await PostgresDistribution.SettleAsync(_connection, _source, _address, CancellationToken.None);
            }

            foreach (DateOnly month in firstDays)
                await _connection.ExecuteAsync("SELECT usage_drop_partition($1)", CancellationToken.None, month);

            if (transaction is not null)
                await transaction.CommitAsync();
        }
        catch (Exception error) when (error is NpgsqlException or UsageException)
        {
            // It costs nothing but a name.
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancel, params object?[] values)
    {
        await using NpgsqlCommand command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        NpgsqlCommand command = _connection.Command(sql, values);
        command.CommandTimeout = 0;
        return command;
    }
}
