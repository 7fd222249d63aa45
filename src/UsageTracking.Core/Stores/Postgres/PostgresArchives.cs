using Npgsql;
using NpgsqlTypes;

namespace UsageTracking.Stores.Postgres;

/// <summary>The table of archives, and the way of records out of the store and back.</summary>
internal sealed class PostgresArchives(PostgresSource source, StoreAddress address, PostgresPartitions partitions)
{
    /// <summary>What <see cref="ArchiveAt"/> reads.</summary>
    public const string Columns = "archive_id, archive_number, path, customer_ids, records, range_start, range_end, sha256, archived_at, restored_at";

    /// <summary>The records r of a scope ($1, $2: who and what; $3: before when; $4: whether it matters that they are on an invoice).</summary>
    public const string InScope = $"{PostgresReader.Matches} AND recorded_at < $3 AND aggregated AND {IsTaken}";

    // A record and its correction leave together: a store with one of them alone would price the credit otherwise, or undo twice.
    private const string IsTaken =
        """
        (NOT $4 OR (r.invoice_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM billing_usage_records c
            WHERE (c.customer_id, c.recorded_at, c.corrects_id) = (r.customer_id, r.recorded_at, r.usage_id) AND c.invoice_id IS NULL)))
        """;

    // Archives are completed one after the other; any constant will do.
    private const string Lock = "SELECT pg_advisory_xact_lock(hashtext('usage_archives'))";

    private const string Plan =
        $"""
        SELECT count(*) FILTER (WHERE taken), count(DISTINCT (recorded_at AT TIME ZONE 'UTC')::date) FILTER (WHERE taken),
               coalesce(sum(size) FILTER (WHERE taken), 0)::bigint, count(*) FILTER (WHERE NOT taken)
        FROM (SELECT {IsTaken} AS taken, recorded_at, pg_column_size(r.*) AS size
              FROM billing_usage_records r WHERE {PostgresReader.Matches} AND recorded_at < $3) x
        """;

    public async Task<ArchivePlan> PlanAsync(ArchiveScope scope, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlCommand command = await ScopeCommandAsync(connection, Plan, scope, cancel);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new ArchivePlan(reader.GetInt64(0), (int)reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    public async Task<IArchiveRun> BeginAsync(ArchiveScope scope, CancellationToken cancel)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        try
        {
            await PostgresVisibility.CheckAsync(connection, address, cancel);
            return await PostgresArchiveRun.BeginAsync(connection, source, address, scope, cancel);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<StoredArchive?> FindAsync(Guid id, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await LockAsync(connection, cancel);
        return (await ReadAsync(connection, "WHERE archive_id = $1", cancel, id)).SingleOrDefault();
    }

    public async Task<IReadOnlyList<StoredArchive>> GetAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        return await ReadAsync(connection, "ORDER BY archive_number DESC", cancel);
    }

    public Task<long> RestoreAsync(StoredArchive archive, IEnumerable<ArchivedRecord> records, CancellationToken cancel) =>
        partitions.WriteAsync(records.Select(r => r.RecordedAt), () => RestoreOnceAsync(archive, records, cancel), cancel);

    /// <summary>Waits until no archive is being completed; none is until the transaction ends.</summary>
    public static Task LockAsync(NpgsqlConnection connection, CancellationToken cancel) => connection.ExecuteAsync(Lock, cancel);

    /// <summary>Waits until no archive is being completed, beside others who do: what is corrected is either archived or not.</summary>
    public static Task LockSharedAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync("SELECT pg_advisory_xact_lock_shared(hashtext('usage_archives'))", cancel);

    /// <summary>A command on the records of a scope.</summary>
    public static async Task<NpgsqlCommand> ScopeCommandAsync(NpgsqlConnection connection, string sql, ArchiveScope scope, CancellationToken cancel)
    {
        // Whether a record is on an invoice matters where there are invoices.
        bool invoicedOnly = !scope.IncludeUninvoiced && (bool)(await connection.ScalarAsync(
            """
            SELECT to_regclass('billing_invoices') IS NOT NULL OR EXISTS (SELECT 1 FROM usage_archives WHERE has_invoices)
                OR EXISTS (SELECT 1 FROM billing_usage_records WHERE invoice_id IS NOT NULL)
            """, cancel))!;
        NpgsqlCommand command = connection.Command(
            sql, PostgresCommands.TextArray(scope.Filter.CustomerIds), PostgresCommands.TextArray(scope.Filter.Services), scope.Before.UtcDateTime, invoicedOnly);
        command.CommandTimeout = 0;
        return command;
    }

    public static StoredArchive ArchiveAt(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Number = reader.GetInt32(1),
        Path = reader.GetString(2),
        CustomerIds = reader.GetFieldValue<string[]>(3),
        Records = reader.GetInt64(4),
        Start = reader.GetFieldValue<DateTimeOffset>(5),
        End = reader.GetFieldValue<DateTimeOffset>(6),
        Sha256 = reader.GetString(7),
        ArchivedAt = reader.GetFieldValue<DateTimeOffset>(8),
        RestoredAt = reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9),
    };

    private static async Task<List<StoredArchive>> ReadAsync(NpgsqlConnection connection, string rest, CancellationToken cancel, params object?[] values)
    {
        await using NpgsqlCommand command = connection.Command($"SELECT {Columns} FROM usage_archives {rest}", values);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var archives = new List<StoredArchive>();
        while (await reader.ReadAsync(cancel))
            archives.Add(ArchiveAt(reader));

        return archives;
    }

    private async Task<long> RestoreOnceAsync(StoredArchive archive, IEnumerable<ArchivedRecord> records, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await PostgresVisibility.CheckAsync(connection, address, cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await LockAsync(connection, cancel);
        if (await connection.ScalarAsync(
            "UPDATE usage_archives SET restored_at = now() WHERE archive_id = $1 AND restored_at IS NULL RETURNING archive_number", cancel, archive.Id) is not int number)
        {
            throw StoreErrors.ArchiveRestored(archive);
        }

        HashSet<string> customers = await CustomersAsync(connection, archive, cancel);
        var deltas = new BucketDeltas();
        (long read, long restored) = Copy(connection, records, customers, deltas, cancel);
        if (read != archive.Records)
            throw StoreErrors.ArchiveIncomplete(archive, read);

        await PostgresLedger.AddAsync(connection, LedgerEntries.Archived, restored, cancel);
        await connection.ExecuteAsync("DELETE FROM usage_buckets WHERE part = $1", cancel, number);
        await MarkCorrectedAsync(connection, archive, deltas, cancel);
        await PostgresBuckets.AddAsync(connection, deltas, part: 0, cancel);
        await transaction.CommitAsync(cancel);
        return restored;
    }

    // A record that was taken back while it was archived comes back to its correction.
    private static async Task MarkCorrectedAsync(NpgsqlConnection connection, StoredArchive archive, BucketDeltas deltas, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(
            """
            SELECT DISTINCT customer_id, service_name, date_bin('15 minutes', recorded_at, timestamptz '2000-01-01 00:00:00+00')
            FROM billing_usage_records WHERE corrects_id IS NOT NULL AND recorded_at >= $1 AND recorded_at < $2
            """,
            archive.Start.UtcDateTime, archive.End.UtcDateTime);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            deltas.MarkCorrected(new BucketDeltas.Key(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
    }

    // A customer that is younger than the archive is another one, of the same name; one that nself marked as deleted is still there.
    private static async Task<HashSet<string>> CustomersAsync(NpgsqlConnection connection, StoredArchive archive, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(
            "SELECT customer_id FROM billing_customers WHERE customer_id = ANY ($1) AND NOT coalesce(created_at > $2, false)",
            PostgresCommands.TextArray(archive.CustomerIds), archive.ArchivedAt.UtcDateTime);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var customers = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
            customers.Add(reader.GetString(0));

        return customers;
    }

    private static (long Read, long Restored) Copy(
        NpgsqlConnection connection, IEnumerable<ArchivedRecord> records, HashSet<string> customers, BucketDeltas deltas, CancellationToken cancel)
    {
        using NpgsqlBinaryImporter rows = connection.BeginBinaryImport($"COPY billing_usage_records ({ArchivedRecord.Columns}, aggregated) FROM STDIN (FORMAT BINARY)");
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
            rows.StartRow();
            rows.Write(record.Id, NpgsqlDbType.Bigint);
            rows.Write(record.CustomerId, NpgsqlDbType.Varchar);
            rows.Write(record.Service, NpgsqlDbType.Varchar);
            rows.Write(record.Quantity, NpgsqlDbType.Numeric);
            Write(rows, record.UnitCost, NpgsqlDbType.Numeric);
            Write(rows, record.Metadata, NpgsqlDbType.Jsonb);
            rows.Write(record.RecordedAt.UtcDateTime, NpgsqlDbType.TimestampTz);
            Write(rows, record.InvoiceId, NpgsqlDbType.Varchar);
            rows.Write(record.ReceivedAt.UtcDateTime, NpgsqlDbType.TimestampTz);
            Write(rows, record.EventKey, NpgsqlDbType.Text);
            Write(rows, record.CorrectsId, NpgsqlDbType.Bigint);
            Write(rows, record.CorrectedBy, NpgsqlDbType.Text);
            Write(rows, record.CorrectionReason, NpgsqlDbType.Text);
            rows.Write(true, NpgsqlDbType.Boolean);
        }

        rows.Complete();
        return (read, restored);
    }

    private static void Write<T>(NpgsqlBinaryImporter rows, T? value, NpgsqlDbType type)
    {
        if (value is null)
            rows.WriteNull();
        else
            rows.Write(value, type);
    }
}
