using System.Diagnostics;
using System.Globalization;
using Npgsql;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

/// <summary>What becomes of an adopted table that is partitioned, and of those who use it meanwhile.</summary>
public sealed class PartitioningTests() : OnTestStore(() => TestStore.CreateEmptyAsync(StoreKind.PostgreSql))
{
    // Another program's own books, by a trigger that goes with the table.
    private const string KeepBooks =
        """
        CREATE TABLE books (LIKE billing_usage_records);
        CREATE UNIQUE INDEX ON books (usage_id);
        INSERT INTO books SELECT * FROM billing_usage_records;
        CREATE FUNCTION keep_books() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                DELETE FROM books WHERE usage_id = OLD.usage_id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO books SELECT NEW.*;
            END IF;
            RETURN NULL;
        END
        $body$;
        CREATE TRIGGER keep_books AFTER INSERT OR UPDATE OR DELETE ON billing_usage_records FOR EACH ROW EXECUTE FUNCTION keep_books();
        """;

    private const string OffTheBooks =
        "SELECT count(*) FROM ((TABLE books EXCEPT ALL TABLE billing_usage_records) UNION ALL (TABLE billing_usage_records EXCEPT ALL TABLE books)) x";

    private const string Partitions =
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'billing_usage_records'::regclass";

    private const string LeftOver =
        """
        SELECT coalesce(string_agg(name, ' '), '') FROM (
            SELECT relname AS name FROM pg_class WHERE relname LIKE '%partition%' AND relnamespace = 'public'::regnamespace
            UNION ALL SELECT proname FROM pg_proc WHERE proname LIKE '%partition_change%'
            UNION ALL SELECT name FROM usage_settings WHERE name LIKE 'partition%') x
        """;

    [Fact]
    public async Task A_hundred_thousand_rows_are_partitioned_while_others_write_change_delete_and_read()
    {
        long rows = long.Parse(Environment.GetEnvironmentVariable("USAGE_TEST_ROWS") ?? "100000", CultureInfo.InvariantCulture);
        await AdoptAsync(NselfDatabase.ManyRows);
        for (long more = 100_000; more < rows; more += 100_000)
        {
            await Test.QueryAsync(FormattableString.Invariant(
                $"""
                INSERT INTO billing_usage_records (customer_id, service_name, quantity, recorded_at)
                SELECT (ARRAY['acme', 'globex', 'Zeta'])[1 + n % 3], 'api', n % 100, timestamptz '2025-01-01 00:00:00+00' + ({more} + n) * interval '30 seconds' FROM generate_series(1, 100000) n
                """));
            await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        }

        await Test.QueryAsync(KeepBooks);
        List<string> history = await HistoryAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        TimeSpan longest = TimeSpan.Zero;
        long written = 0;
        Task[] others =
        [
            LoopAsync(async n =>
            {
                // Months that there are and months that there are not, so that partitions are needed on the way.
                await Store.WriteAsync(
                    Record("api", 1, Utc(2025, 1 + (n % 12), 3), "acme", key: $"k{n}"), Record("storage", 2, Utc(2019, 1 + (n % 12), 1), "globex"),
                    Record("api", 1, DateTimeOffset.UtcNow, "Zeta"));
                Interlocked.Add(ref written, 3);
            }),
            SqlLoopAsync("INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata) SELECT 'acme', 'theirs', n, 0.5, '{\"by\": \"them\"}' FROM generate_series(1, 20) n"),
            SqlLoopAsync("UPDATE billing_usage_records SET invoice_id = 'inv-' || usage_id WHERE usage_id IN (SELECT 1000 + (random() * 50000)::bigint FROM generate_series(1, 3))"),
            SqlLoopAsync("DELETE FROM billing_usage_records WHERE usage_id IN (SELECT usage_id FROM billing_usage_records WHERE service_name = 'theirs' AND aggregated IS NOT TRUE ORDER BY usage_id LIMIT 3)"),
            LoopAsync(async _ => Assert.Equal(history, await HistoryAsync()), isTimed: false),
        ];
        await Task.Delay(300, Cancel);

        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<string> steps = await Store.InitializeAsync(StoreLayout.Partitioned, new InitializeProgress(), Cancel);
        TimeSpan taken = Stopwatch.GetElapsedTime(started);

        await Task.Delay(1000, Cancel);
        await stop.CancelAsync();
        await Task.WhenAll(others);
        TestContext.Current.TestOutputHelper?.WriteLine($"partitioned {rows:N0} rows in {taken}; {await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records")} in the end; nobody waited longer than {longest}");

        Assert.Equal(4, steps.Count);
        Assert.Equal("p", await Test.ScalarAsync("SELECT relkind FROM pg_class WHERE oid = 'billing_usage_records'::regclass"));
        Assert.Equal("0", await Test.ScalarAsync(OffTheBooks));
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM (SELECT usage_id FROM billing_usage_records GROUP BY 1 HAVING count(*) > 1) x"));
        Assert.Equal("", await Test.ScalarAsync(LeftOver));
        Assert.InRange(longest.TotalSeconds, 0, 2);
        Assert.True(written > 0);
        Assert.True(int.Parse(await Test.ScalarAsync(Partitions), CultureInfo.InvariantCulture) > 24);
        Assert.Equal("True", await Test.ScalarAsync("SELECT bool_and(to_char(recorded_at AT TIME ZONE 'UTC', '\"billing_usage_records_\"YYYY_MM') = tableoid::regclass::text) FROM billing_usage_records"));
        await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        await ExpectSilenceAsync();
        Assert.Empty(await Store.PlanInitializeAsync(StoreLayout.Partitioned, Cancel));
        Assert.Empty(await Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel));

        // A report takes its own time; a writer has next to nothing to do but wait.
        Task LoopAsync(Func<int, Task> work, bool isTimed = true) => Task.Run(async () =>
        {
            for (int n = 0; !stop.IsCancellationRequested; n++)
            {
                long began = Stopwatch.GetTimestamp();
                await work(n);
                TimeSpan wait = Stopwatch.GetElapsedTime(began);
                lock (history)
                    longest = isTimed && wait > longest ? wait : longest;

                await Task.Delay(20, CancellationToken.None);
            }
        });

        Task SqlLoopAsync(string sql)
        {
            return Task.Run(async () =>
            {
                await using var connection = new NpgsqlConnection(Test.ConnectionString);
                await connection.OpenAsync(CancellationToken.None);
                await LoopAsync(async _ =>
                {
                    // Prepared, as programs have it: a plan of before must not outlive the table.
                    await using var command = new NpgsqlCommand(sql, connection);
                    await command.PrepareAsync(CancellationToken.None);
                    await command.ExecuteNonQueryAsync(CancellationToken.None);
                });
            });
        }
    }

    [Fact]
    public async Task Broken_off_anywhere_it_goes_on_and_loses_and_doubles_nothing()
    {
        await AdoptAsync(NselfDatabase.ManyRows);
        await Test.QueryAsync(KeepBooks);
        var random = new Random(20260101);
        // Each step once by cancelling and once by killing the session, also when the store tries once more; the copy several times.
        Queue<(string Step, int Times, bool Kill)> breaks = new(
            ((string[])["begun", "copy", "copy", "copy", "catch up", "compared", "in place", "in place done"])
            .SelectMany(s => (bool[])[false, true], (s, kill) => ("partition " + s, s == "copy" ? random.Next(1, 4) : 1, kill)));
        var brokenOff = new List<string>();
        try
        {
            while (true)
            {
                (string step, int times, bool kill) = breaks.TryDequeue(out var next) ? next : ("", 0, false);
                using var cut = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
                ProtocolStep.Passed = passed =>
                {
                    if (passed != step || --times > 0)
                        return;

                    if (kill)
                        Test.QueryAsync("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Wait();
                    else
                        cut.Cancel();
                };
                try
                {
                    await Store.InitializeAsync(StoreLayout.Partitioned, null, cut.Token);
                }
                catch (Exception error) when (error is OperationCanceledException or UsageException { Kind: UsageErrorKind.StoreUnavailable })
                {
                    brokenOff.Add($"{step} {kill}");
                }

                // In between, a life goes on: enough for a second round of catching up.
                await Test.QueryAsync(
                    """
                    INSERT INTO billing_usage_records (customer_id, service_name, quantity) SELECT 'acme', 'theirs', n FROM generate_series(1, 2500) n;
                    UPDATE billing_usage_records SET invoice_id = 'again' WHERE usage_id % 97 = 3 AND invoice_id IS DISTINCT FROM 'again';
                    UPDATE billing_usage_records SET recorded_at = timestamptz '2025-06-15 00:00:00+00' + usage_id * interval '1 second' WHERE usage_id % 1001 = 5;
                    DELETE FROM billing_usage_records WHERE usage_id IN (SELECT usage_id FROM billing_usage_records ORDER BY usage_id DESC LIMIT 100);
                    """);
                Assert.Equal("0", await Test.ScalarAsync(OffTheBooks));
                if (step.Length == 0)
                    break;
            }
        }
        finally
        {
            ProtocolStep.Passed = null;
        }

        Assert.Equal("p", await Test.ScalarAsync("SELECT relkind FROM pg_class WHERE oid = 'billing_usage_records'::regclass"));
        Assert.Equal("", await Test.ScalarAsync(LeftOver));
        // All but the last: after the table is in place there is no more to break off.
        Assert.True(brokenOff.Count == 15, string.Join(", ", brokenOff));
    }

    [Fact]
    public async Task What_belongs_to_the_table_belongs_to_it_afterwards()
    {
        string role = "nself_" + Guid.NewGuid().ToString("N")[..8];
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage + NselfDatabase.Policies);
        await Test.QueryAsync(
            $"""
            CREATE ROLE {role} LOGIN;
            GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role};
            GRANT UPDATE (invoice_id) ON billing_usage_records TO {role} WITH GRANT OPTION;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
            COMMENT ON TABLE billing_usage_records IS 'What was used';
            COMMENT ON COLUMN billing_usage_records.quantity IS 'How much';
            ALTER TABLE billing_usage_records ADD CONSTRAINT positive CHECK (quantity > -1000000), FORCE ROW LEVEL SECURITY;
            CREATE MATERIALIZED VIEW usage_kept AS SELECT service_name, count(*) AS n FROM billing_usage_records GROUP BY 1;
            CREATE UNIQUE INDEX usage_kept_key ON usage_kept (service_name);
            CREATE VIEW usage_most AS SELECT max(n) AS most FROM usage_kept;
            """);
        try
        {
            await Store.InitializeAsync(Cancel);
            string[] same =
            [
                "SELECT relowner, relacl::text, relrowsecurity, relforcerowsecurity, obj_description(oid, 'pg_class') FROM pg_class WHERE oid = 'billing_usage_records'::regclass",
                "SELECT attname, attacl::text, format_type(atttypid, atttypmod), attcollation, col_description(attrelid, attnum), pg_get_expr(adbin, adrelid) FROM pg_attribute a LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum WHERE attrelid = 'billing_usage_records'::regclass AND attnum > 0 ORDER BY 1",
                "SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies WHERE tablename = 'billing_usage_records' ORDER BY 2",
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'billing_usage_records'::regclass AND contype IN ('c', 'f') ORDER BY 1",
                "SELECT relname FROM pg_class c JOIN pg_index ON indexrelid = c.oid WHERE indrelid = 'billing_usage_records'::regclass AND NOT indisprimary AND relname LIKE 'idx%' ORDER BY 1",
                "SELECT relname, pg_get_viewdef(oid), relkind, relacl::text FROM pg_class WHERE relname IN ('usage_kept', 'usage_most', 'usage_by_service', 'usage_days') ORDER BY 1",
                "SELECT pg_get_serial_sequence('billing_usage_records', 'usage_id')",
                "SELECT * FROM usage_kept ORDER BY 1",
                "SELECT * FROM usage_most",
                "SELECT * FROM get_quota_usage('acme', 'api')",
                "SELECT * FROM billing_usage_records ORDER BY usage_id",
            ];
            var before = new List<IReadOnlyList<string[]>>();
            foreach (string sql in same)
                before.Add(await Test.QueryAsync(sql));

            await Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel);

            for (int i = 0; i < same.Length; i++)
                Assert.Equal(before[i], await Test.QueryAsync(same[i]));

            Assert.Equal("", await Test.ScalarAsync(LeftOver));
            Assert.Equal(
                ["billing_usage_records_corrections", "billing_usage_records_pkey", "billing_usage_records_unaggregated", "billing_usage_records_usage_id_idx"],
                (await Test.QueryAsync("SELECT relname FROM pg_class c JOIN pg_index ON indexrelid = c.oid WHERE indrelid = 'billing_usage_records'::regclass AND relname NOT LIKE 'idx%' ORDER BY 1")).Select(r => r[0]));
            Assert.Equal("PRIMARY KEY (recorded_at, usage_id, customer_id)", await Test.ScalarAsync("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'billing_usage_records'::regclass AND contype = 'p'"));

            // A role under policies goes on writing, into a month that there is not yet too; nself's refresh folds in, and its functions count.
            await using IUsageStore asRole = new PostgresStore(Test.ConnectionString + ";Username=" + role);
            await Test.QueryAsync($"GRANT UPDATE ON ALL TABLES IN SCHEMA public TO {role}");
            Assert.Equal(new ChunkOutcome(2, 0, 0), await asRole.WriteAsync(
                new UsageChunk(Guid.NewGuid(), 0, [Record("api", 1, DateTimeOffset.UtcNow, "acme"), Record("api", 1, Utc(2016, 5, 5), "globex")], AutoCreateCustomers: false), Cancel));
            await Test.QueryAsync("INSERT INTO billing_usage_records (customer_id, service_name, quantity) VALUES ('acme', 'api', 23); SELECT refresh_billing_usage_summary()");
            Assert.Equal("300", await Test.ScalarAsync("SELECT trim_scale(current_usage) FROM get_quota_usage('acme', 'api')"));
            Assert.Equal("True", await Test.ScalarAsync("SELECT is_quota_exceeded('acme', 'api', 9701)"));
            await Test.QueryAsync("DELETE FROM billing_customers WHERE customer_id = 'Zeta'");
            Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE customer_id = 'Zeta'"));
        }
        finally
        {
            await Test.QueryAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task Rows_without_a_time_are_set_aside_and_those_of_any_time_have_their_month()
    {
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage);
        await Test.QueryAsync(
            """
            INSERT INTO billing_usage_records (customer_id, service_name, quantity, recorded_at)
            VALUES ('acme', 'api', 1, NULL), ('acme', 'api', 2, 'infinity'), ('acme', 'api', 3, '1970-01-01Z'), ('acme', 'api', 4, '2099-12-31 23:59:59Z');
            """);
        await Store.InitializeAsync(Cancel);

        IReadOnlyList<string> plan = await Store.PlanInitializeAsync(StoreLayout.Partitioned, Cancel);
        Assert.Equal(5, plan.Count);
        Assert.StartsWith("copy 27 rows of 5 months (1970-01 to 2099-12)", plan[1], StringComparison.Ordinal);
        Assert.StartsWith("set aside 2 rows without a time in billing_usage_records_untimed", plan[2], StringComparison.Ordinal);
        Assert.Equal("r", await Test.ScalarAsync("SELECT relkind FROM pg_class WHERE oid = 'billing_usage_records'::regclass"));
        Assert.Equal(plan, await Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel));

        Assert.Equal("1 2", await Test.ScalarAsync("SELECT string_agg(trim_scale(quantity)::text, ' ' ORDER BY quantity) FROM billing_usage_records_untimed"));
        Assert.Equal("27", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal("3 4", await Test.ScalarAsync("SELECT (SELECT trim_scale(quantity) FROM billing_usage_records_1970_01) || ' ' || (SELECT trim_scale(quantity) FROM billing_usage_records_2099_12)"));
        await ExpectSilenceAsync();
        Assert.Empty(await Store.PlanInitializeAsync(StoreLayout.Partitioned, Cancel));
    }

    [Fact]
    public async Task Archives_drop_its_partitions_and_the_next_month_is_made_ahead()
    {
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage);
        await Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel);
        Assert.Equal("True", await Test.ScalarAsync("SELECT to_regclass('billing_usage_records_2024_02') IS NOT NULL"));
        Assert.Empty((await Store.GetServerStateAsync(Cancel))!.MissingMonths!);

        var records = new List<ArchivedRecord>();
        await using (IArchiveRun run = await Store.BeginArchiveAsync(new ArchiveScope(UsageFilter.All, Utc(2025, 6, 1), IncludeUninvoiced: true), Cancel))
        {
            await foreach (IReadOnlyList<ArchivedRecord> page in run.ReadAsync(Cancel))
                records.AddRange(page);

            await run.CompleteAsync(
                new StoredArchive { Id = Guid.NewGuid(), Path = "a", CustomerIds = ["Zeta", "globex"], Records = records.Count, Start = records[0].RecordedAt, End = records[^1].RecordedAt.AddTicks(10), Sha256 = "" },
                Cancel);
        }

        Assert.Equal(2, records.Count);
        Assert.Equal("True", await Test.ScalarAsync("SELECT to_regclass('billing_usage_records_2024_02') IS NULL AND to_regclass('billing_usage_records_2025_01') IS NULL"));
        await ExpectSilenceAsync();

        DateTime next = DateTime.UtcNow.AddMonths(1);
        await Test.QueryAsync(FormattableString.Invariant($"DROP TABLE billing_usage_records_{next:yyyy_MM}"));
        Assert.Equal([new DateOnly(next.Year, next.Month, 1)], (await Store.GetServerStateAsync(Cancel))!.MissingMonths!);
        await using IUsageStore another = Test.OpenAgain();
        await another.WriteAsync(Record("api", 1, DateTimeOffset.UtcNow, "acme"));
        Assert.Empty((await Store.GetServerStateAsync(Cancel))!.MissingMonths!);
    }

    [Fact]
    public async Task A_writer_that_knew_its_month_before_finds_it_made_for_it_afterwards()
    {
        await AdoptAsync("");
        await Store.WriteAsync(Record("api", 1, Utc(2017, 7, 1), "acme"));
        await Test.QueryAsync("DELETE FROM billing_usage_records WHERE recorded_at = '2017-07-01Z'");
        await using (IUsageStore another = Test.OpenAgain())
            await another.InitializeAsync(StoreLayout.Partitioned, null, Cancel);

        Assert.Equal(new ChunkOutcome(1, 0, 0), await Store.WriteAsync(Record("api", 1, Utc(2017, 7, 1), "acme")));
        Assert.Equal("1", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records_2017_07"));
    }

    [Fact]
    public async Task An_emptied_or_altered_table_is_copied_as_it_is_in_the_end()
    {
        await AdoptAsync(NselfDatabase.ManyRows);
        await BreakOffAsync("partition copy");
        await Test.QueryAsync("TRUNCATE billing_usage_records; INSERT INTO billing_usage_records (usage_id, customer_id, service_name) VALUES (7, 'acme', 'api'), (99999, 'acme', 'api')");
        await BreakOffAsync("partition compared");
        await Test.QueryAsync("ALTER TABLE billing_usage_records ADD COLUMN more text DEFAULT 'more'; CREATE INDEX more ON billing_usage_records (more)");

        await Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel);

        Assert.Equal(["7 more", "99999 more"], (await Test.QueryAsync("SELECT usage_id || ' ' || more FROM billing_usage_records ORDER BY usage_id")).Select(r => r[0]));
        Assert.Equal("True", await Test.ScalarAsync("SELECT relkind = 'I' FROM pg_class WHERE relname = 'more'"));
        Assert.Equal("", await Test.ScalarAsync(LeftOver));
    }

    [Fact]
    public async Task What_was_written_past_the_triggers_is_noticed_and_nothing_is_put_in_place()
    {
        await AdoptAsync("");
        await BreakOffAsync("partition compared");
        await Test.QueryAsync("ALTER TABLE billing_usage_records DISABLE TRIGGER USER; UPDATE billing_usage_records SET metadata = '{\"x\": 1}' WHERE usage_id = 5; ALTER TABLE billing_usage_records ENABLE TRIGGER USER");

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel));

        Assert.Equal("PartitionsDiffer", error.ErrorId);
        Assert.Equal("r", await Test.ScalarAsync("SELECT relkind FROM pg_class WHERE oid = 'billing_usage_records'::regclass"));
        Assert.Equal("", await Test.ScalarAsync(LeftOver));
        await Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel);
        Assert.Equal("{\"x\": 1}", await Test.ScalarAsync("SELECT metadata FROM billing_usage_records WHERE usage_id = 5"));
    }

    [Fact]
    public async Task It_gives_way_to_a_long_transaction_and_nobody_waits_behind_it_for_long()
    {
        await AdoptAsync("");
        await using var connection = new NpgsqlConnection(Test.ConnectionString);
        await connection.OpenAsync(Cancel);
        await using NpgsqlTransaction longOne = await connection.BeginTransactionAsync(Cancel);
        await using var read = new NpgsqlCommand("SELECT count(*) FROM billing_usage_records", connection);
        await read.ExecuteScalarAsync(Cancel);

        Task<IReadOnlyList<string>> partitioning = Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel);
        TimeSpan longest = TimeSpan.Zero;
        for (int i = 0; i < 40; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await Test.QueryAsync("INSERT INTO billing_usage_records (customer_id, service_name) VALUES ('acme', 'api')");
            longest = Stopwatch.GetElapsedTime(began) is var wait && wait > longest ? wait : longest;
            await Task.Delay(50, Cancel);
        }

        Assert.False(partitioning.IsCompleted);
        Assert.InRange(longest.TotalSeconds, 0, 1.5);
        await longOne.CommitAsync(Cancel);
        await partitioning;
        Assert.Equal("65", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
    }

    [Fact]
    public async Task A_table_that_a_foreign_key_refers_to_is_left_alone()
    {
        await AdoptAsync("CREATE TABLE disputes (usage_id bigint REFERENCES billing_usage_records);");

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Store.PlanInitializeAsync(StoreLayout.Partitioned, Cancel));

        Assert.Equal("CannotPartition", error.ErrorId);
        Assert.Contains("disputes_usage_id_fkey of disputes refers to it", error.Message, StringComparison.Ordinal);
        Assert.Equal("", await Test.ScalarAsync(LeftOver));
    }

    [Fact]
    public async Task A_store_of_our_own_is_partitioned_already_and_a_file_never_is()
    {
        Assert.DoesNotContain(await Store.PlanInitializeAsync(StoreLayout.Partitioned, Cancel), s => s.StartsWith("copy", StringComparison.Ordinal));
        await Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel);
        Assert.Empty(await Store.PlanInitializeAsync(StoreLayout.Partitioned, Cancel));
        Assert.Equal("3", await Test.ScalarAsync(Partitions));

        await using TestStore file = await TestStore.CreateEmptyAsync(StoreKind.Sqlite);
        foreach (Func<Task> call in (Func<Task>[])[() => file.Store.PlanInitializeAsync(StoreLayout.Partitioned, Cancel), () => file.Store.InitializeAsync(StoreLayout.Partitioned, null, Cancel)])
            Assert.Equal("LayoutNotSupported", (await Assert.ThrowsAsync<UsageException>(call)).ErrorId);
        Assert.False(File.Exists(file.Store.Address.Path));
    }

    private async Task AdoptAsync(string more)
    {
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage + more);
        await Store.InitializeAsync(Cancel);
    }

    private async Task BreakOffAsync(string step)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        ProtocolStep.Passed = passed =>
        {
            if (passed == step)
                cut.Cancel();
        };
        try
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.InitializeAsync(StoreLayout.Partitioned, null, cut.Token));
        }
        finally
        {
            ProtocolStep.Passed = null;
        }
    }

    /// <summary>Figures of months that nobody writes to meanwhile, from the buckets and from the records.</summary>
    private async Task<List<string>> HistoryAsync()
    {
        List<DateTimeOffset> bounds = [Utc(2024, 1, 1), Utc(2024, 7, 1), Utc(2025, 1, 1)];
        List<DateTimeOffset> days = [Utc(2025, 3, 5), Utc(2025, 3, 6), Utc(2025, 3, 7)];
        IReadOnlyList<PeriodFigures> figures =
        [
            .. await Store.SumBucketsAsync(UsageFilter.All, bounds, FigureParts.All, Cancel),
            .. await Store.SumBucketsAsync(UsageFilter.All, days, FigureParts.All, Cancel),
            .. await Store.SumRecordsAsync(UsageFilter.All, days, Cancel),
        ];
        return [.. figures.Select(f => FormattableString.Invariant($"{f.CustomerId} {f.Service} {f.Period} {f.Figures.Events} {f.Figures.Quantity} {f.Figures.Cost}")).Order(StringComparer.Ordinal)];
    }

    private async Task ExpectSilenceAsync()
    {
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
    }
}
