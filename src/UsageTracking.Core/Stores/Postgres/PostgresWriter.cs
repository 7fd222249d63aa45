using Npgsql;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Postgres;

/// <summary>Stores chunks by binary COPY.</summary>
internal sealed class PostgresWriter(PostgresSource source, StoreAddress address, PostgresPartitions partitions)
{
    private const string Columns = "customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated";
    private const string SelectKnown = "SELECT customer_id FROM billing_customers WHERE customer_id = ANY ($1)";
    private const int RowsBetweenCancelChecks = 1024;

    // The chunk before may wait for a lock, and whoever holds that for this chunk's locks; the server does not see such a ring.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(30);

    // Of a distributed store, chunks up to this size are stored over one connection to each node: opening more takes longer than they do.
    private const int SmallChunk = 20_000;

    // Moves a spool's position from $4 to $3, unless somebody else has moved it.
    private const string Advance =
        """
        UPDATE usage_spools
        SET position = $3, last_from = $2, last_duplicates = 0, last_rejected = 0, skipped = skipped + $2 - $4, updated_at = now()
        WHERE spool_id = $1 AND position = $4
        RETURNING true
        """;

    // The same from the beginning, where the spool may be unknown yet.
    private const string Begin =
        """
        INSERT INTO usage_spools AS s (spool_id, position, last_from, skipped) VALUES ($1, $3, $2, $2 - $4)
        ON CONFLICT (spool_id) DO UPDATE
        SET position = excluded.position, last_from = excluded.last_from, last_duplicates = 0, last_rejected = 0,
            skipped = s.skipped + excluded.skipped, updated_at = excluded.updated_at
        WHERE s.position = $4
        RETURNING true
        """;

    public Task<ChunkOutcome> WriteAsync(UsageChunk chunk, CancellationToken cancel) =>
        partitions.WriteAsync(chunk.Traits.Months, () => WriteWithCustomersAsync(chunk, cancel), cancel);

    public async Task<SpoolPosition> GetSpoolPositionAsync(Guid spoolId, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlCommand command = connection.Command(
            $"SELECT ({PostgresSettings.SelectStoreId}), (SELECT position FROM usage_spools WHERE spool_id = $1), {PostgresSettings.IsCopy}", spoolId);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        if (reader.GetBoolean(2))
            throw StoreErrors.CopyUnfinished(address);

        return new SpoolPosition(Guid.Parse(reader.GetString(0)), reader.IsDBNull(1) ? 0 : reader.GetInt64(1));
    }

    private async Task<ChunkOutcome> WriteWithCustomersAsync(UsageChunk chunk, CancellationToken cancel)
    {
        try
        {
            return await WriteWithCustomersAsync(chunk, byInsert: false, cancel);
        }
        catch (PostgresException error) when (PostgresErrors.IsOfOtherNodesCopy(error))
        {
            // INSERT says what kind of error it was: a bad record is set aside, and for anything else the chunk waits.
            return await WriteWithCustomersAsync(chunk, byInsert: true, cancel);
        }
    }

    public async Task<long[]> ReserveIdsAsync(int count, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        return (long[])(await connection.ScalarAsync(
            """
            WITH ids AS MATERIALIZED (SELECT pg_get_serial_sequence('billing_usage_records', 'usage_id')::regclass AS sequence)
            SELECT array_agg(nextval(sequence)) FROM ids, generate_series(1, $1)
            """,
            cancel, count))!;
    }

    /// <summary>Begins anew where customers had to be created first.</summary>
    private async Task<ChunkOutcome> WriteWithCustomersAsync(UsageChunk chunk, bool byInsert, CancellationToken cancel) =>
        await WriteOnceAsync(chunk, byInsert, areCustomersCreated: false, cancel)
        ?? await WriteOnceAsync(chunk, byInsert, areCustomersCreated: true, cancel)
        ?? throw new InvalidOperationException("Customers were created, and are to be created again.");

    private async Task<ChunkOutcome?> WriteOnceAsync(UsageChunk chunk, bool byInsert, bool areCustomersCreated, CancellationToken cancel)
    {
        // Also in a second try, which has to find out what became of the first.
        if (chunk.After is { IsCompletedSuccessfully: true })
            chunk = chunk with { After = null };

        string[] customers = [.. chunk.Traits.Customers.Order(StringComparer.Ordinal)];
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        ProtocolStep.Pass("position");
        Situation situation = await LookAsync(connection, chunk, customers, cancel);
        if (chunk.StoreId is { } expected && situation.StoreId != expected)
            throw StoreErrors.OtherStore(address, expected, situation.StoreId);

        if (situation.IsCopy)
            throw StoreErrors.CopyUnfinished(address);

        ProtocolStep.Pass("position done");
        if (!situation.Advanced && chunk.After is null)
        {
            await transaction.RollbackAsync(cancel);
            return await SettledAsync(connection, chunk, cancel);
        }

        if (situation.IsDistributed && chunk.Records.Count <= SmallChunk)
            await connection.ExecuteAsync(PostgresDistribution.UseOneConnection, cancel);

        if (situation.RowSecurity)
            await AskForEachAsync(connection, situation, customers, cancel);

        // A policy may hide customers from this role that are there.
        if (areCustomersCreated)
            situation.Customers.UnionWith(customers);

        if (situation.CreatesCustomers && customers.Any(c => !situation.Customers.Contains(c)))
        {
            await transaction.RollbackAsync(cancel);
            // In a transaction of its own: a customer outlives a chunk that fails, and two writers do not wait for each other's chunks.
            await PostgresCustomers.CreateAsync(connection, customers, cancel);
            return null;
        }

        var judge = new ChunkJudge(chunk, situation.Catalogue, situation.Customers);
        if (judge.Keyed.Count > 0)
        {
            await FollowAsync();
            foreach ((string? customer, IEnumerable<KeyedEvent> keyed) in situation.PartsOf(judge.Keyed, k => k.Record.CustomerId))
            {
                await situation.ActForAsync(connection, customer, cancel);
                judge.Settle(await PostgresEventKeys.ClaimAsync(connection, [.. keyed], cancel));
            }
        }

        ProtocolStep.Pass("rows");
        List<(string? CustomerId, BucketDeltas Deltas)> added = await CopyAsync(connection, judge.Read(), chunk, situation, byInsert, cancel);
        ChunkOutcome outcome = judge.Outcome;
        if (situation.RowSecurity)
            chunk.WhenSent?.Invoke();

        ProtocolStep.Pass("rows done");
        await FollowAsync();
        if (judge.Rejected.Count > 0)
            await PostgresRejected.AddAsync(connection, chunk.SpoolId, judge.Rejected, cancel);

        if (outcome.Committed < chunk.Records.Count)
        {
            await connection.ExecuteAsync(
                """
                UPDATE usage_spools SET last_duplicates = $2, last_rejected = $3, duplicates = duplicates + $2, rejected = rejected + $3
                WHERE spool_id = $1
                """,
                cancel, chunk.SpoolId, outcome.Duplicates, outcome.Rejected);
        }

        foreach ((string? customer, BucketDeltas deltas) in added)
        {
            await situation.ActForAsync(connection, customer, cancel);
            await PostgresBuckets.AddAsync(connection, deltas, part: 0, cancel);
        }

        ProtocolStep.Pass("commit");
        await transaction.CommitAsync(cancel);
        ProtocolStep.Pass("commit done");
        return outcome;

        // Moves the position where that waits for the chunk before.
        async Task FollowAsync()
        {
            if (situation.Advanced)
                return;

            await chunk.After!.WaitAsync(LongestTurn, cancel);
            await using NpgsqlBatch batch = new(connection) { BatchCommands = { AdvanceOf(chunk) } };
            if (await batch.ExecuteScalarAsync(cancel) is null)
                throw StoreErrors.PositionMismatch(chunk, chunk.StorePosition);

            situation = situation with { Advanced = true };
        }
    }

    private static NpgsqlBatchCommand AdvanceOf(UsageChunk chunk) =>
        PostgresCommands.BatchCommand(chunk.StorePosition == 0 ? Begin : Advance, chunk.SpoolId, chunk.From, chunk.To, chunk.StorePosition);

    /// <summary>Moves the spool's position, unless a chunk before has to be stored first, and reads in the same round trip all that judging and pricing need.</summary>
    private static async Task<Situation> LookAsync(NpgsqlConnection connection, UsageChunk chunk, string[] customers, CancellationToken cancel)
    {
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                chunk.After is null ? AdvanceOf(chunk) : PostgresCommands.BatchCommand("SELECT WHERE false"),
                PostgresCommands.BatchCommand(PostgresSettings.SelectStoreId),
                PostgresCommands.BatchCommand(SelectKnown, PostgresCommands.TextArray(customers)),
                PostgresCommands.BatchCommand(PostgresSettings.SelectServices),
                PostgresCommands.BatchCommand(PostgresSettings.SelectBytes),
                PostgresCommands.BatchCommand(PostgresSettings.SelectPlans, PostgresCommands.TextArray(customers)),
                PostgresCommands.BatchCommand(PostgresSettings.SelectPrices, PostgresCommands.TextArray(customers)),
                PostgresCommands.BatchCommand($"SELECT row_security_active('billing_usage_records'), ({PostgresSettings.SelectCreatesCustomers}), {PostgresSettings.IsCopy}, {PostgresDistribution.IsDistributed}"),
            },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        bool advanced = await reader.ReadAsync(cancel);
        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        var storeId = Guid.Parse(reader.GetString(0));
        await reader.NextResultAsync(cancel);
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
            known.Add(reader.GetString(0));

        await reader.NextResultAsync(cancel);
        ServiceCatalogue catalogue = await PostgresSettings.ReadCatalogueAsync(reader, cancel);
        await reader.NextResultAsync(cancel);
        PriceList prices = await PostgresSettings.ReadPricesAsync(reader, cancel);
        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        return new Situation(advanced, storeId, known, catalogue, prices, reader.GetBoolean(0))
        {
            IsCopy = reader.GetBoolean(2),
            CreatesCustomers = chunk.AutoCreateCustomers ?? StoreStates.CreatesCustomers(reader.IsDBNull(1) ? null : reader.GetString(1)),
            IsDistributed = reader.GetBoolean(3),
        };
    }

    private static async Task<ChunkOutcome> SettledAsync(NpgsqlConnection connection, UsageChunk chunk, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(
            "SELECT position, last_from, last_duplicates, last_rejected FROM usage_spools WHERE spool_id = $1", chunk.SpoolId);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        long position = await reader.ReadAsync(cancel) ? reader.GetInt64(0) : 0;
        if (position != chunk.To || reader.GetInt64(1) != chunk.From)
            throw StoreErrors.PositionMismatch(chunk, position);

        (long duplicates, long rejected) = (reader.GetInt64(2), reader.GetInt64(3));
        return new ChunkOutcome(chunk.Records.Count - duplicates - rejected, duplicates, rejected);
    }

    /// <summary>Reads what policies show of each customer only while it is asked for: whether it is known, and its prices.</summary>
    private static async Task AskForEachAsync(NpgsqlConnection connection, Situation situation, string[] customers, CancellationToken cancel)
    {
        foreach (string customer in customers)
        {
            await situation.ActForAsync(connection, customer, cancel);
            NpgsqlParameter asked = PostgresCommands.TextArray([customer]);
            await using NpgsqlBatch batch = new(connection)
            {
                BatchCommands =
                {
                    PostgresCommands.BatchCommand(SelectKnown, asked),
                    PostgresCommands.BatchCommand(PostgresSettings.SelectPlans, asked.Clone()),
                    PostgresCommands.BatchCommand(PostgresSettings.SelectPrices, asked.Clone()),
                },
            };
            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
            if (await reader.ReadAsync(cancel))
                situation.Customers.Add(customer);

            await reader.NextResultAsync(cancel);
            situation.OwnPrices[customer] = await PostgresSettings.ReadPricesAsync(reader, cancel);
        }
    }

    private static async Task<List<(string? CustomerId, BucketDeltas Deltas)>> CopyAsync(
        NpgsqlConnection connection, IEnumerable<UsageRecord> records, UsageChunk chunk, Situation situation, bool byInsert, CancellationToken cancel)
    {
        var added = new List<(string? CustomerId, BucketDeltas Deltas)>();
        bool keyed = chunk.Traits.HaveEventKeys;
        ReadOnlyMemory<long> ids = chunk.Ids;
        string columns = keyed ? Columns + ", event_key" : Columns;
        string table = "billing_usage_records";
        if (situation.RowSecurity || byInsert)
        {
            // These are sorted by customer, or in trouble: the order of their ids says nothing.
            ids = default;
            // PostgreSQL refuses COPY FROM to a role under row-level security, but not INSERT.
            table = "usage_copy";
            await connection.ExecuteAsync(
                $"CREATE TEMPORARY TABLE usage_copy ON COMMIT DROP AS SELECT {Columns}, event_key FROM billing_usage_records WITH NO DATA", cancel);
        }

        foreach ((string? customer, IEnumerable<UsageRecord> part) in situation.PartsOf(records, r => r.CustomerId))
        {
            var deltas = new BucketDeltas();
            Copy(connection, $"COPY {table} ({(ids.IsEmpty ? "" : "usage_id, ")}{columns}) FROM STDIN (FORMAT BINARY)", part, ids, keyed, situation.PricesOf(customer), deltas, situation.RowSecurity ? null : chunk.WhenSent, cancel);
            added.Add((customer, deltas));
            await situation.ActForAsync(connection, customer, cancel);
            if (byInsert)
            {
                // Nothing conflicts; without the clause Citus would make a COPY of it.
                await connection.ExecuteAsync($"INSERT INTO billing_usage_records ({columns}) SELECT {columns} FROM usage_copy ON CONFLICT DO NOTHING", cancel);
            }
            else if (situation.RowSecurity)
            {
                await connection.ExecuteAsync(
                    $"INSERT INTO billing_usage_records ({columns}) SELECT {columns} FROM usage_copy WHERE customer_id = $1", cancel, customer!);
            }
        }

        return added;
    }

    private static void Copy(
        NpgsqlConnection connection, string sql, IEnumerable<UsageRecord> records, ReadOnlyMemory<long> ids, bool keyed, PriceList prices, BucketDeltas deltas,
        Action? whenSent, CancellationToken cancel)
    {
        // Synchronous on purpose: the drain has a thread of its own, and an await per value would cost more than the value.
        using BinaryRows rows = BinaryRows.Begin(connection, sql);
        int columns = 7 + (ids.IsEmpty ? 0 : 1) + (keyed ? 1 : 0);
        int row = 0;
        foreach (UsageRecord record in records)
        {
            if (row % RowsBetweenCancelChecks == 0)
                cancel.ThrowIfCancellationRequested();

            decimal unitCost = record.UnitCost ?? prices.UnitCostAt(record.CustomerId, record.Service, record.Timestamp);
            deltas.Add(record, unitCost);
            rows.StartRow(columns);
            if (!ids.IsEmpty)
                rows.Write(ids.Span[row]);

            row++;
            rows.Write(record.CustomerId);
            rows.Write(record.Service);
            rows.Write(record.Quantity);
            rows.Write(unitCost);
            rows.WriteJson(record.Metadata.Bytes);
            rows.Write(record.Timestamp);
            rows.Write(true);
            if (!keyed)
                continue;

            if (record.EventKey is null)
                rows.WriteNull();
            else
                rows.Write(record.EventKey);
        }

        rows.Send();
        whenSent?.Invoke();
        rows.Complete();
    }

    private sealed record Situation(
        bool Advanced, Guid StoreId, HashSet<string> Customers, ServiceCatalogue Catalogue, PriceList Prices, bool RowSecurity)
    {
        public bool CreatesCustomers { get; init; }

        public bool IsCopy { get; init; }
        public bool IsDistributed { get; init; }

        /// <summary>What policies show to each customer.</summary>
        public Dictionary<string, PriceList> OwnPrices { get; } = new(StringComparer.Ordinal);

        public PriceList PricesOf(string? customer) => customer is null ? Prices : OwnPrices.GetValueOrDefault(customer, Prices);

        /// <summary>Everything at once, or by customer where each has to be asked for, in the order of the buckets' keys.</summary>
        public IEnumerable<(string? Customer, IEnumerable<T> Part)> PartsOf<T>(IEnumerable<T> all, Func<T, string> customer) =>
            RowSecurity ? all.GroupBy(customer).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => ((string?)g.Key, (IEnumerable<T>)g))
            : [(null, all)];

        public Task ActForAsync(NpgsqlConnection connection, string? customer, CancellationToken cancel) =>
            RowSecurity ? PostgresSource.ActForAsync(connection, customer!, cancel) : Task.CompletedTask;
    }
}
