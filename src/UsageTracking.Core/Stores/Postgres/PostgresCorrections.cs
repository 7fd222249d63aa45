using Npgsql;
using static UsageTracking.Stores.Postgres.PostgresCommands;

namespace UsageTracking.Stores.Postgres;

/// <summary>Takes records back. Their rows are locked first, in the order of the table's key, so that nobody does the same.</summary>
internal sealed class PostgresCorrections(PostgresSource source)
{
    // The bounds leave out the partitions that have none of them.
    private const string Records =
        "JOIN billing_usage_records r ON (r.recorded_at, r.usage_id) = (at, id) AND r.recorded_at BETWEEN $3 AND $4";

    private const string SelectRecords =
        $"""
        SELECT r.usage_id, r.recorded_at, r.received_at, r.customer_id, r.service_name, r.quantity, coalesce(r.unit_cost, 0), r.metadata::text, r.event_key,
               r.corrects_id, r.aggregated IS TRUE
        FROM unnest($1, $2) AS asked (id, at) {Records}
        ORDER BY r.recorded_at, r.usage_id, r.customer_id
        """;

    // Copied in the server, so that nothing is lost of what other programs wrote.
    private const string InsertCorrections =
        $"""
        INSERT INTO billing_usage_records
            (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, corrects_id, corrected_by, correction_reason)
        SELECT r.customer_id, r.service_name, -r.quantity, r.unit_cost, r.metadata, r.recorded_at, r.aggregated, r.usage_id, who, why
        FROM unnest($1, $2, $5, $6) AS asked (id, at, who, why) {Records}
        RETURNING corrects_id, usage_id, received_at
        """;

    // Received when the record was that it stands for: so it knows of the same prices.
    private const string InsertReplacement =
        """
        INSERT INTO billing_usage_records
            (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, received_at, event_key, corrected_by, correction_reason)
        SELECT customer_id, service_name, $3, $4, metadata, recorded_at, aggregated, received_at, event_key, $5, $6
        FROM billing_usage_records WHERE recorded_at = $2 AND usage_id = $1
        RETURNING usage_id, received_at
        """;

    public async Task<IReadOnlyList<CorrectionOutcome>> WriteAsync(IReadOnlyList<RecordCorrection> asked, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await PostgresArchives.LockSharedAsync(connection, cancel);
        await source.ActForAsync(connection, [.. asked.Select(a => a.CustomerId).OfType<string>().Distinct(StringComparer.Ordinal)], cancel);
        bool isAlone = await PostgresDistribution.LockCorrectionsAsync(connection, source, cancel);
        List<CorrectionJudge.Found> found = await LockAsync(connection, isAlone, await LocateAsync(connection, asked, cancel), cancel);
        // A statement of its own: it sees what whoever had the locks before has done.
        (HashSet<long> corrected, HashSet<long> read) = await LookAtAsync(connection, found, cancel);
        var judge = new CorrectionJudge(asked, found, corrected, read);
        IReadOnlyList<CorrectionJudge.Accepted> toDo = judge.ToDo;
        if (toDo.Count == 0)
            return judge.Outcomes([]);

        Dictionary<long, (long Id, DateTimeOffset ReceivedAt)> written = await InsertAsync(connection, toDo, cancel);
        foreach ((long original, (long, DateTimeOffset) row) in await ReplaceAsync(connection, toDo, cancel))
            written[original] = row;

        await PostgresEventKeys.ReleaseAsync(connection, toDo, cancel);
        await PostgresLedger.AddAsync(connection, LedgerEntries.Corrections, judge.Count, cancel);
        ProtocolStep.Pass("correction rows done");
        await PostgresBuckets.AddAsync(connection, judge.Deltas(), part: 0, cancel);
        await transaction.CommitAsync(cancel);
        return judge.Outcomes(toDo.Select(t => written[t.Asked.Id]));
    }

    /// <summary>The ids and times of records; those whose time is not known are looked for everywhere.</summary>
    private static async Task<List<(long Id, DateTimeOffset Time)>> LocateAsync(
        NpgsqlConnection connection, IReadOnlyList<RecordCorrection> asked, CancellationToken cancel)
    {
        List<(long, DateTimeOffset)> places = [.. asked.Where(a => a.Timestamp is not null).Select(a => (a.Id, a.Timestamp!.Value))];
        long[] lost = [.. asked.Where(a => a.Timestamp is null).Select(a => a.Id)];
        if (lost.Length == 0)
            return places;

        await using NpgsqlCommand command = connection.Command("SELECT usage_id, recorded_at FROM billing_usage_records WHERE usage_id = ANY ($1)", lost);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            places.Add((reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1)));

        return places;
    }

    private static async Task<List<CorrectionJudge.Found>> LockAsync(
        NpgsqlConnection connection, bool isAlone, List<(long Id, DateTimeOffset Time)> places, CancellationToken cancel)
    {
        var found = new List<CorrectionJudge.Found>();
        if (places.Count == 0)
            return found;

        await using NpgsqlCommand command = connection.Command(isAlone ? SelectRecords : SelectRecords + " FOR UPDATE OF r", Places([.. places.Distinct()]));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            found.Add(new CorrectionJudge.Found(PostgresReader.RecordAt(reader), reader.GetBoolean(10)));

        return found;
    }

    private static async Task<(HashSet<long> Corrected, HashSet<long> Read)> LookAtAsync(
        NpgsqlConnection connection, List<CorrectionJudge.Found> found, CancellationToken cancel)
    {
        long[] ids = [.. found.Select(f => f.Record.Id)];
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                BatchCommand(
                    "SELECT corrects_id FROM billing_usage_records WHERE corrects_id IS NOT NULL AND corrects_id = ANY ($1) AND recorded_at = ANY ($2)",
                    ids, found.Select(f => f.Record.Timestamp.UtcDateTime).Distinct().ToArray()),
                BatchCommand("SELECT usage_id FROM usage_readings WHERE usage_id = ANY ($1)", ids),
            },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        HashSet<long> corrected = await ReadIdsAsync();
        await reader.NextResultAsync(cancel);
        return (corrected, await ReadIdsAsync());

        async Task<HashSet<long>> ReadIdsAsync()
        {
            var read = new HashSet<long>();
            while (await reader.ReadAsync(cancel))
                read.Add(reader.GetInt64(0));

            return read;
        }
    }

    private static async Task<Dictionary<long, (long Id, DateTimeOffset ReceivedAt)>> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<CorrectionJudge.Accepted> toDo, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(
            InsertCorrections,
            [
                .. Places([.. toDo.Select(t => (t.Asked.Id, t.Found.Record.Timestamp))]),
                toDo.Select(t => t.Asked.By).ToArray(), toDo.Select(t => t.Asked.Reason).ToArray(),
            ]);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var written = new Dictionary<long, (long, DateTimeOffset)>();
        while (await reader.ReadAsync(cancel))
            written.Add(reader.GetInt64(0), (reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2)));

        return written;
    }

    /// <summary>Adds what takes the place of records; by the ids of these.</summary>
    private static async Task<List<(long Original, (long Id, DateTimeOffset ReceivedAt) Row)>> ReplaceAsync(
        NpgsqlConnection connection, IReadOnlyList<CorrectionJudge.Accepted> toDo, CancellationToken cancel)
    {
        var written = new List<(long, (long, DateTimeOffset))>();
        CorrectionJudge.Accepted[] replaced = [.. toDo.Where(t => t.Replacement is not null)];
        if (replaced.Length == 0)
            return written;

        await using NpgsqlBatch batch = new(connection);
        foreach (CorrectionJudge.Accepted one in replaced)
        {
            batch.BatchCommands.Add(BatchCommand(
                InsertReplacement, one.Asked.Id, one.Found.Record.Timestamp.UtcDateTime, one.Replacement!.Quantity, one.Replacement.UnitCost,
                one.Asked.By, one.ReplacementReason));
        }

        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        foreach (CorrectionJudge.Accepted one in replaced)
        {
            await reader.ReadAsync(cancel);
            written.Add((one.Asked.Id, (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1))));
            await reader.NextResultAsync(cancel);
        }

        return written;
    }

    private static object[] Places(IReadOnlyList<(long Id, DateTimeOffset Time)> places) =>
    [
        places.Select(p => p.Id).ToArray(), places.Select(p => p.Time.UtcDateTime).ToArray(),
        places.Min(p => p.Time).UtcDateTime, places.Max(p => p.Time).UtcDateTime,
    ];
}
