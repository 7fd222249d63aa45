using System.Diagnostics;
using Npgsql;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

/// <summary>What becomes of an nself database.</summary>
public sealed class AdoptionTests() : OnTestStore(() =>
{
    CitusServer.SkipHere("The table of an nself database is not partitioned, and its key leaves out the customer: Citus cannot distribute it.");
    return TestStore.CreateEmptyAsync(StoreKind.PostgreSql);
})
{
    private const string RecordSums =
        """
        SELECT customer_id, service_name, (recorded_at AT TIME ZONE 'UTC')::date::text, count(*), trim_scale(sum(quantity)), trim_scale(sum(quantity * coalesce(unit_cost, 0)))
        FROM billing_usage_records GROUP BY 1, 2, 3 ORDER BY customer_id COLLATE "C", service_name COLLATE "C", 3
        """;

    private const string SummarySums =
        """
        SELECT customer_id, service_name, usage_date::text, event_count, trim_scale(total_quantity), trim_scale(coalesce(total_cost, 0))
        FROM billing_usage_daily_summary ORDER BY customer_id COLLATE "C", service_name COLLATE "C", 3
        """;

    [Fact]
    public async Task A_hundred_thousand_rows_are_in_every_total_within_ten_seconds()
    {
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage + NselfDatabase.ManyRows);
        IReadOnlyList<string[]> before = await Test.QueryAsync(RecordSums);
        Assert.Equal(before, await Test.QueryAsync("SET timezone = 'UTC'; REFRESH MATERIALIZED VIEW billing_usage_daily_summary; " + SummarySums));

        long started = Stopwatch.GetTimestamp();
        await Store.InitializeAsync(Cancel);
        TimeSpan taken = Stopwatch.GetElapsedTime(started);

        TestContext.Current.TestOutputHelper?.WriteLine($"adopted in {taken}");
        Assert.InRange(taken.TotalSeconds, 0, 10);
        Assert.Equal(before, await Test.QueryAsync(RecordSums));
        Assert.Equal(before, await Test.QueryAsync(SummarySums));
        var days = Enumerable.Range(0, 1000).Select(d => Utc(2024, 2, 29).AddDays(d)).ToList();
        IReadOnlyList<PeriodFigures> figures = await Store.SumBucketsAsync(UsageFilter.All, days, FigureParts.All, Cancel);
        Assert.Equal(
            before.Select(r => string.Join(' ', r)),
            figures.OrderBy(f => f.CustomerId, StringComparer.Ordinal).ThenBy(f => f.Service, StringComparer.Ordinal).ThenBy(f => f.Period)
                .Select(f => FormattableString.Invariant($"{f.CustomerId} {f.Service} {days[f.Period]:yyyy-MM-dd} {f.Figures.Events} {f.Figures.Quantity} {f.Figures.Cost}")));
        await ExpectSilenceAsync();
    }

    [Fact]
    public async Task The_plan_names_each_step_and_changes_nothing_and_a_second_run_has_none()
    {
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage);
        string before = await FingerprintAsync();

        IReadOnlyList<string> plan = await Store.PlanInitializeAsync(Cancel);
        Assert.Equal(before, await FingerprintAsync());
        Assert.DoesNotContain(plan, s => s.StartsWith("create billing_", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, s => s.Contains("policies", StringComparison.Ordinal));
        foreach (string part in (string[])["lock billing_usage_records", "keep quantity and unit_cost exactly", "create usage_buckets", "put back the views", "count the usage", "refresh_billing_usage_summary"])
            Assert.Single(plan, s => s.Contains(part, StringComparison.Ordinal));

        Assert.Equal(plan, await Store.InitializeAsync(Cancel));
        string after = await FingerprintAsync();
        StoreState state = await Store.GetStateAsync(Cancel);
        Assert.Empty(await Store.PlanInitializeAsync(Cancel));
        Assert.Empty(await Store.InitializeAsync(Cancel));
        Assert.Equal(after, await FingerprintAsync());
        Assert.Equal(state, await Store.GetStateAsync(Cancel));
        Assert.True(state.IsInitialized);
    }

    [Fact]
    public async Task What_fails_on_the_way_leaves_the_database_as_it_was()
    {
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage + "CREATE TABLE usage_archives (a int);");
        string before = await FingerprintAsync();

        await Assert.ThrowsAsync<UsageException>(() => Store.InitializeAsync(Cancel));

        Assert.Equal(before, await FingerprintAsync());
    }

    [Fact]
    public async Task Ids_keys_and_what_others_have_over_the_tables_stay()
    {
        string role = NewRole();
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage);
        await Test.QueryAsync(
            $"""
            CREATE ROLE {role} LOGIN;
            GRANT SELECT ON billing_usage_daily_summary, usage_days, usage_by_service TO {role};
            GRANT SELECT (service_name) ON usage_by_service TO PUBLIC;
            ALTER TABLE usage_by_service OWNER TO {role};
            INSERT INTO billing_usage_records (usage_id, customer_id, service_name, recorded_at) VALUES (5000, 'acme', 'api', NULL);
            """);
        try
        {
            string ids = await Test.ScalarAsync("SELECT string_agg(usage_id || ' ' || coalesce(recorded_at::text, '-') || ' ' || quantity, ',' ORDER BY usage_id) FROM billing_usage_records");
            IReadOnlyList<string[]> constraints = await Test.QueryAsync(Constraints);
            IReadOnlyList<string[]> views = await Test.QueryAsync(Views);

            await Store.InitializeAsync(Cancel);

            Assert.Equal(ids, await Test.ScalarAsync("SELECT string_agg(usage_id || ' ' || coalesce(recorded_at::text, '-') || ' ' || quantity, ',' ORDER BY usage_id) FROM billing_usage_records"));
            Assert.Equal(constraints, await Test.QueryAsync(Constraints));
            Assert.Equal(views, await Test.QueryAsync(Views));
            Assert.Equal("bigint", await Test.ScalarAsync("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'billing_quotas'::regclass AND attname = 'limit_value'"));
            Assert.Equal("5001", await Test.ScalarAsync("INSERT INTO billing_usage_records (customer_id, service_name) VALUES ('acme', 'api') RETURNING usage_id"));
            await using NpgsqlDataSource asRole = NpgsqlDataSource.Create(Test.ConnectionString + ";Username=" + role);
            await using NpgsqlCommand read = asRole.CreateCommand("SELECT (SELECT sum(event_count) FROM billing_usage_daily_summary) || ' ' || (SELECT count(*) FROM usage_days)");
            Assert.Equal("25 3", await read.ExecuteScalarAsync(Cancel));
            await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
            await ExpectSilenceAsync();
        }
        finally
        {
            await Test.QueryAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task Nselfs_functions_go_on_working_with_what_both_write()
    {
        await AdoptAsync();
        DateTimeOffset now = DateTimeOffset.UtcNow;

        // 1 + 2 + ... + 23 = 276 of 10,000.
        Assert.Equal(["api", "10000", "276", "2.76", "False"], await QuotaUsageAsync());
        await Store.WriteAsync(Record("api", 0.000000000000000001m, now, "acme", unitCost: 0.0000000001m), Record("api", 9724m, now, "acme"));
        Assert.Equal(["api", "10000", "10000.000000000000000001", "100", "True"], await QuotaUsageAsync());
        Assert.Equal("True", await Test.ScalarAsync("SELECT is_quota_exceeded('acme', 'api')"));
        Assert.Equal("False", await Test.ScalarAsync("SELECT is_quota_exceeded('globex', 'api', 10000)"));

        // Another program writes as before; nself's refresh brings its rows into summary and reports, once.
        await Test.QueryAsync("INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost) VALUES ('globex', 'api', 7, 0.5)");
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_daily_summary WHERE customer_id = 'globex' AND service_name = 'api'"));
        await Test.QueryAsync("SELECT refresh_billing_usage_summary(); SELECT refresh_billing_usage_summary()");
        Assert.Equal(["1", "7", "3.5"], (await Test.QueryAsync("SELECT event_count, total_quantity, trim_scale(total_cost) FROM billing_usage_daily_summary WHERE customer_id = 'globex' AND service_name = 'api'"))[0]);
        await Test.QueryAsync("INSERT INTO billing_usage_records (customer_id, service_name, quantity) VALUES ('globex', 'api', 2)");
        Assert.Equal(1, (await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel)).Records);
        Assert.Equal("9", await Test.ScalarAsync("SELECT sum(total_quantity) FROM billing_usage_daily_summary WHERE customer_id = 'globex' AND service_name = 'api'"));
        await ExpectSilenceAsync();

        async Task<string[]> QuotaUsageAsync() =>
            (await Test.QueryAsync("SELECT service_name, quota_limit, trim_scale(current_usage), trim_scale(percentage), is_exceeded FROM get_quota_usage('acme', 'api')"))[0];
    }

    [Fact]
    public async Task What_was_undone_before_nselfs_refresh_folds_it_in_is_neither_smallest_nor_largest()
    {
        await AdoptAsync();
        await Test.QueryAsync("INSERT INTO billing_usage_records (customer_id, service_name, quantity, recorded_at) VALUES ('globex', 'api', 900, '2026-01-01'), ('globex', 'api', 7, '2026-01-01')");
        string id = await Test.ScalarAsync("SELECT usage_id FROM billing_usage_records WHERE quantity = 900");
        CorrectionOutcome undone = (await Store.CorrectAsync([new RecordCorrection { Id = long.Parse(id, System.Globalization.CultureInfo.InvariantCulture), By = "me", Reason = "a typo" }], Cancel))[0];
        Assert.Null(undone.Error);

        await Test.QueryAsync("SELECT refresh_billing_usage_summary()");

        Assert.Equal(["1", "7", "7", "7"], (await Test.QueryAsync("SELECT event_count, total_quantity, min_quantity, max_quantity FROM usage_buckets WHERE customer_id = 'globex' AND bucket_start = '2026-01-01'"))[0]);
        await ExpectSilenceAsync();
    }

    [Fact]
    public async Task Services_that_were_used_are_in_the_catalogue_and_customers_are_not_made_unasked()
    {
        await AdoptAsync();

        ServiceCatalogue catalogue = await Store.GetCatalogueAsync(Cancel);
        Assert.Equal(new Service("bananas", "units", false, 7), catalogue.Services[^1]);
        Assert.Equal("false", (await Store.GetOptionsAsync(Cancel))["AutoCreateCustomer"]);
        UsageChunk chunk = new(Guid.NewGuid(), 0, [Record("api", 1, Utc(2026, 1, 1), "typo"), Record("api", 1, Utc(2026, 1, 1), "acme")], AutoCreateCustomers: null);
        Assert.Equal(new ChunkOutcome(1, 0, 1), await Store.WriteAsync(chunk, Cancel));
        Assert.Equal(["Zeta", "acme", "globex"], (await Store.GetCustomersAsync(Cancel)).Select(c => c.CustomerId));
    }

    [Fact]
    public async Task Records_are_archived_from_the_adopted_table_and_come_back()
    {
        await AdoptAsync();
        await Store.WriteAsync(Record("api", 0.5m, Utc(2024, 3, 1), "acme", key: "k"));
        IReadOnlyList<string[]> before = await Test.QueryAsync("SELECT * FROM billing_usage_records ORDER BY 1");
        var archiveId = Guid.NewGuid();
        var records = new List<ArchivedRecord>();
        await using (IArchiveRun run = await Store.BeginArchiveAsync(new ArchiveScope(UsageFilter.All, Utc(2025, 6, 1), IncludeUninvoiced: true), Cancel))
        {
            await foreach (IReadOnlyList<ArchivedRecord> page in run.ReadAsync(Cancel))
                records.AddRange(page);

            await run.CompleteAsync(
                new StoredArchive
                {
                    Id = archiveId,
                    Path = "a",
                    CustomerIds = ["Zeta", "acme", "globex"],
                    Records = records.Count,
                    Start = records[0].RecordedAt,
                    End = records[^1].RecordedAt.AddTicks(10),
                    Sha256 = "",
                },
                Cancel);
        }

        Assert.Equal(3, records.Count);
        Assert.Equal("23", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal("26", await Test.ScalarAsync("SELECT sum(event_count) FROM billing_usage_daily_summary"));
        await ExpectSilenceAsync();

        StoredArchive archive = (await Store.FindArchiveAsync(archiveId, Cancel))!;
        Assert.Equal(3, await Store.RestoreArchiveAsync(archive, records, Cancel));
        Assert.Equal(before, await Test.QueryAsync("SELECT * FROM billing_usage_records ORDER BY 1"));
        await ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_role_under_policies_sees_and_writes_what_is_of_the_customer_it_acts_for()
    {
        string role = NewRole();
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage + NselfDatabase.Policies);
        await Test.QueryAsync(
            $"""
            CREATE ROLE {role} LOGIN;
            GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {role};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
            """);
        try
        {
            IReadOnlyList<string[]> policies = await Test.QueryAsync(PoliciesOfNself);
            Assert.Contains(await Store.PlanInitializeAsync(Cancel), s => s.Contains("policies", StringComparison.Ordinal));
            await Store.InitializeAsync(Cancel);
            Assert.Equal(policies, await Test.QueryAsync(PoliciesOfNself));
            Assert.Empty(await Test.QueryAsync(
                "SELECT relname FROM pg_class c WHERE relkind = 'r' AND NOT relrowsecurity AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'customer_id' AND relname LIKE 'usage%')"));

            await using IUsageStore asRole = new PostgresStore(Test.ConnectionString + ";Username=" + role);
            Assert.Equal(["acme api 23 276 2.76"], await FiguresAsync(asRole, "acme"));
            Assert.Equal(["globex storage 1 0.000001 0"], await FiguresAsync(asRole, "globex"));
            Assert.Empty(await FiguresAsync(asRole));
            Assert.Empty(await asRole.GetCustomersAsync(Cancel));
            Assert.Equal("acme", (await asRole.GetCustomersAsync("acme", Cancel)).Single().CustomerId);

            // A connection is asked for another customer at once, and for none: nothing is left of the one before.
            Assert.Equal("0 0", await SeesAsync(role, ""));
            Assert.Equal("1 1", await SeesAsync(role, "SELECT set_config('app.current_customer_id', 'globex', false);"));

            // Several customers in one chunk, one of which nobody knows, with keys; and once more, as after a lost reply.
            UsageChunk chunk = new(
                Guid.NewGuid(), 0,
                [
                    Record("api", 1, Utc(2026, 1, 1), "globex", key: "k"), Record("api", 2, Utc(2026, 1, 1), "acme", key: "k"), Record("api", 4, Utc(2026, 1, 1), "Zeta"),
                    Record("api", 2, Utc(2026, 1, 1), "acme", key: "k"), Record("api", 8, Utc(2026, 1, 1), "stranger"),
                ],
                AutoCreateCustomers: false);
            Assert.Equal(new ChunkOutcome(3, 1, 1), await asRole.WriteAsync(chunk, Cancel));
            Assert.Equal(new ChunkOutcome(3, 1, 1), await asRole.WriteAsync(chunk, Cancel));
            Assert.Equal(new ChunkOutcome(0, 1, 0), await asRole.WriteAsync(Record("api", 1, Utc(2026, 1, 1), "globex", key: "k")));
            Assert.Equal(
                ["Zeta 4 0.0001", "acme 2 0.0001", "globex 1 0.0001"],
                (await Test.QueryAsync("SELECT customer_id, trim_scale(quantity), trim_scale(unit_cost) FROM billing_usage_records WHERE recorded_at = '2026-01-01Z' ORDER BY customer_id COLLATE \"C\"")).Select(r => string.Join(' ', r)));
            Assert.Equal(["Zeta api 1 4 0.0004", "Zeta bananas 1 5 0"], await FiguresAsync(asRole, "Zeta"));
            await ExpectSilenceAsync();
            Assert.Empty(await RejectedAsync(asRole, "acme"));
            long rejected = Assert.Single(await RejectedAsync(asRole, "stranger"));
            Assert.Empty(await asRole.RemoveRejectedAsync([rejected], "acme", Cancel));
            Assert.Equal([rejected], await asRole.RemoveRejectedAsync([rejected], "stranger", Cancel));

            // What else the cmdlets ask and keep.
            int records = 0;
            await foreach (StoredRecord record in asRole.ReadRecordsAsync(new UsageFilter(["acme"], null), TimeRange.Everything, null, false, Cancel))
                records += record.CustomerId == "acme" ? 1 : 100;
            Assert.Equal(24, records);
            Assert.Equal(10_000, (await asRole.GetPlanQuotasAsync(new UsageFilter(["acme"], ["api"]), Cancel)).Single().Limit);
            StoredReading reading = new("m", ReadingKind.Total, Utc(2026, 2, 1), 9) { Usage = 4 };
            await asRole.WriteReadingsAsync(new ReadingChange("acme", "bandwidth", 0, [new ReadingUpdate(null, reading)], false), Cancel);
            Assert.Single((await asRole.GetReadingsAsync("acme", "bandwidth", default, Cancel)).Readings);
            Assert.Empty((await asRole.GetReadingsAsync("globex", "bandwidth", default, Cancel)).Readings);
            Assert.Equal("UnknownCustomer", (await Assert.ThrowsAsync<UsageException>(
                () => asRole.WriteReadingsAsync(new ReadingChange("stranger", "bandwidth", 0, [new ReadingUpdate(null, reading)], false), Cancel))).ErrorId);
            QuotaSetting generous = new()
            {
                CustomerId = "acme",
                Service = "api",
                From = new DateOnly(2026, 1, 1),
                Limit = 1_000_000,
                Enforcement = QuotaEnforcement.Hard,
                Period = QuotaPeriod.Monthly,
                TimeZone = "UTC",
            };
            await Assert.ThrowsAsync<UsageException>(() => asRole.SetQuotaAsync(generous, new DateOnly(2026, 1, 1), Cancel));
            await Store.SetQuotaAsync(generous, new DateOnly(2026, 1, 1), Cancel);
            Assert.Single(await asRole.GetQuotasAsync(new UsageFilter(["acme"], null), Cancel));
            Assert.Empty(await asRole.GetQuotasAsync(new UsageFilter(["globex"], null), Cancel));
            Assert.Equal("RecordsHidden", (await Assert.ThrowsAsync<UsageException>(
                () => asRole.CompareBucketsAsync(new UsageFilter(["acme"], null), TimeRange.Everything, Cancel))).ErrorId);
            await ExpectSilenceAsync();

            // What another program wrote is folded in by a role that may change records.
            await Test.QueryAsync("INSERT INTO billing_usage_records (customer_id, service_name) VALUES ('acme', 'api')");
            Assert.Equal("RecordsFixed", (await Assert.ThrowsAsync<UsageException>(() => asRole.UpdateSummaryAsync(new UsageFilter(["acme"], null), null, Cancel))).ErrorId);
            Assert.Equal(1, (await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel)).Records);

            // An administrator, as nself's policies know one, sees everybody.
            await using IUsageStore asAdmin = new PostgresStore(Test.ConnectionString + $";Username={role};Options=-c app.is_admin=true");
            Assert.Equal(3, (await asAdmin.GetCustomersAsync(Cancel)).Count);
            Assert.Equal(6, (await FiguresAsync(asAdmin)).Count);
        }
        finally
        {
            await Test.QueryAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task Whose_the_records_are_his_are_the_tables_whoever_adopts_them()
    {
        string owner = NewRole();
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage + NselfDatabase.Policies);
        await Test.QueryAsync($"CREATE ROLE {owner} LOGIN; GRANT ALL ON SCHEMA public TO {owner}");
        foreach (string[] relation in await Test.QueryAsync("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')"))
            await Test.QueryAsync($"ALTER TABLE {relation[0]} OWNER TO {owner}");
        try
        {
            await Store.InitializeAsync(Cancel);

            await using IUsageStore asOwner = new PostgresStore(Test.ConnectionString + ";Username=" + owner);
            Assert.Equal(new ChunkOutcome(2, 0, 0), await asOwner.WriteAsync(Record("api", 1, Utc(2026, 1, 1), "acme"), Record("api", 1, Utc(2026, 1, 1), "globex", key: "k")));
            Assert.Empty(await asOwner.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
            Assert.Equal(["acme api 24 277 2.7601", "globex api 1 1 0.0001"], (await FiguresAsync(asOwner)).Where(f => f.Contains("api", StringComparison.Ordinal)));
            Assert.Equal("5 5", await SeesAsync(owner, ""));
            Assert.Empty(await asOwner.InitializeAsync(Cancel));
        }
        finally
        {
            await Test.QueryAsync($"REASSIGN OWNED BY {owner} TO CURRENT_USER; DROP OWNED BY {owner}; DROP ROLE {owner}");
        }
    }

    [Fact]
    public async Task Policies_that_come_later_are_given_to_our_tables_by_the_next_run()
    {
        await AdoptAsync();
        await Test.QueryAsync(NselfDatabase.Policies);

        Assert.Contains("policies", Assert.Single(await Store.PlanInitializeAsync(Cancel)), StringComparison.Ordinal);
        // Nobody has to wait for it.
        Assert.True((await Store.GetStateAsync(Cancel)).IsCurrent);
        Assert.Single(await Store.InitializeAsync(Cancel));
        Assert.Equal("True", await Test.ScalarAsync("SELECT bool_and(relrowsecurity) FROM pg_class WHERE relname IN ('usage_buckets', 'usage_alerts', 'usage_archives')"));
        Assert.Empty(await Store.InitializeAsync(Cancel));
    }

    [Fact]
    public async Task A_table_that_is_not_nselfs_is_refused_with_what_it_lacks()
    {
        await Test.QueryAsync(NselfDatabase.Tables + "ALTER TABLE billing_customers DROP COLUMN project_name; ALTER TABLE billing_usage_records DROP COLUMN invoice_id;");

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Store.PlanInitializeAsync(Cancel));

        Assert.Equal("ForeignSchema", error.ErrorId);
        Assert.Contains("billing_customers.project_name, billing_usage_records.invoice_id are missing", error.Message, StringComparison.Ordinal);
    }

    private const string Constraints = "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text LIKE 'billing%' ORDER BY 1, 2";

    private const string Views = "SELECT relname, relkind <> 'm' OR relname = 'billing_usage_daily_summary', pg_get_userbyid(relowner), coalesce(relacl, acldefault('r', relowner))::text, obj_description(oid, 'pg_class'), (SELECT string_agg(attname || ' ' || attacl::text, ',') FROM pg_attribute WHERE attrelid = c.oid) FROM pg_class c WHERE relname IN ('billing_usage_daily_summary', 'usage_days', 'usage_by_service') ORDER BY 1";

    private const string PoliciesOfNself = "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies WHERE tablename LIKE 'billing%' ORDER BY 1, 2";

    private static async Task<IReadOnlyList<string>> FiguresAsync(IUsageStore store, params string[] customers)
    {
        IReadOnlyList<PeriodFigures> figures = await store.SumBucketsAsync(
            new UsageFilter(customers.Length == 0 ? null : customers, null), [Utc(2000, 1, 1), Utc(2100, 1, 1)], FigureParts.All, Cancel);
        return [.. figures.Select(f => FormattableString.Invariant($"{f.CustomerId} {f.Service} {f.Figures.Events} {f.Figures.Quantity} {f.Figures.Cost}")).Order(StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<long>> RejectedAsync(IUsageStore store, string caller)
    {
        var ids = new List<long>();
        await foreach (RejectedRecord record in store.ReadRejectedAsync(caller, Cancel))
            ids.Add(record.Id);

        return ids;
    }

    private async Task<string> SeesAsync(string role, string first)
    {
        await using var asRole = NpgsqlDataSource.Create(Test.ConnectionString + ";Username=" + role);
        await using NpgsqlConnection connection = await asRole.OpenConnectionAsync(Cancel);
        if (first.Length > 0)
        {
            await using var act = new NpgsqlCommand(first, connection);
            await act.ExecuteNonQueryAsync(Cancel);
        }

        await using var read = new NpgsqlCommand("SELECT (SELECT count(*) FROM billing_usage_daily_summary) || ' ' || (SELECT count(*) FROM usage_buckets)", connection);
        return (string)(await read.ExecuteScalarAsync(Cancel))!;
    }

    private static string NewRole() => "nself_" + Guid.NewGuid().ToString("N")[..8];

    private async Task AdoptAsync()
    {
        await Test.QueryAsync(NselfDatabase.Tables + NselfDatabase.SomeUsage);
        await Store.InitializeAsync(Cancel);
    }

    private async Task ExpectSilenceAsync()
    {
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
    }

    /// <summary>All relations with their columns and rights, and functions; what a change of the schema would show in.</summary>
    private Task<string> FingerprintAsync() => Test.ScalarAsync(
        """
        SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
            SELECT format('%s %s %s %s %s %s', c.oid, c.relname, c.relkind, c.relacl, a.attname, format_type(a.atttypid, a.atttypmod)) AS line
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace
            UNION ALL SELECT format('%s %s', p.proname, p.prosrc) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
            UNION ALL SELECT format('%s', r) FROM billing_usage_records r) x
        """);
}
